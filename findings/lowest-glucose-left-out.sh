#!/usr/bin/env bash
# cgmpy 0.6.0 (PyPI; with pandas 2.2.3 and what it draws with): a day of a glucose sensor, and how much of it was too low.
# One expects: where the export of a sensor says "Low", glucose is under what the sensor can measure (40 mg/dL; Dexcom's exports have
#   the word, in their own language too), so it counts as below 54 (consensus on time in range, 2019); or it is told that
#   values could not be read.
# Seen: such values are dropped, like those of a sensor that was off: four hours under 40 are no time at all below 54, and the time
#   in range is 95 % (79 % where the same hours are written as 39).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check --only-binary :all: cgmpy==0.6.0 pandas==2.2.3 numpy==1.26.4 \
  matplotlib==3.9.2 seaborn==0.13.2 pyarrow==18.1.0 openpyxl==3.1.5
cat >"$folder/look.py" <<'END'
import pandas as pd
from cgmpy import GlucoseAnalysis

times = pd.date_range("2026-11-29", periods=288, freq="5min").strftime("%Y-%m-%dT%H:%M:%S")
for word in ("Low", "39"):
    values = ["120"] * 60 + [word] * 48 + ["62"] * 12 + ["120"] * 168
    day = GlucoseAnalysis(pd.DataFrame({"time": times, "glucose": values}))
    print(f"{word}: below 54 {day.TBR_very_low():.1f} %, below 70 {day.TBR70():.1f} %, in range {day.TIR():.1f} %,",
          f"mean {day.mean():.0f}, complete {day.data_completeness()} %")
END
seen=$(cd "$folder" && MPLCONFIGDIR="$folder" env/bin/python -W ignore look.py 2>/dev/null)
expected=$(cat <<'END'
Low: below 54 0.0 %, below 70 5.0 %, in range 95.0 %, mean 117, complete 83 %
39: below 54 16.7 %, below 70 20.8 %, in range 79.2 %, mean 104, complete 100 %
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
