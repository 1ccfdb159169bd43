"""What Smart Forms and Medplum's form wrote is assessed and validated; the responses are kept."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.fillers.conftest import REACT

Json = dict[str, Any]
Run = Callable[..., "subprocess.CompletedProcess[bytes]"]

GOLDEN = Path(__file__).parent / "golden"
EVERYTHING = "E2 E3 E5 E8 E9 U4 U6 U7 R1 R2 R3 R9 R15"
SIGNS = "E16 E17 U4 U6 U8 U9 U10 U11 R3 R12 R13 R14 R16 R17 R18"  # those of version 2
SHORT_SIGNS = "E17 U4 U10 R16"


class Wanted(NamedTuple):
    """What is to become of one response."""

    level: str
    rules: str
    complete: bool
    faults: frozenset[str]  # rules of errors that validate tells


def wanted(level: str, rules: str = "", faults: str = "", *, complete: bool = True) -> Wanted:
    return Wanted(level, rules, complete, frozenset(faults.split()))


WANTED = {
    # Medplum's form writes an empty array for what is not answered. FHIR has none, so validate
    # says it; for the decision it is no answer.
    "medplum/emergency": wanted("emergency-911", EVERYTHING),
    "medplum/benign": wanted("self-care", faults="emptyAnswer"),
    "medplum/half-filled": wanted("indeterminate", faults="emptyAnswer", complete=False),
    "medplum/empty": wanted("indeterminate", faults="emptyAnswer", complete=False),
    "medplum/none-and-a-sign": wanted("emergency-evaluation", "E11", "emptyAnswer", complete=False),
    # A group whose condition holds, and of which nothing is asked, it writes with an empty array.
    "medplum/unresponsive-after-all": wanted("emergency-911", "E1", "emptyAnswer"),
    "medplum/short-emergency": wanted("emergency-evaluation", "E11 E4 R2"),
    "medplum/signs-of-2": wanted("emergency-911", SIGNS),
    "medplum/short-signs-of-2": wanted("emergency-evaluation", SHORT_SIGNS, "emptyAnswer"),
    # Smart Forms calls nothing completed, so nothing is missing yet. It writes an empty text for
    # what a person typed: something was said that nobody can read, and that does not calm.
    "smart-forms/emergency": wanted("emergency-911", EVERYTHING),
    "smart-forms/benign": wanted("indeterminate", faults="value"),
    "smart-forms/half-filled": wanted("indeterminate", complete=False),
    "smart-forms/empty": wanted("indeterminate", faults="emptyAnswer", complete=False),
    "smart-forms/none-and-a-sign": wanted(
        "emergency-evaluation", "E11", "exclusiveAnswerOption", complete=False
    ),
    # It keeps the answers of hidden questions: a sign among them counts.
    "smart-forms/unresponsive-after-all": wanted("emergency-911", "E1 E9", "notEnabled"),
    "smart-forms/short-emergency": wanted("emergency-evaluation", "E11 E4 R2"),
    "smart-forms/signs-of-2": wanted("emergency-911", SIGNS),
    "smart-forms/short-signs-of-2": wanted("emergency-evaluation", SHORT_SIGNS),
}
FILES = [str(GOLDEN / f"{name}.json") for name in WANTED]


@pytest.fixture(scope="module")
def decisions(run: Run) -> dict[str, Json]:
    done = run("assess", "--format", "json", *FILES)

    assert done.returncode == 1, done.stderr.decode()  # one of them cannot be read whole
    return dict(zip(WANTED, map(json.loads, done.stdout.splitlines()), strict=True))


@pytest.fixture(scope="module")
def verdicts(run: Run) -> dict[str, Json]:
    done = run("validate", "--format", "json", *FILES)

    assert done.returncode == 1, done.stderr.decode()
    return dict(zip(WANTED, map(json.loads, done.stdout.splitlines()), strict=True))


def test_every_golden_input_is_tried() -> None:
    names = {f"{path.parent.name}/{path.stem}" for path in GOLDEN.glob("*/*.json")}

    visits = json.loads((GOLDEN.parent / "visits.json").read_text(encoding="utf-8"))
    assert names == set(WANTED) == {f"{one}/{visit}" for one in REACT for visit in visits}


@pytest.mark.parametrize("name", WANTED)
def test_the_decision(name: str, decisions: dict[str, Json]) -> None:
    decision, expected = decisions[name], WANTED[name]

    assert decision["level"] == expected.level
    assert decision["complete"] is expected.complete
    assert [finding["rule"] for finding in decision["findings"]] == expected.rules.split()


@pytest.mark.parametrize("name", WANTED)
def test_the_validator_refuses_only_what_is_wrong(name: str, verdicts: dict[str, Json]) -> None:
    issues = verdicts[name]["issues"]

    assert {one["rule"] for one in issues if one["severity"] == "error"} == WANTED[name].faults
