#!/usr/bin/env bash
# hl7conv2 0.2.5 (PyPI): an HL7 v2 message as JSON.
# One expects: an escaped separator is text: 10\S\3/uL is one component, 10^3/uL. A field keeps the number that HL7
#   gives it: the type of the message is MSH-9.
# Seen: the escape is undone before the field is cut, so that 10^3/uL becomes two components, 10 and 3/uL. The
#   separator is not counted as MSH-1: the type of the message stands under 8, its time under 6.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check hl7conv2==0.2.5
seen=$("$folder/env/bin/python" - <<'END'
from hl7conv2 import Hl7Json

message = "\r".join([
    r"MSH|^~\&|LAB|HOSP|EHR|HOSP|202611201500||ORU^R01|1|P|2.5.1",
    "PID|1||123^^^HOSP^MR||Doe^Jane||19700301|F",
    r"OBX|1|NM|6690-2^Leukocytes^LN||7.1|10\S\3/uL|||||F",
    "",
])
header, _, result, *_ = Hl7Json(message).hl7_json
print({name: value for name, value in sorted(header.items()) if value in ("ORU", "R01", "202611201500")})
print({name: value for name, value in sorted(result.items()) if name.startswith("6")})
END
)
expected=$(cat <<'END'
{'6': '202611201500', '8.1': 'ORU', '8.2': 'R01'}
{'6.1': '10', '6.2': '3/uL'}
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
