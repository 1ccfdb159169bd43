#!/usr/bin/env bash
# diametrics 0.4.3 (PyPI; with pandas 2.2.3 and numpy 1.26.4): glucose of a sensor, its units and the words "Low" and "High".
# One expects: the unit is said (Dexcom and Libre name it in the column), or that it cannot be told: a glucose of 34 mg/dL is rare,
#   dangerous and real. change_units turns mg/dL into mmol/L; "Low" is under 40 mg/dL, and a value of 120 stays one.
# Seen: the unit is guessed from the lowest value of all: one of 34 makes the whole record mmol/L, so that change_units turns the
#   34 into 610 and 120 into 2154, and the limits of all that follows are those of mmol/L. replace_cutoffs takes mmol/L without
#   asking: in mg/dL each number above 22.3 becomes 22.3, so that 62 and 120 are the same.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps diametrics==0.4.3 pandas==2.2.3 numpy==1.26.4 \
  python-dateutil==2.9.0 pytz==2024.2 tzdata==2024.2 six==1.16.0
cat >"$folder/look.py" <<'END'
import pandas as pd
from diametrics import preprocessing


def day(*values):
    return pd.DataFrame({"time": pd.date_range("2026-11-29", periods=len(values), freq="5min"), "glc": values})


for lowest in (36.0, 34.0):
    values = day(lowest, 62.0, 120.0, 180.0)
    print(lowest, preprocessing.detect_units(values), preprocessing.change_units(values).glc.tolist())
print("Low, 62, 120:", preprocessing.replace_cutoffs(day("Low", "62", "120")).glc.tolist())
END
seen=$("$folder/env/bin/python" -W ignore "$folder/look.py")
expected=$(cat <<'END'
36.0 mg [2.0, 3.5, 6.7, 10.0]
34.0 mmol [610, 1113, 2154, 3232]
Low, 62, 120: [2.1, 22.3, 22.3]
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
