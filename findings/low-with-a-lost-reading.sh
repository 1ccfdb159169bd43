#!/usr/bin/env bash
# glucose-stats 0.0.7 (PyPI; with pandas 2.2.3, numpy 1.26.4): low and high glucose of continuous monitors, "according to" the
#   consensus of 2017 that it names (Danne, Diabetes Care 40:1631).
# One expects: low glucose is 15 minutes or more under 70 mg/dL, and ends with 15 minutes above: 25 minutes of 60 with one reading
#   lost in the middle are a low, as without the loss; a record may begin with a low; one reading of 60 at the end is none.
# Seen: a lost reading counts as above the limit, so that both halves are too short and nothing was low. A record that begins low and
#   has another low later ends with an AssertionError ("something wrong with your event list"). The last reading alone is a low, for
#   what has no end is not measured.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check setuptools==75.8.0 wheel==0.45.1
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps --no-build-isolation glucose-stats==0.0.7 pandas==2.2.3 \
  numpy==1.26.4 python-dateutil==2.9.0 pytz==2024.2 tzdata==2024.2 six==1.16.0
seen=$("$folder/env/bin/python" -W ignore - <<'END'
import pandas
from glucosestats.stats import hypo

LOST = float("nan")
for text, readings in [
    ("25 minutes", [100, 60, 60, 60, 60, 60, 100]),
    ("25 minutes, one reading lost", [100, 60, 60, LOST, 60, 60, 100]),
    ("10 minutes", [100, 60, 60, 100]),
    ("the last reading", [100, 100, 100, 60]),
    ("from the first reading on", [60, 60, 60, 60, 60, 100]),
    ("from the first reading on, and later", [60, 60, 60, 60, 60, 100, 100, 100, 100, 60, 60, 60, 60, 60, 100]),
]:
    times = pandas.date_range("2026-11-30 08:00", periods=len(readings), freq="5min")
    try:
        low = hypo(pandas.Series(readings, index=times, dtype=float)).sum()
        print(f"{text}: {low:.0f} readings in a low")
    except AssertionError as refused:
        print(f"{text}: AssertionError, {refused}")
END
)
expected=$(cat <<'END'
25 minutes: 5 readings in a low
25 minutes, one reading lost: 0 readings in a low
10 minutes: 0 readings in a low
the last reading: 1 readings in a low
from the first reading on: 5 readings in a low
from the first reading on, and later: AssertionError, Oops, there is something wrong with your event list. Start 2026-11-30 08:45:00 is larger than end 2026-11-30 08:20:00.
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
