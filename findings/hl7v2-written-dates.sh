#!/usr/bin/env bash
# hl7-date 1.0.1 (npm) and hl7parser 0.7.5 (PyPI): times of HL7 v2 (data type DTM of v2.5.1, chapter 2A) as they are written.
# One expects: a birth on 1 March 1970 is 19700301, one on 1 January 19700101; half past eight in Berlin has the offset
#   +0100, and half past eight in Newfoundland, read with -0330, is written with -0330.
# Seen: hl7-date leaves out what it takes for zero, the first of a month and January too: 197003 is some day of that
#   month, 1970 some day of that year. East of Greenwich its offset is +-100, which is no offset. hl7parser rounds the
#   hour of a western offset away from zero: -0330 becomes -0430, an hour off.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund hl7-date@1.0.1 >/dev/null
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check hl7parser==0.7.5
cat >look.js <<'END'
const { stringify } = require('hl7-date');
console.log('born', stringify(new Date(1970, 2, 2)), stringify(new Date(1970, 2, 1)), stringify(new Date(1970, 0, 1)));
console.log('seen', stringify(new Date(2026, 10, 30, 8, 30)));
END
cat >look.py <<'END'
from hl7parser.hl7 import HL7Message

header = "MSH|^~\\&|LAB|HOSP|EHR|HOSP|202611300830-0330||ORU^R01|1|P|2.5.1\rPID|1||1||Example^Ann||19700301|F\r"
print("sent", str(HL7Message(header)).split("|")[6])
END
seen=$(TZ=Europe/Berlin node look.js; env/bin/python look.py)
expected=$(cat <<'END'
born 19700302 197003 1970
seen 202611300830+-100
sent 202611300830-0430
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
