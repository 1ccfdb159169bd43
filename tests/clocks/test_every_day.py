"""The suite under other clocks: nothing may hang on the day on which it is run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STARTED = Path(__file__).with_name("started")

# A day, and where it is so. Berlin's offset of the second before its clock leaps or falls back.
CLOCKS = {
    "the last day of February": ("2027-02-28T23:30:00+00:00", "UTC"),
    "the day of a leap year": ("2028-02-29T12:00:00+00:00", "UTC"),
    "into a new year": ("2026-12-31T23:59:30-03:30", "America/St_Johns"),
    "a 29th, 14 hours ahead": ("2027-01-29T08:00:00+14:00", "Pacific/Kiritimati"),
    "a 30th, 11 hours behind": ("2027-04-30T00:00:01-11:00", "Pacific/Pago_Pago"),
    "a 31st": ("2027-08-31T15:00:00+05:45", "Asia/Kathmandu"),
    "while the clock leaps ahead": ("2027-03-28T01:59:50+01:00", "Europe/Berlin"),
    "while the clock falls back": ("2027-10-31T02:59:50+02:00", "Europe/Berlin"),
}

# What meets the clock most: the service, samples, records with dates. Every clock sees these.
EVERY_CLOCK = (
    "tests/web/test_cards.py",
    "tests/web/test_stationery.py",
    "tests/web/test_suggestions.py",
    "tests/flows/test_samples.py",
    "tests/forms/test_values.py",
    "tests/record/test_times.py",
    "tests/record/test_ages.py",
)
# These look at what Python has loaded, and what moves the clock is loaded as well.
NOT_HERE = (
    "tests/test_imports.py",
    "tests/commands/test_validate.py::test_a_valid_response_loads_nothing_heavy",
)


# These judge our files, by tools that take long and ask for no time: ruff, mypy, building a wheel.
OF_FILES = ("tests/clocks/", "tests/test_house.py", "tests/test_packaging.py")


def _suite() -> list[str]:
    """Every file of the quick suite, in a fixed order."""
    files = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/**/test_*.py"))
    return [file for file in files if not file.startswith(OF_FILES)]


def _share(clock: str) -> list[str]:
    """The files that this clock's turn falls on: together the clocks see the whole suite once."""
    files = _suite()
    assert set(EVERY_CLOCK) <= set(files), "a part has moved: name its new place"
    mine = files[list(CLOCKS).index(clock) :: len(CLOCKS)]
    return sorted({*mine, *EVERY_CLOCK})


def _run_under(clock: str, files: list[str], limit: float) -> None:
    """Raises AssertionError, with what pytest printed, where one of the files' tests fails."""
    moment, zone = CLOCKS[clock]
    left_out = [word for test in NOT_HERE for word in ("--deselect", test)]
    # It is loaded before pytest can rewrite the assertions of what plugins it comes with.
    quiet = ["-W", "ignore::pytest.PytestAssertRewriteWarning", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "--no-header", *quiet, *left_out, *files],
        cwd=ROOT,
        env={
            **os.environ,
            "TZ": zone,
            "CRAMP_TESTS_CLOCK": moment,
            "PYTHONPATH": os.pathsep.join(
                filter(None, [str(STARTED), os.environ.get("PYTHONPATH")])
            ),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=limit,
    )

    assert done.returncode == 0, done.stdout.decode()[-4000:]


@pytest.mark.slow
@pytest.mark.parametrize("clock", CLOCKS)
def test_no_test_hangs_on_the_day(clock: str) -> None:
    _run_under(clock, _share(clock), 600)


@pytest.mark.long
@pytest.mark.parametrize("clock", CLOCKS)
def test_the_whole_suite_on_each_day(clock: str) -> None:
    _run_under(clock, _suite(), 3600)


def test_the_clocks_see_the_whole_suite() -> None:
    seen = {file for clock in CLOCKS for file in _share(clock)}

    assert seen == set(_suite())


@pytest.mark.parametrize("clock", CLOCKS)
def test_python_takes_the_clock_over(clock: str) -> None:
    moment, zone = CLOCKS[clock]
    ask = "from datetime import datetime; print(datetime.now().astimezone().isoformat())"

    done = subprocess.run(
        [sys.executable, "-c", ask],
        env={**os.environ, "TZ": zone, "CRAMP_TESTS_CLOCK": moment, "PYTHONPATH": str(STARTED)},
        capture_output=True,
        check=True,
        timeout=60,
    )

    said = done.stdout.decode()
    assert (said[:16], said.strip()[-6:]) == (moment[:16], moment[-6:])
