#!/usr/bin/env bash
# labunits 0.2.1 (PyPI): laboratory values between traditional and SI units, by LOINC code.
# One expects: norepinephrine of 300 pg/mL is 1.77 nmol/L (its molar mass is 169.2 g/mol), as epinephrine of 300 pg/mL is
#   1638 pmol/L (183.2 g/mol); an activity of 8 U/mL is 8000 U/L, as a litre has a thousand millilitres.
# Seen: norepinephrine is 1773 nmol/L, a thousand times too much: the factor is that of pmol/L, the unit nmol/L. Its
#   neighbour, epinephrine, is right. Acetylcholinesterase of 8 U/mL is 8 U/L, a thousand times too little.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check labunits==0.2.1
seen=$("$folder/env/bin/python" - <<'END'
from labunits.converters import si_unit, to_si_unit, traditional_unit

for name, loinc, value in (
    ("norepinephrine", "2666-6", 300), ("epinephrine", "1465-4", 300), ("acetylcholinesterase", "2099-0", 8)):
    print(name, value, traditional_unit(loinc), "is", round(to_si_unit(value, loinc), 2), si_unit(loinc))
END
)
expected=$(cat <<'END'
norepinephrine 300 pg/mL is 1773.0 nmol/L
epinephrine 300 pg/mL is 1638.0 pmol/L
acetylcholinesterase 8 U/mL is 8.0 U/L
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
