#!/usr/bin/env bash
# withings-api 2.4.0 (PyPI; with pydantic 1.10.24): measurements of scales and blood pressure monitors of Withings.
# One expects: get_measure_value gives a measurement: of its category 1 (real), and of this user; Withings marks goals as category 2
#   and what may be another person's as attribution 1, and the package has a name for both.
# Seen: it gives the first value of the type, whatever it is: the goal of 60 kg is the weight, before the 92 kg that were measured;
#   the blood pressure of whoever else stands on the device is the user's. Attributions can be asked for, categories cannot.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps withings-api==2.4.0 arrow==1.3.0 pydantic==1.10.24 \
  requests-oauthlib==2.0.0 oauthlib==3.2.2 requests==2.32.3 urllib3==2.2.3 idna==3.10 certifi==2024.8.30 charset-normalizer==3.4.0 \
  python-dateutil==2.9.0 types-python-dateutil==2.9.0.20241003 six==1.16.0 typing-extensions==4.12.2
cat >"$folder/look.py" <<'END'
from withings_api.common import MeasureGetMeasResponse, MeasureGroupAttribs, MeasureType, get_measure_value


def group(number, attribution, category, kind, value, unit):
    return {"grpid": number, "attrib": attribution, "category": category, "date": 1796000000, "created": 1796000000,
            "deviceid": None, "measures": [{"type": kind, "value": value, "unit": unit}]}


answer = MeasureGetMeasResponse(updatetime=1796000000, timezone="Europe/Berlin", measuregrps=[
    group(1, 2, 2, 1, 60000, -3), group(2, 0, 1, 1, 92000, -3),
    group(3, 1, 1, 10, 118, 0), group(4, 0, 1, 10, 184, 0)])
for kind in (MeasureType.WEIGHT, MeasureType.SYSTOLIC_BLOOD_PRESSURE):
    print(kind.name, get_measure_value(answer, kind), "- of this user alone:",
          get_measure_value(answer, kind, MeasureGroupAttribs.UNAMBIGUOUS))
END
seen=$("$folder/env/bin/python" "$folder/look.py")
expected=$(cat <<'END'
WEIGHT 60.0 - of this user alone: 60.0
SYSTOLIC_BLOOD_PRESSURE 118.0 - of this user alone: 184.0
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
