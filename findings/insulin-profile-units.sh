#!/usr/bin/env bash
# py-nightscout 1.3.3 (PyPI): the insulin profile of a Nightscout site (a store of continuous glucose monitoring).
# One expects: a profile says its units, mg/dl or mmol; a site in mmol/L has a sensitivity of 2.5 mmol/L per unit, targets
#   of 5.0 to 6.5, and a carbratio of 10 g per unit. The attributes of Profile are documented as mg/dl, so they are
#   converted (45 mg/dl), or the units come along; carb_ratio is 10.
# Seen: the numbers are taken as they are and the units are dropped: read as documented, a unit lowers the glucose by
#   2.5 mg/dl, eighteen times less than it does. carb_ratio is never filled: Nightscout's key is carbratio.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check py-nightscout==1.3.3
seen=$("$folder/env/bin/python" -W ignore - <<'END'
from datetime import datetime, timezone

from py_nightscout.models import Profile

day = [{"time": "00:00", "timeAsSeconds": "0"}]
profile = Profile.new_from_json_dict({
    "dia": "5", "timezone": "UTC", "units": "mmol",
    **{key: [{**day[0], "value": value}] for key, value in (
        ("carbratio", "10"), ("sens", "2.5"), ("basal", "0.5"), ("target_low", "5.0"), ("target_high", "6.5"))},
})
noon = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)
for name in ("sens", "target_low", "target_high"):
    print(name, getattr(profile, name).value_at_date(noon))
print("units", getattr(profile, "units", "are not there"))
print("carb_ratio", profile.carb_ratio)
END
)
expected=$(cat <<'END'
sens 2.5
target_low 5.0
target_high 6.5
units are not there
carb_ratio None
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
