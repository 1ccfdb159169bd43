#!/usr/bin/env bash
# moisscode 3.0.2 (PyPI): from_fhir() makes a patient of a FHIR Bundle, as its scores and doses take it.
# One expects: units are converted or looked at, as its to_fhir() writes kg, Cel and mg/dL; a result that was entered in error is left out;
#   of two the later counts; the sex of somebody whose gender is unknown is not known; "<" stays.
# Seen: the number alone is read: 154 lb are 154 kg, 98.6 °F is a body temperature of 98.6, 88 umol/L of creatinine are 88 mg/dL.
#   Whatever stands last in the Bundle counts, by no date, also what was entered in error, and anybody who is not male is a woman.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check moisscode==3.0.2
seen=$("$folder/env/bin/python" - <<'END'
from moisscode.modules.med_fhir import FHIRBridge


def result(code, value, unit, when="2026-11-30", status="final", **more):
    return {"resource": {"resourceType": "Observation", "status": status, "effectiveDateTime": when,
                         "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
                         "valueQuantity": {"value": value, "system": "http://unitsofmeasure.org", "code": unit, **more}}}


bundle = {"resourceType": "Bundle", "type": "collection", "entry": [
    {"resource": {"resourceType": "Patient", "id": "1", "name": [{"family": "Doe", "given": ["Jo"]}], "gender": "unknown"}},
    result("29463-7", 154, "[lb_av]"), result("8310-5", 98.6, "[degF]"), result("2160-0", 88, "umol/L"),
    result("777-3", 20, "10*3/uL", comparator="<"),
    result("2524-7", 4.5, "mmol/L"), result("2524-7", 1.1, "mmol/L", when="2021-03-01"),
    result("8867-4", 82, "/min"), result("8867-4", 28, "/min", status="entered-in-error")]}
for name, value in FHIRBridge.from_fhir(bundle).items():
    print(f"{name}: {value}")
END
)
expected=$(cat <<'END'
name: Jo Doe
sex: F
weight: 154
temp: 98.6
creatinine: 88
platelets: 20
lactate: 1.1
hr: 28
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
