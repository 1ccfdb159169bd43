#!/usr/bin/env bash
# python-framingham10yr 0.1.6 (PyPI): the Framingham points of the Adult Treatment Panel III for ten years. Its command line below the
#   function is of Python 2, so the function is read from the installed file without it.
# One expects: the panel's tables (NCEP ATP III, 2001): at 35 a man has 9 points for a total cholesterol of 240-279 mg/dL and 11 from
#   280 on, more cholesterol never has fewer points; an HDL of 60 is one point less; a treated pressure of 130-139 mmHg has
#   2 points for a man. Seven points of a man are 3 %, eight are 4 %.
# Seen: from 280 to 289 the cholesterol has no points at all, at each age and of both sexes, as if it were under 160: 285 has less of
#   a risk than 200. An HDL of 60 has none less, 61 has. The treated pressure has 1 point; seven and eight points are 2 %.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check setuptools==75.8.0 wheel==0.45.1
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps --no-build-isolation python-framingham10yr==0.1.6
seen=$("$folder/env/bin/python" - <<'END'
import importlib.util
import pathlib

there = pathlib.Path(importlib.util.find_spec("framingham10yr").submodule_search_locations[0]) / "framingham10yr.py"
names = {}
exec(there.read_text().split('if __name__ ==')[0], names)


def told(text, sex="male", age=35, total=180, hdl=45, systolic=110, treated=False, smoker=True):
    answer = names["framingham_10year_risk"](sex, age, total, hdl, systolic, smoker, treated)
    print(f"{text}: {answer['points']} points, {answer['percent_risk']}")


for total in (155, 200, 279, 280, 285, 289, 290):
    told(f"man of 35, total {total}", total=total)
for total in (279, 285, 290):
    told(f"woman of 62, total {total}", "female", 62, total)
for hdl in (59, 60, 61):
    told(f"man of 52, HDL {hdl}", age=52, hdl=hdl)
for treated in (False, True):
    told(f"man of 62, 135 mmHg, {'treated' if treated else 'untreated'}", age=62, total=150, systolic=135, treated=treated)
told("man of 52, no smoker", age=52, total=150, smoker=False)
told("man of 57, no smoker, HDL 65", age=57, total=150, hdl=65, smoker=False)
told("man of 57, no smoker, HDL 55", age=57, total=150, hdl=55, smoker=False)
told("man of 57, no smoker", age=57, total=150, smoker=False)
END
)
expected=$(cat <<'END'
man of 35, total 155: 5 points, 2%
man of 35, total 200: 12 points, 10%
man of 35, total 279: 14 points, 16%
man of 35, total 280: 5 points, 2%
man of 35, total 285: 5 points, 2%
man of 35, total 289: 5 points, 2%
man of 35, total 290: 16 points, 25%
woman of 62, total 279: 16 points, 4%
woman of 62, total 285: 13 points, 2%
woman of 62, total 290: 17 points, 5%
man of 52, HDL 59: 11 points, 8%
man of 52, HDL 60: 11 points, 8%
man of 52, HDL 61: 10 points, 6%
man of 62, 135 mmHg, untreated: 13 points, 12%
man of 62, 135 mmHg, treated: 13 points, 12%
man of 52, no smoker: 7 points, 2%
man of 57, no smoker, HDL 65: 7 points, 2%
man of 57, no smoker, HDL 55: 8 points, 2%
man of 57, no smoker: 9 points, 5%
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
