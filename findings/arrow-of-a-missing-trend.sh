#!/usr/bin/env bash
# pylibrelinkup 0.11.2 (PyPI): the glucose that a sensor's service reports (GlucoseMeasurementWithTrend).
# One expects: where a reading comes without an arrow, as the package's own class lets it, the trend is unknown, for which there
#   is a value (Trend.UNKNOWN, "?").
# Seen: the trend is STABLE, with an arrow to the right: 3.4 mmol/L, of which nobody knows whether it falls, looks calm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check pylibrelinkup==0.11.2
seen=$("$folder/env/bin/python" - <<'END'
from pylibrelinkup.models.data import GlucoseMeasurementWithTrend

at = {"FactoryTimestamp": "11/30/2026 8:00:00 AM", "Timestamp": "11/30/2026 9:00:00 AM", "isHigh": False, "isLow": True}
for given in ({"Value": 3.4, "ValueInMgPerDl": 61, "TrendArrow": 1}, {"Value": 3.4, "ValueInMgPerDl": 61}):
    read = GlucoseMeasurementWithTrend.model_validate({**at, **given})
    print(given, "->", read.value, read.value_in_mg_per_dl, read.trend.name, read.trend.indicator)
END
)
expected=$(cat <<'END'
{'Value': 3.4, 'ValueInMgPerDl': 61, 'TrendArrow': 1} -> 3.4 61.0 DOWN_FAST ↓
{'Value': 3.4, 'ValueInMgPerDl': 61} -> 3.4 61.0 STABLE →
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
