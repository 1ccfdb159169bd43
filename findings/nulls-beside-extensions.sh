#!/usr/bin/env bash
# google-fhir-r4 0.11.0 (PyPI): FHIR JSON as protocol buffers, and back.
# One expects: what FHIR's JSON page lays down: in an array of primitives a null stands where there is only an
#   extension, and the other way round; an instant has as many digits of a second as its server keeps.
# Seen: a null in the place of a value makes the whole resource unreadable, with the message of another fault (a text
#   that does not fit its pattern); a null in the place of an extension does not. Seven digits of a second, as servers
#   on .NET write meta.lastUpdated, are "Invalid Instant".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check google-fhir-r4==0.11.0
seen=$("$folder/env/bin/python" - <<'END'
import json

from google.fhir.r4 import json_format
from google.fhir.r4.proto.core.resources.patient_pb2 import Patient

ABSENT = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}
    ]
}
QUALIFIED = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/iso21090-EN-qualifier", "valueCode": "CL"}
    ]
}
ASKED = {
    "one given name masked": {"name": [{"given": ["A", None], "_given": [None, ABSENT]}]},
    "an extension of one name": {"name": [{"given": ["A", "B"], "_given": [None, QUALIFIED]}]},
    "a date masked": {"_birthDate": ABSENT},
    "six digits": {"meta": {"lastUpdated": "2026-11-30T10:00:00.123456+00:00"}},
    "seven digits": {"meta": {"lastUpdated": "2026-11-30T10:00:00.1234567+00:00"}},
}
for title, part in ASKED.items():
    try:
        json_format.json_fhir_string_to_proto(
            json.dumps({"resourceType": "Patient", **part}), Patient
        )
        print(f"{title}: read")
    except Exception as error:
        print(f"{title}: {type(error).__name__}")
END
)
printf '%s\n' "$seen"
expected='one given name masked: InvalidFhirError
an extension of one name: read
a date masked: read
six digits: read
seven digits: InvalidFhirError'
[ "$seen" = "$expected" ] || { echo 'This has changed.' >&2; exit 1; }
