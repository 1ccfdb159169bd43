#!/usr/bin/env bash
# cgmzscore 3.3.1 (PyPI): growth of children under five by the WHO's standards, with words for it (z_score_with_class).
# One expects: the circumference of the arm (MUAC) is judged from six months on: the WHO's cut-offs of 11.5 and 12.5 cm are for
#   6 to 59 months (WHO and UNICEF, 2009); of a younger one there is no word.
# Seen: a newborn girl at the median of the standards in weight and length has SAM, severe acute malnutrition, by her arm, beside
#   a Healthy in everything else; so it is at three months. (At a year the same 11.4 cm would be SAM indeed.)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps cgmzscore==3.3.1
cat >"$folder/look.py" <<'END'
import json

import cgmzscore.src.main as growth

for weight, arm, days, length in (("3.2", "10.3", "0", "49.1"), ("5.8", "11.4", "91", "59.8"), ("8.9", "11.4", "365", "74")):
    told = json.loads(growth.z_score_with_class(weight=weight, muac=arm, age_in_days=days, sex="F", height=length))
    print(days, "days", told["z_score_wfh"], told["class_wfa"], told["class_wfh"], told["class_hfa"], "arm", told["class_wasting_muac"])
END
seen=$("$folder/env/bin/python" "$folder/look.py")
expected=$(cat <<'END'
0 days 0.09 Healthy Healthy Healthy arm SAM
91 days -0.04 Healthy Healthy Healthy arm SAM
365 days -0.07 Healthy Healthy Healthy arm SAM
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
