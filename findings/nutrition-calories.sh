#!/usr/bin/env bash
# ucumvert 0.3.2 (PyPI), with pint 0.25.3: codes of UCUM as units of pint.
# One expects: UCUM's own meanings: [Cal], the Calorie on food, is a kilocalorie; g% is a gram in a decilitre;
#   [cft_i] is a cubic foot and ' a minute of arc.
# Seen: [Cal] is a calorie, a thousandth of it, though kcal is right beside it; g% is a gram times a hundredth, so a
#   haemoglobin in it cannot be compared with one in g/dL; [cft_i] is a hundredth of a foot, and ' is 60 seconds.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check ucumvert==0.3.2 pint==0.25.3
seen=$("$folder/env/bin/python" - <<'END'
from ucumvert import PintUcumRegistry

units = PintUcumRegistry()


def converted(code, target):
    try:
        value = (units.from_ucum(code) * 1).to(units.from_ucum(target).units).magnitude
        return f"{value:g} {target}"
    except Exception as error:
        return f"{type(error).__name__} to {target}"


for code, target in (
    ("kcal", "kJ"), ("[Cal]", "kJ"), ("g%", "g/dL"), ("[cft_i]", "L"), ("[cft_i]", "[ft_i]"), ("'", "s")
):
    print(code, "=", converted(code, target))
END
)
printf '%s\n' "$seen"
expected='kcal = 4.184 kJ
[Cal] = 0.004184 kJ
g% = DimensionalityError to g/dL
[cft_i] = DimensionalityError to L
[cft_i] = 0.01 [ft_i]
'"' = 60 s"
[ "$seen" = "$expected" ] || { echo 'This has changed.' >&2; exit 1; }
