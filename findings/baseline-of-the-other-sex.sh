#!/usr/bin/env bash
# akiFlagger 1.0.10 (PyPI; with pandas 1.5.3 and numpy 1.26.4): acute kidney injury by KDIGO. Where no earlier creatinine is
#   known, eGFR_impute takes the one that makes an eGFR of 75 by age and sex (CKD-EPI 2021: kappa 0.7 in women, 0.9 in men).
# One expects: the same answer whether the table says female, True for women, or male, True for men: the package has a branch of
#   its own for a column called male. And the table is afterwards what it was.
# Seen: a column called male is turned round twice. A woman of 60 has a man's baseline, and with a creatinine of 1.3 mg/dL she has
#   no kidney injury; a man has a woman's, and with 1.2 he has one. In the table that was handed in women are now male.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check akiFlagger==1.0.10 pandas==1.5.3 numpy==1.26.4
seen=$("$folder/env/bin/python" -W ignore - <<'END'
import pandas
from akiFlagger import AKIFlagger

for column in ("female", "male"):
    table = pandas.DataFrame([
        {"patient_id": who, column: (who == "woman") == (column == "female"), "age": 60, "inpatient": True,
         "time": pandas.Timestamp(f"2026-11-{day} 08:00"), "creatinine": creatinine}
        for who, creatinine in (("woman", 1.3), ("man", 1.2)) for day in (29, 30)
    ])
    flagger = AKIFlagger(sex=column, HB_trumping=True, eGFR_impute=True, add_baseline_creat=True)
    flagged = flagger.returnAKIpatients(table).reset_index()
    for who in ("woman", "man"):
        last = flagged[flagged["patient_id"] == who].iloc[-1]
        after = table[table["patient_id"] == who].iloc[-1]
        print(f"{column}: {who} {last['creatinine']} mg/dL, baseline {last['baseline_creat']:.2f}, stage {last['aki']},",
              f"in the table {column} is", after[column])
END
)
expected=$(cat <<'END'
female: woman 1.3 mg/dL, baseline 0.88, stage 1, in the table female is True
female: man 1.2 mg/dL, baseline 1.12, stage 0, in the table female is False
male: woman 1.3 mg/dL, baseline 1.12, stage 0, in the table male is True
male: man 1.2 mg/dL, baseline 0.88, stage 1, in the table male is False
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
