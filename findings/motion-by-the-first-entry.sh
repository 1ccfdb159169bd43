#!/usr/bin/env bash
# apple-health-parser 2.0.5 (PyPI): the records of an export of Apple Health.
# One expects: of a heart rate whether the wearer was at rest, from the metadata entry of that name
#   (HKMetadataKeyHeartRateMotionContext); of a night its time zone, where it has one.
# Seen: the first entry is taken whatever its key is. A rate that another app wrote, with its sync version 2 as first
#   entry, was measured on an "Active" wearer although the entry beside it says sedentary; with version 7 the rate is left
#   out with a warning. A night without any entry ends the reading of all nights with an AttributeError.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check apple-health-parser==2.0.5
cd "$folder"
seen=$("$folder/env/bin/python" - 2>/dev/null <<'END'
from pathlib import Path
from zipfile import ZipFile

from apple_health_parser.utils.parser import Parser

HEART, SLEEP = "HKQuantityTypeIdentifierHeartRate", "HKCategoryTypeIdentifierSleepAnalysis"
TIMES = 'creationDate="{0}" startDate="{0}" endDate="{0}"'.format("2026-11-30 07:00:00 +0100")


def heart(rate, *entries):
    inside = "".join(f'<MetadataEntry key="{key}" value="{value}"/>' for key, value in entries)
    return f'<Record type="{HEART}" sourceName="App" unit="count/min" {TIMES} value="{rate}">{inside}</Record>'


sedentary = ("HKMetadataKeyHeartRateMotionContext", "1")
records = (
    heart(61, sedentary)
    + heart(62, ("HKMetadataKeySyncVersion", "2"), sedentary)
    + heart(63, ("HKMetadataKeySyncVersion", "7"), sedentary)
    + f'<Record type="{SLEEP}" sourceName="App" {TIMES} value="HKCategoryValueSleepAnalysisAsleepCore"/>'
)
with ZipFile("export.zip", "w") as written:
    written.writestr("apple_health_export/export.xml", f"<HealthData>{records}</HealthData>")
parser = Parser("export.zip", output_dir=Path("out"))
rates = parser.get_flag_records(flag=HEART).records
for one in rates[["value", "motion_context"]].values.tolist():
    print(*one)
try:
    print(len(parser.get_flag_records(flag=SLEEP).records), "nights")
except AttributeError as error:
    print("nights:", type(error).__name__)
END
)
printf '%s\n' "$seen"
expected='61 Sedentary
62 Active
nights: AttributeError'
[ "$seen" = "$expected" ] || { echo 'This has changed.' >&2; exit 1; }
