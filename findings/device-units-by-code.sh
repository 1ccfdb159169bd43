#!/usr/bin/env bash
# devicecodex 0.0.2 (PyPI): convert_value(code, value, source_unit) for data of devices and wearables.
# One expects: a value that already has the target unit stays as it is; 70 kg is 70 kg, 37 Cel is 37 Cel.
# Seen: the unit is taken from the code alone (as its docstring says, source_unit is not used yet): each body weight is
#   taken for pounds, each height for inches, each temperature for Fahrenheit. Nothing says so in the result.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check devicecodex==0.0.2
seen=$("$folder/env/bin/python" - 2>/dev/null <<'END'
from devicecodex.transforms.unit_conversions import convert_value

for code, value, unit in (("29463-7", 70, "kg"), ("8302-2", 180, "cm"), ("8310-5", 37, "Cel")):
    print(unit, round(convert_value(code, value, unit), 2))
END
)
expected=$(cat <<'END'
kg 31.75
cm 457.2
Cel 2.78
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
