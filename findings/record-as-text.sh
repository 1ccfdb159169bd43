#!/usr/bin/env bash
# fhiry 5.2.2 (PyPI): resources of a record as sentences for a reader or a language model (FlattenFhir).
# One expects: less than 120 stays less than 120; a refuted diagnosis is left out or called refuted; a medicine that is
#   ordered is named, or there is an error for a type that is not known.
# Seen: the comparator is dropped, so that "<120" is 120; the refuted diagnosis "was diagnosed"; a MedicationRequest is
#   an empty text without a word, so a record of medicines alone reads as if there were none.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check fhiry==5.2.2
seen=$("$folder/env/bin/python" - 2>/dev/null <<'END'
import re

from fhiry.flattenfhir import FlattenFhir

sodium = {
    "resourceType": "Observation", "id": "s", "status": "final", "effectiveDateTime": "2026-11-20",
    "code": {"coding": [{"system": "http://loinc.org", "code": "2951-2", "display": "Sodium"}]},
    "valueQuantity": {"value": 120, "comparator": "<", "unit": "mmol/L"},
}
refuted = {
    "resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/1"}, "onsetDateTime": "2026-01-01",
    "verificationStatus": {"coding": [
        {"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "refuted"}]},
    "code": {"coding": [{"system": "http://snomed.info/sct", "code": "128053003", "display": "Deep vein thrombosis"}]},
}
ordered = {
    "resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order",
    "subject": {"reference": "Patient/1"}, "medicationCodeableConcept": {"text": "Furosemide 40 mg"},
}
for one in (sodium, refuted, ordered):
    # How long ago depends on the day on which this runs.
    print(repr(re.sub(r"(recorded|diagnosed) .*?(ago|now)", r"\1 (then)", FlattenFhir(one).flattened)))
END
)
expected=$(cat <<'END'
'Sodium recorded (then) was Value: 120 mmol/L. '
'Deep vein thrombosis was diagnosed (then). '
''
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
