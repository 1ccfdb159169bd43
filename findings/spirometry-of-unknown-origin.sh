#!/usr/bin/env bash
# spiro-zscore 0.4.0 (PyPI; with setuptools 75.8.0 and pandas 2.2.3): z-scores of spirometry by the GLI 2012 equations.
# One expects: where the ethnicity is missing, or a code that its table does not have, there is no z-score (nan), as
#   where the sex is missing; or that of group 5, other or mixed, as the equations have one.
# Seen: it counts as group 1, Caucasian: an FEV1 of 2.85 L is then below the lower limit of normal, and above it in group
#   5. Nothing in the result says what was assumed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check spiro-zscore==0.4.0 setuptools==75.8.0 pandas==2.2.3
seen=$("$folder/env/bin/python" -W ignore - <<'END'
import pandas
from spiro_zscore import zscore

people = pandas.DataFrame({
    "told": ["Caucasian", "other or mixed", "a code that is not there", "nothing", "no sex"],
    "ethnicity": [1, 5, 9, float("nan"), 1], "sex": [1, 1, 1, 1, float("nan")],
    "age": 50.0, "height": 175.0, "FEV1": 2.85,
})
for _, one in zscore(people, "FEV1", merge=True).iterrows():
    print(one["told"], round(one["Z-FEV1"], 2), "below the limit" if one["FEV1"] < one["LLN-FEV1"] else "-")
END
)
expected=$(cat <<'END'
Caucasian -1.86 below the limit
other or mixed -1.44 -
a code that is not there -1.86 below the limit
nothing -1.86 below the limit
no sex nan -
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
