#!/usr/bin/env bash
# moisscode 3.0.2 (PyPI): NEWS2, the early warning score of the Royal College of Physicians, with what is to be done.
# One expects: breathing oxygen is 2 points; a single parameter with 3 points asks for an urgent review, whatever the sum; what was not
#   measured is named, or no score is given.
# Seen: oxygen is not among the parameters, so that who is on it with 5 points has 3; urgent review is told at a sum of exactly 3, and of
#   4, among them 3 for a pulse of 135, it is "Continue routine monitoring". Of nobody who was measured the score is 0, "LOW".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check moisscode==3.0.2
seen=$("$folder/env/bin/python" - <<'END'
from types import SimpleNamespace

from moisscode.modules.med_scores import ClinicalScores

WELL = {"rr": 16, "spo2": 98, "bp": 125, "hr": 80, "temp": 37.0, "gcs": 15}
for what, measured in (
        ("on oxygen, 95 %, rate 22 (5 points)", {**WELL, "on_oxygen": True, "supplemental_o2": True, "fio2": 0.4, "spo2": 95, "rr": 22}),
        ("pulse 135 (3) and 38.5 Cel (1)", {**WELL, "hr": 135, "temp": 38.5}),
        ("three parameters with one point each", {**WELL, "hr": 95, "temp": 38.5, "bp": 105}),
        ("nothing measured", {})):
    told = ClinicalScores.news2(SimpleNamespace(**measured))
    print(f"{what}: {told['score']}, {told['risk']}, {told['action']}")
END
)
expected=$(cat <<'END'
on oxygen, 95 %, rate 22 (5 points): 3, LOW-MEDIUM, Urgent ward-based review
pulse 135 (3) and 38.5 Cel (1): 4, LOW, Continue routine monitoring
three parameters with one point each: 3, LOW-MEDIUM, Urgent ward-based review
nothing measured: 0, LOW, Continue routine monitoring
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
