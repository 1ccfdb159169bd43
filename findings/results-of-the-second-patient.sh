#!/usr/bin/env bash
# hl7gen 0.2.0 (PyPI, with hl7apy 1.3.5 and fhir.resources 8.3.0): HL7 v2 messages as FHIR. Types that it does not know it refuses,
#   so as to convert none in part.
# One expects: the results of two patients, whom ORU^R01 may hold (PATIENT_RESULT repeats), stay apart, or are refused; OBX-11
#   decides the status: X (cannot be obtained) is cancelled, W (posted as wrong) entered-in-error, P preliminary, C corrected.
# Seen: the second patient's potassium of 7.1 stands beside the first as the only Patient, without a subject; each result is final.
#   Identifiers, code systems and times are left out: nothing tells whose a result is, when it was taken, or that it was withdrawn.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check hl7gen==0.2.0 hl7apy==1.3.5 fhir.resources==8.3.0
seen=$("$folder/env/bin/python" -W ignore - <<'END'
from hl7gen.fhir_export import message_to_fhir

message = "\r".join((
    r"MSH|^~\&|LAB|H|EHR|H|20261130083000||ORU^R01^ORU_R01|1|P|2.5",
    "PID|1||123^^^H^MR||Doe^Jane||19700301|F",
    "OBR|1|||24323-8^Panel^LN|||20261130070000",
    "OBX|1|NM|2823-3^Potassium^LN||6.9|mmol/L|||||X",
    "OBX|2|NM|2951-2^Sodium^LN||118|mmol/L|||||W",
    "OBX|3|NM|2075-0^Chloride^LN||99|mmol/L|||||P",
    "PID|2||124^^^H^MR||Roe^John||19650402|M",
    "OBR|1|||24323-8^Panel^LN|||20261130071500",
    "OBX|1|NM|2823-3^Potassium^LN||7.1|mmol/L|||||F"))
for entry in message_to_fhir(message, "R4B")["entry"]:
    one = entry["resource"]
    if one["resourceType"] == "Patient":
        print("Patient", one["name"][0]["family"], "identifier", one.get("identifier"))
    else:
        print(one["status"], one["code"]["text"], one["valueQuantity"]["value"], "system", one["code"]["coding"][0].get("system"),
              "subject", one.get("subject"), "time", one.get("effectiveDateTime"))
END
)
expected=$(cat <<'END'
Patient Doe identifier None
final Potassium 6.9 system None subject None time None
final Sodium 118.0 system None subject None time None
final Chloride 99.0 system None subject None time None
final Potassium 7.1 system None subject None time None
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
