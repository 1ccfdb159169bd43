#!/usr/bin/env bash
# ehds-anon-kit 0.1.0 (PyPI; with pydantic 2.11.7 and pyyaml 6.0.2): de-identifies FHIR R4 for secondary use; days are moved by up
#   to 90.
# One expects: all days of a patient are moved by the same number, as the package says of its shift, so that their order and the
#   days between them stay.
# Seen: each Observation and Encounter is moved by its own number, which comes from its own id. With the key of this script a
#   creatinine that rises from 1.0 to 2.4 mg/dL in four days of a stay falls from 2.4 to 1.0 in forty, all before the stay.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check ehds-anon-kit==0.1.0 pydantic==2.11.7 pyyaml==6.0.2
seen=$(KEY=example "$folder/env/bin/python" -W ignore - <<'END'
from datetime import date

from ehds_anon.fhir_anon import anonymize_bundle
from ehds_anon.profiles import load_profile
from ehds_anon.pseudonymisation import PseudonymGenerator

subject = {"reference": "Patient/p"}
stay = {"resourceType": "Encounter", "id": "stay", "status": "finished", "class": {"code": "IMP"}, "subject": subject,
        "period": {"start": "2026-11-01", "end": "2026-11-06"}}
results = [
    {"resourceType": "Observation", "id": name, "status": "final", "subject": subject, "effectiveDateTime": day,
     "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]}, "valueQuantity": {"value": value, "unit": "mg/dL"}}
    for name, day, value in (("first", "2026-11-01", 1.0), ("second", "2026-11-03", 1.6), ("third", "2026-11-05", 2.4))
]
bundle = {"resourceType": "Bundle", "type": "collection", "entry": [
    {"resource": one} for one in ({"resourceType": "Patient", "id": "p", "birthDate": "1970-03-01"}, stay, *results)
]}
moved = anonymize_bundle(bundle, load_profile("ehds-secondary-default"), PseudonymGenerator("env:KEY")).bundle
for before, after in zip(bundle["entry"], moved["entry"], strict=True):
    old, new = before["resource"], after["resource"]
    if old["resourceType"] != "Patient":
        was, now = (one.get("effectiveDateTime") or one["period"]["start"] for one in (old, new))
        text = f"creatinine {old['valueQuantity']['value']}" if "valueQuantity" in old else "start of the stay"
        print(f"{text}: {was} is {now}, moved by {(date.fromisoformat(now) - date.fromisoformat(was)).days}")
print("of one patient:", len({one["resource"]["subject"]["reference"] for one in moved["entry"][1:]}) == 1)
END
)
expected=$(cat <<'END'
start of the stay: 2026-11-01 is 2027-01-06, moved by 66
creatinine 1.0: 2026-11-01 is 2026-10-17, moved by -15
creatinine 1.6: 2026-11-03 is 2026-09-29, moved by -35
creatinine 2.4: 2026-11-05 is 2026-09-07, moved by -59
of one patient: True
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
