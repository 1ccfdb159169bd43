#!/usr/bin/env bash
# medcalc-bench 1.7.0 (PyPI): its conversion of concentrations, which its calculators share.
# One expects: creatinine (113.12 g/mol) of 1.0, 1.4 and 1.6 mg/dL is 88.4, 123.8 and 141.4 umol/L; 20 pmol/L of free
#   thyroxine (776.87 g/mol) is 0.00155 ug/dL. A pico is a thousandth of a nano (SI; UCUM's prefix p).
# Seen: it goes through grams, and each step is rounded to three decimal places: 1.4 mg is 0.001 g, so that 1.0 and 1.4
#   mg/dL are one value, and 1.6 is twice as much. Its pmol is 10^-9 mol: the thyroxine is a thousand times too much.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check medcalc-bench==1.7.0
seen=$("$folder/env/bin/python" - <<'END'
from medcalc.utils.unit_converter_new import conversion_explanation

for value in (1.0, 1.4, 1.6):
    print(value, "mg/dL is", conversion_explanation(value, "creatinine", 113.12, None, "mg/dL", "µmol/L")[1], "umol/L")
print("20 pmol/L is", conversion_explanation(20, "thyroxine", 776.87, None, "pmol/L", "µg/dL")[1], "ug/dL")
END
)
expected=$(cat <<'END'
1.0 mg/dL is 88.4 umol/L
1.4 mg/dL is 88.4 umol/L
1.6 mg/dL is 177.0 umol/L
20 pmol/L is 1.55 ug/dL
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
