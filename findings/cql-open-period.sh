#!/usr/bin/env bash
# cqlpy 0.3.1 (PyPI; with python-dateutil, which it imports and does not bring): a Period and two dateTimes of FHIR.
# One expects: a Period without an end goes on, so one begun in January overlaps November; 30 November 23:30 at -05:00
#   is later than 1 December 01:00 UTC.
# Seen: an open Period ends in the second in which it begins, so what a patient still takes overlaps nothing afterwards;
#   offsets are dropped, so that the later of the two times counts as the earlier one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check cqlpy==0.3.1 python-dateutil==2.9.0.post0
seen=$("$folder/env/bin/python" - <<'END'
from cqlpy.operators import before, overlaps
from cqlpy.types import DateTime, Interval

taken = Interval.parse_fhir_json({"start": "2026-01-10T08:00:00Z"}, DateTime)
november = Interval.parse_fhir_json({"start": "2026-11-01T00:00:00Z", "end": "2026-11-30T00:00:00Z"}, DateTime)
print("ends", taken.high.value, "- overlaps", overlaps(taken, november))
late = DateTime.parse_fhir_json("2026-11-30T23:30:00-05:00")
early = DateTime.parse_fhir_json("2026-12-01T01:00:00Z")
print("the later one is before the earlier one:", before(late, early))
END
)
expected=$(cat <<'END'
ends 2026-01-10 08:00:00 - overlaps False
the later one is before the earlier one: True
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
