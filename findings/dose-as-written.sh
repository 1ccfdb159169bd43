#!/usr/bin/env bash
# dose-instruction-parser 2025.1024a0 (PyPI; Python 3.11 at most): dose instructions as written, prepared for its model and
#   read as numbers. The package comes from a British health service, where "od" on a prescription means once a day.
# One expects: "10 mcg od" stays once a day; .5 mg stays half a milligram, or is not read; "5 ml ( 250 mg )" is 5 ml or
#   250 mg; of "every 8 to 12 hours" the shorter time is kept, as its warning says ("Using lowest unit").
# Seen: "od" becomes the right eye (oculus dexter), so a dose by mouth has an eye and no frequency; .5 mg becomes 5 mg;
#   5 ml and 250 mg are multiplied to 1250 mg; 8 to 12 hours is 12, since "12" comes before "8" as a text.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check dose-instruction-parser==2025.1024a0
seen=$("$folder/env/bin/python" -W ignore - <<'END'
from dose_instruction_parser.di_dosage import get_dosage_info
from dose_instruction_parser.di_frequency import get_frequency_info
from dose_instruction_parser.di_prepare import pre_process

for written in ("10 mcg od", "take .5mg"):
    print(written, "->", pre_process(written))
print("5 mg ->", get_dosage_info("5 mg"))
for written in ("5 ml", "5 ml ( 250 mg )"):
    print(written, "->", get_dosage_info(written))
for written in ("every 8 hours", "every 8 to 12 hours"):
    print(written, "->", get_frequency_info(written))
END
)
expected=$(cat <<'END'
10 mcg od -> 10 mcg right eye
take .5mg -> take . 5 mg
5 mg -> (5.0, 5.0, 'mg')
5 ml -> (5.0, 5.0, 'ml')
5 ml ( 250 mg ) -> (1250.0, 1250.0, 'mg')
every 8 hours -> (1.0, 1.0, '8 Hour')
every 8 to 12 hours -> (1.0, 1.0, '12 Hour')
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
