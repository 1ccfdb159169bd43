#!/usr/bin/env bash
# flat-fhir 0.1.4 (PyPI): a FHIR R4 Bundle as flat tables, and back as a Bundle (to_fhir).
# One expects: what the tables cannot hold is missing or said to be unknown when they become FHIR again.
# Seen: units are thrown away, and those of the package's own list are written: glucose of 5.5 mmol/L comes back as 5.5
#   mg/dL under the code of another test, a weight of 154 lb as 154 kg; less than 5 is 5. What was entered in error is
#   final. An order not to give ibuprofen is an order for it; a diagnosis and an allergy that were refuted are plain ones.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check flat-fhir==0.1.4
seen=$("$folder/env/bin/python" - <<'END'
from flat_fhir import FlatFHIR


def result(loinc, value, unit, status="final", **more):
    return {"resourceType": "Observation", "status": status, "subject": {"reference": "Patient/p"},
            "effectiveDateTime": "2026-11-01", "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
            "valueQuantity": {"value": value, "system": "http://unitsofmeasure.org", "code": unit, "unit": unit, **more}}


refuted = {"verificationStatus": {"coding": [{"code": "refuted"}]}}
person = {"reference": "Patient/p"}
back = FlatFHIR({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in (
    result("2339-0", 5.5, "mmol/L"), result("29463-7", 154, "[lb_av]"), result("19080-1", 5, "m[IU]/mL", comparator="<"),
    result("6298-4", 7.9, "mmol/L", status="entered-in-error"),
    {"resourceType": "MedicationRequest", "status": "active", "intent": "order", "doNotPerform": True, "subject": person,
     "medicationCodeableConcept": {"text": "Ibuprofen"}},
    {"resourceType": "Condition", "subject": person, "code": {"text": "Pulmonary embolism"}, **refuted},
    {"resourceType": "AllergyIntolerance", "patient": person, "code": {"text": "Penicillin"}, **refuted})]}).to_fhir()
for one in (entry["resource"] for entry in back["entry"]):
    value = one.get("valueQuantity", {})
    what = one.get("code", one.get("medicationCodeableConcept"))
    print(one["resourceType"], one.get("status"), what.get("coding", [what])[0].get("code", what["text"]),
          *(str(value[key]) for key in ("comparator", "value", "unit") if key in value),
          *(key for key in ("doNotPerform", "verificationStatus", "subject", "patient") if key in one))
END
)
expected=$(cat <<'END'
Observation final 29463-7 154 kg
Observation final 2345-7 5.5 mg/dL
Observation final 19080_1 5.0
Observation final 6298-4 7.9 mEq/L
MedicationRequest active Ibuprofen
Condition None Pulmonary embolism
AllergyIntolerance None Penicillin
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
