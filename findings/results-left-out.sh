#!/usr/bin/env bash
# fhir-parser 0.1.5 (PyPI): the Observations and Patients of a FHIR Bundle as objects, read as its class FHIR reads them
#   where nothing else is said (ignore_errors is true).
# One expects: four results and a patient: encounter, issued, category and the display of a coding are optional in FHIR
#   R4 (each 0..1 or 0..*), as are telecom, address, maritalStatus and communication of a Patient.
# Seen: a resource without one of them is left out, and nothing says so: of four potassium results one is left, the
#   dangerous ones are gone, and the patient is not there at all. A result below a limit (< 2.5) has lost the sign.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check fhir-parser==0.1.5
seen=$("$folder/env/bin/python" -W ignore - <<'END'
import json

from fhir_parser import FHIR
from fhir_parser.parser import str_to_observations, str_to_patients

CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def potassium(name, value, *without, display=True, **quantity):
    coding = {"system": "http://loinc.org", "code": "2823-3", **({"display": "Potassium"} if display else {})}
    one = {
        "resourceType": "Observation", "id": name, "status": "final",
        "category": [{"coding": [{"system": CATEGORY, "code": "laboratory"}]}],
        "code": {"coding": [coding]}, "subject": {"reference": "Patient/1"}, "encounter": {"reference": "Encounter/1"},
        "effectiveDateTime": "2026-11-30T08:00:00Z", "issued": "2026-11-30T09:00:00Z",
        "valueQuantity": {"value": value, "unit": "mmol/L", **quantity},
    }
    return {"resource": {key: part for key, part in one.items() if key not in without}}


patient = {"resource": {"resourceType": "Patient", "id": "1", "gender": "female", "birthDate": "1970-03-01",
                        "name": [{"family": "Example", "given": ["Ann"]}]}}
results = [potassium("limit", 2.5, comparator="<"), potassium("ambulatory", 6.9, "encounter"),
           potassium("not-yet-issued", 7.1, "issued"), potassium("code-alone", 7.4, display=False)]
quiet = FHIR("http://localhost/").ignore_errors
for one in str_to_observations(json.dumps([{"entry": results}]), ignore_errors=quiet):
    print(one.uuid, one.components[0])
print("patients", len(str_to_patients(json.dumps([{"entry": [patient]}]), ignore_errors=quiet)))
END
)
expected=$(cat <<'END'
limit Potassium: 2.5mmol/L
patients 0
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
