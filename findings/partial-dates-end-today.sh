#!/usr/bin/env bash
# fhir-helpers 0.12.0 (PyPI; with python-dateutil 2.9.0): the resources of a patient's record, by date and by value.
# One expects: a birth in 1972 or a diagnosis of 2024 is some day of that year (FHIR R4, date and dateTime: partial precision), the
#   same on each day on which it is read; less than 5 is not above 4.5; 80 mg/dL is no glucose above 20 mmol/L, or the call asks
#   for a unit.
# Seen: what is missing is taken from today: who was born in 1972 has the day on which the record is read as birthday, so the age is
#   always a full one, and a result of 2024 is before or after the 1st of July by the calendar on the wall. Comparator and unit
#   are not looked at.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check fhir-helpers==0.12.0 fhir-types==0.2.4 python-dateutil==2.9.0
cat >"$folder/look.py" <<'END'
from datetime import date, datetime
from unittest import mock

from dateutil import parser
from fhir_helpers.resources.lpr import LPR


def glucose(value, unit, when, **more):
    return {"resourceType": "Observation", "status": "final", "code": {"text": "Glucose"}, "effectiveDateTime": when,
            "valueQuantity": {"value": value, "unit": unit, **more}}


resources = [{"resourceType": "Patient", "birthDate": "1972"}, glucose(5, "mmol/L", "2024", comparator="<"),
             glucose(80, "mg/dL", "2024-03-05")]
record = LPR({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]})
born, today = record.patient.birthdate, date.today()
print("born today:", (born.month, born.day) == (today.month, today.day))
for read in (datetime(2026, 3, 1), datetime(2026, 11, 30)):
    with mock.patch.object(parser._parser.datetime, "datetime", mock.Mock(wraps=datetime, now=lambda: read)):
        print("read on", read.date(), record.observations.all()[0].effective_datetime.date(), record.patient.birthdate,
              len(record.observations.find_after_date(datetime(2024, 7, 1))))
print("above 4.5:", len(record.observations.gt(4.5)), "above 20:", len(record.observations.gt(20)))
END
seen=$("$folder/env/bin/python" "$folder/look.py")
expected=$(cat <<'END'
born today: True
read on 2026-03-01 2024-03-01 1972-03-01 0
read on 2026-11-30 2024-11-30 1972-11-30 1
above 4.5: 2 above 20: 1
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
