#!/usr/bin/env bash
# clifpy 2.1.0 (PyPI; with duckdb 2.0.1, pandas 2.3.3 and polars 2.1.0): SOFA scores of patients in intensive care (CLIF).
# One expects: without ventilation a PaO2/FiO2 under 200 has the 2 points of one under 300, as 3 and 4 are for patients with
#   respiratory support (Vincent 1996, the table of the score); worse oxygen never has fewer points. A vasopressor at a rate of
#   0, as it is recorded where an infusion was stopped, is none: the mean arterial pressure decides.
# Seen: without ventilation everything under 200 has 0 points: 80 on high flow oxygen scores less than 250 on a nasal cannula. The
#   package fills in 0 for what is missing, which this is not. A noradrenaline of 0 has 3 points, a dopamine of 0 has 2, with a
#   pressure of 85.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check clifpy==2.1.0 duckdb==2.0.1 pandas==2.3.3 polars==2.1.0
seen=$(cd "$folder" && "$folder/env/bin/python" -W ignore - 2>/dev/null <<'END'
import pandas
from clifpy.utils.sofa import MAX_ITEMS, MIN_ITEMS, compute_sofa

ARTERIAL = "PaO2 {po2_arterial:.0f} at FiO2 {fio2_set} by {device_category}"
people = [
    (ARTERIAL, {"po2_arterial": 100.0, "fio2_set": 0.4, "device_category": "Nasal Cannula"}),
    (ARTERIAL, {"po2_arterial": 75.0, "fio2_set": 0.5, "device_category": "High Flow NC"}),
    (ARTERIAL, {"po2_arterial": 64.0, "fio2_set": 0.8, "device_category": "High Flow NC"}),
    (ARTERIAL, {"po2_arterial": 64.0, "fio2_set": 0.8, "device_category": "IMV"}),
    ("pressure {map:.0f}", {"map": 85.0}),
    ("pressure {map:.0f}, noradrenaline {norepinephrine_mcg_kg_min}", {"map": 85.0, "norepinephrine_mcg_kg_min": 0.0}),
    ("pressure {map:.0f}, dopamine {dopamine_mcg_kg_min}", {"map": 85.0, "dopamine_mcg_kg_min": 0.0}),
]
nothing = dict.fromkeys([*MAX_ITEMS, *MIN_ITEMS], float("nan")) | {"device_category": None}
wide = pandas.DataFrame([
    nothing | {"hospitalization_id": str(n), "event_time": pandas.Timestamp("2026-11-30 08:00")} | given
    for n, (_, given) in enumerate(people)
])
scores = compute_sofa(wide, id_name="hospitalization_id").set_index("hospitalization_id")
for n, (text, given) in enumerate(people):
    one = scores.loc[str(n)]
    ratio = f" (ratio {one['p_f']:.0f})" if "po2_arterial" in given else ""
    print(f"{text.format(**given)}{ratio}: respiration {one['sofa_resp']:.0f}, circulation {one['sofa_cv_97']:.0f}")
END
)
expected=$(cat <<'END'
PaO2 100 at FiO2 0.4 by Nasal Cannula (ratio 250): respiration 2, circulation 0
PaO2 75 at FiO2 0.5 by High Flow NC (ratio 150): respiration 0, circulation 0
PaO2 64 at FiO2 0.8 by High Flow NC (ratio 80): respiration 0, circulation 0
PaO2 64 at FiO2 0.8 by IMV (ratio 80): respiration 4, circulation 0
pressure 85: respiration 0, circulation 0
pressure 85, noradrenaline 0.0: respiration 0, circulation 3
pressure 85, dopamine 0.0: respiration 0, circulation 2
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
