#!/usr/bin/env bash
# redmoon 0.2.0 (PyPI; with pandas 2.2.3, numpy 1.26.4): the phases of the menstrual cycle from an export of Apple Health.
# One expects: a day that is recorded as without bleeding (HKCategoryValueVaginalBleedingNone) is no day of a period: bleeding from
#   the 1st to the 4th and 28 days later is two periods of four days, whatever is recorded in between.
# Seen: each record counts as bleeding. One day "None" at midcycle is a period of its own: the nights of that day are "Menstrual",
#   the cycles have 14 days and are left out as too short, so that no night of a woman with 28 days is left. With "None" on each day
#   between them the two periods are one of 32 days.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps redmoon==0.2.0 pandas==2.2.3 numpy==1.26.4 scipy==1.14.1 \
  python-dateutil==2.9.0 pytz==2024.2 tzdata==2024.2 six==1.16.0
cat >"$folder/look.py" <<'END'
import datetime
import pathlib

from redmoon import CycleSleepAnalyzer, parse_export
from redmoon.constants import assign_phase

FIRST = datetime.date(2026, 1, 1)


def record(kind, day, start, end, value):
    at = FIRST + datetime.timedelta(days=day)
    return (f'<Record type="HKCategoryTypeIdentifier{kind}" sourceName="Health" creationDate="{at} 23:59:00 +0000" '
            f'startDate="{at} {start}:00 +0000" endDate="{at} {end}:00 +0000" value="HKCategoryValue{value}"/>')


def told(text, none):
    days = [(day + start, "Medium") for start in (0, 28, 56) for day in range(4)] + [(day, "None") for day in none]
    lines = [record("MenstrualFlow", day, "08:00", "08:01", f"VaginalBleeding{value}") for day, value in sorted(days)]
    lines += [record("SleepAnalysis", day, "20:00", "23:50", "SleepAnalysisAsleepCore") for day in range(60)]
    path = pathlib.Path(__file__).with_name("export.xml")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    analyzer = CycleSleepAnalyzer(parse_export(path))
    report = analyzer.run()
    periods = [f"{one.start:%d %b}-{one.end:%d %b}" for one in analyzer.periods.itertuples()]
    phase = assign_phase(FIRST + datetime.timedelta(days=14), analyzer.periods)[0]
    print(f"{text}: periods {', '.join(periods)}; 15 Jan {phase}; {report.n_nights} nights")


told("bleeding alone", [])
told("none at midcycle", [14, 42])
told("none on each day between", [*range(4, 28)])
END
seen=$("$folder/env/bin/python" -W ignore "$folder/look.py")
expected=$(cat <<'END'
bleeding alone: periods 01 Jan-04 Jan, 29 Jan-01 Feb, 26 Feb-01 Mar; 15 Jan Ovulatoria; 56 nights
none at midcycle: periods 01 Jan-04 Jan, 15 Jan-15 Jan, 29 Jan-01 Feb, 12 Feb-12 Feb, 26 Feb-01 Mar; 15 Jan Menstrual; 0 nights
none on each day between: periods 01 Jan-01 Feb, 26 Feb-01 Mar; 15 Jan Menstrual; 0 nights
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
