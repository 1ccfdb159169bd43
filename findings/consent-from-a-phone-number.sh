#!/usr/bin/env bash
# fhir-flex 2.0.0 (PyPI; imported as fhir_simple): a FHIR Patient as a flat record for a care programme.
# One expects: consent is not in a Patient (FHIR has Consent for it), so it is unknown; a Patient that does not say
#   active counts as active (FHIR R4, Patient.active); the name in use is not the one whose use is old (HumanName.use).
# Seen: whoever has a telephone number consents to messages and to calls, also where the number is old; without active
#   the status is inactive beside an active_status of true; the first name is taken, which may be the old one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check fhir-flex==2.0.0
seen=$("$folder/env/bin/python" - <<'END'
from fhir_simple.patient_mapping import fhir_patient_to_detailed_json

flat = fhir_patient_to_detailed_json({
    "resourceType": "Patient", "id": "1", "gender": "female", "birthDate": "1970-03-01",
    "name": [{"use": "old", "family": "Before", "given": ["Ann"]},
             {"use": "official", "family": "Example", "given": ["Ann"]}],
    "telecom": [{"system": "phone", "use": "old", "value": "555-0100"}],
})
for key in ("is_consent_to_message", "is_consent_to_call", "phone", "status", "active_status", "last_name"):
    print(key, flat[key])
END
)
expected=$(cat <<'END'
is_consent_to_message True
is_consent_to_call True
phone 555-0100
status inactive
active_status True
last_name Before
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
