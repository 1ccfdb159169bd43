#!/usr/bin/env bash
# brightohir 2.1.2 (PyPI): a laboratory result of HL7 v2 as FHIR.
# One expects: LN, HL7's own short name of LOINC, becomes http://loinc.org; a structured number <^120 becomes a
#   Quantity with the comparator <; the time keeps its offset +0100 as +01:00.
# Seen: the system is the text "LN"; the number is the text "<^120", without comparator and unit; the offset is cut to
#   "+0", which is no dateTime. A reader that looks for LOINC and for a Quantity passes the critical result over.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check brightohir==2.1.2
seen=$("$folder/env/bin/python" - 2>/dev/null <<'END'
import brightohir

message = "\r".join([
    r"MSH|^~\&|LAB|HOSP|EHR|HOSP|20261120150000+0100||ORU^R01^ORU_R01|1|P|2.5.1",
    "PID|1||123^^^HOSP^MR||Doe^Jane||19700301|F",
    "OBR|1|||24323-8^CMP^LN|||202611201430+0100",
    "OBX|1|SN|2951-2^Sodium^LN||<^120|mmol/L|135-145|LL|||F|||202611201430+0100",
])
bundle = brightohir.v2_to_r5(message)
(lab,) = [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Observation"]
print(lab["code"]["coding"][0]["system"])
print(lab.get("valueQuantity"), lab.get("valueString"))
print(lab["effectiveDateTime"])
END
)
expected=$(cat <<'END'
LN
None <^120
2026-11-20T14:30:+0
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
