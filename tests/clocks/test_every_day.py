"""The suite under other clocks: nothing may hang on the day on which it is run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What meets the clock most: the service, samples, records with dates. Every clock sees these.
PARTS = (
    "tests/web/test_cards.py",
    "tests/web/test_stationery.py",
    "tests/web/test_suggestions.py",
    "tests/flows/test_samples.py",
    "tests/forms/test_values.py",
    "tests/record/test_times.py",
    "tests/record/test_ages.py",
)
# Whole folders, each under two clocks; all under all clocks would take half an hour. With the
# monotonic clock left real (FAKETIME_DONT_FAKE_MONOTONIC), tests/core, tests/record and tests/forms
# pass, but waits with a time limit end in EINVAL (seen in tests/web and tests/fhir).
FOLDERS = {
    "2027-02-28 23:30:00": ("tests/core", "tests/record"),
    "2027-03-28 01:59:50": ("tests/core", "tests/record"),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "zone"),
    [
        pytest.param("2027-02-28 23:30:00", "UTC", id="the last day of February"),
        pytest.param("2028-02-29 12:00:00", "UTC", id="the day of a leap year"),
        pytest.param("2026-12-31 23:59:30", "America/St_Johns", id="into a new year"),
        pytest.param("2027-01-29 08:00:00", "Pacific/Kiritimati", id="a 29th, 14 hours ahead"),
        pytest.param("2027-04-30 00:00:01", "Pacific/Pago_Pago", id="a 30th, 11 hours behind"),
        pytest.param("2027-08-31 15:00:00", "Asia/Kathmandu", id="a 31st"),
        pytest.param("2027-03-28 01:59:50", "Europe/Berlin", id="while the clock leaps ahead"),
        pytest.param("2027-10-31 02:59:50", "Europe/Berlin", id="while the clock falls back"),
    ],
)
def test_no_test_hangs_on_the_day(moment: str, zone: str) -> None:
    faketime = shutil.which("faketime")
    if faketime is None:
        pytest.skip("faketime is not installed (Debian: apt install faketime)")
    here = [part for part in PARTS if (ROOT / part).exists()]
    assert here == list(PARTS), "a part has moved: name its new place"
    here += FOLDERS.get(moment, ())

    done = subprocess.run(
        [faketime, moment, sys.executable, "-m", "pytest", "-q", "-n", "2", "--no-header", *here],
        cwd=ROOT,
        env={**os.environ, "TZ": zone},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=600,
    )

    assert done.returncode == 0, done.stdout.decode()[-4000:]
