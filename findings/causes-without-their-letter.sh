#!/usr/bin/env bash
# icdmap 0.1.1 (PyPI; with pandas 2.2.3): the group of a cause of death (Taiwan's list of 36) for a code of ICD-9 or ICD-10.
# One expects: a heart attack (I21) is among the heart diseases (I20-I25), a pneumonia (J18) among the pneumonias (J12-J18), each in
#   that group alone; I21.9, the heart attack that is not further specified, goes with I21.
# Seen: the letters are taken out before a code is compared with a range: I21 and J18 are in eleven groups, among them malignant
#   neoplasms (C00-C97), pregnancy (O00-O99) and accidents (V01-X59), J18 among the heart diseases too (I01-I02.0 is 1 to 20).
#   With its decimal I21.9 is 219, which is in no range, or the ICD-9 of a benign neoplasm where the source is not said.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps icdmap==0.1.1 pandas==2.2.3 numpy==1.26.4 tqdm==4.67.1 \
  python-dateutil==2.9.0 pytz==2024.2 tzdata==2024.2 six==1.16.0
seen=$("$folder/env/bin/python" - <<'END'
from icdmap import DeathCauseMapper

mapper = DeathCauseMapper()
for code, source in [("I21", "icd10"), ("J18", "icd10"), ("I21.9", "icd10"), ("I21.9", "auto"), ("410", "icd9")]:
    groups = mapper.convert(code, source)
    print(f"{code} as {source}: {len(groups)} groups")
    for group in groups:
        if group["CAUSE"] in (1, 2, 11, 16, 28, 33):
            print(f"  {group['Cause_English']} ({group['ICD10_RANGE']})")
END
)
expected=$(cat <<'END'
I21 as icd10: 11 groups
  Malignant neoplasms (C00-C97)
  Benign and in situ neoplasms (excluding malignant) (D00-D48)
  Heart diseases (excluding hypertensive diseases) (I01-I02.0, I05-I09, I20-I25, I27, I30-I52)
  Pregnancy, childbirth and the puerperium (O00-O99)
  Accidents (V01-X59, Y85-Y86)
J18 as icd10: 11 groups
  Malignant neoplasms (C00-C97)
  Benign and in situ neoplasms (excluding malignant) (D00-D48)
  Heart diseases (excluding hypertensive diseases) (I01-I02.0, I05-I09, I20-I25, I27, I30-I52)
  Pneumonia (J12-J18)
  Pregnancy, childbirth and the puerperium (O00-O99)
  Accidents (V01-X59, Y85-Y86)
I21.9 as icd10: 0 groups
I21.9 as auto: 1 groups
  Benign and in situ neoplasms (excluding malignant) (D00-D48)
410 as icd9: 1 groups
  Heart diseases (excluding hypertensive diseases) (I01-I02.0, I05-I09, I20-I25, I27, I30-I52)
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
