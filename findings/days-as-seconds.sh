#!/usr/bin/env bash
# linuxforhealth-csvtofhir 1.2.0 (PyPI; with pydantic 1.10.24 and fhir.resources 6.5.0): rows of CSV files as FHIR.
# One expects: 2026-11-30, 20261130 as HL7 v2 writes it (DT), and 2026 are a day and a year, of which FHIR R4 takes both (dateTime),
#   or the row is refused; "<2.5" with a unit is a Quantity with a comparator.
# Seen: a number is taken for seconds since 1970: 20261130 is 23 August 1970, and 2026 is New Year of 1970, so that a potassium
#   of today is 56 years old. A day with hyphens, as the package's own task format_date makes it, is left out. "<2.5" is a text.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps linuxforhealth-csvtofhir==1.2.0 pydantic==1.10.24 \
  fhir.resources==6.5.0 python-dotenv==0.21.1 python-dateutil==2.9.0 pytz==2022.1 six==1.16.0 typing-extensions==4.12.2 \
  email-validator==1.3.1 dnspython==2.7.0 idna==3.10
cat >"$folder/look.py" <<'END'
from linuxforhealth.csvtofhir.fhirrs import observation

row = {"filePath": "laboratory.csv", "rowNum": 1, "resourceInternalId": "o1", "observationCode": "2823-3", "observationCodeSystem": "http://loinc.org",
       "observationStatus": "final", "observationValueUnits": "mmol/L", "timeZone": "Europe/Berlin"}
for when, value in (("20261130", "2.4"), ("2026", "2.4"), ("2026-11-30", "2.4"), ("2026-11-30T08:30:00", "<2.5")):
    result = observation.convert_record("p1", {**row, "observationDateTime": when, "observationValue": value})[-1]
    print(when, "->", result.effectiveDateTime, "|", value, "->", result.valueString or result.valueQuantity.value)
END
seen=$(cd "$folder" && env/bin/python look.py 2>/dev/null)
expected=$(cat <<'END'
20261130 -> 1970-08-23 12:05:30+00:00 | 2.4 -> 2.4
2026 -> 1970-01-01 00:33:46+00:00 | 2.4 -> 2.4
2026-11-30 -> None | 2.4 -> 2.4
2026-11-30T08:30:00 -> 2026-11-30 08:30:00+01:00 | <2.5 -> <2.5 mmol/L
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
