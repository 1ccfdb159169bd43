"""What LHC-Forms wrote when it filled our forms is assessed; the responses are kept here."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

Json = dict[str, Any]
Run = Callable[..., "subprocess.CompletedProcess[bytes]"]

GOLDEN = Path(__file__).parent / "golden"


class Wanted(NamedTuple):
    """What is to become of one response."""

    level: str
    rules: str = ""
    complete: bool = True
    warned: tuple[str | None, ...] = ()  # linkIds of issues that assess tells; None: of the whole
    faults: tuple[str, ...] = ()  # rules of errors that validate tells


REQUIRED = "required"
WANTED = {
    "emergency": Wanted("emergency-911", "E2 E3 E5 E8 E9 U4 U6 U7 R1 R2 R3 R9 R15"),
    "benign": Wanted("self-care"),
    "half-filled": Wanted(
        "indeterminate",
        complete=False,
        warned=("safety.nerve", "safety.pelvic-mass", "safety.limb"),
        faults=(REQUIRED,) * 3,
    ),
    # It is called completed all the same. No group is required, since LHC-Forms' own check fails on
    # one for ever; what is left out with an absent group is no fault (SDC). The decision says it,
    # and warns that nothing is answered.
    "empty": Wanted("indeterminate", complete=False, warned=(None,)),
    # LHC-Forms does not keep an exclusive option from standing beside others.
    "none-and-a-sign": Wanted(
        "emergency-evaluation",
        "E11",
        complete=False,
        warned=(
            "safety.urine",
            "safety.circulation",
            "safety.fluid-loss",
            "safety.pelvic-mass",
            "safety.limb",
            "safety.nerve",
        ),
        faults=(*(REQUIRED,) * 5, "exclusiveAnswerOption"),
    ),
    "unresponsive-after-all": Wanted("emergency-911", "E1"),
    "short-emergency": Wanted("emergency-evaluation", "E11 E4 R2"),
    # What version 2 of the form asks besides.
    "signs-of-2": Wanted("emergency-911", "E16 E17 U4 U6 U8 U9 U10 U11 R3 R12 R13 R14 R16 R17 R18"),
    "short-signs-of-2": Wanted("emergency-evaluation", "E17 U4 U10 R16"),
}
FILES = [str(GOLDEN / f"{name}.json") for name in WANTED]


@pytest.fixture(scope="module")
def decisions(run: Run) -> dict[str, Json]:
    done = run("assess", "--format", "json", *FILES)

    assert done.returncode == 0, done.stderr.decode()
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return dict(zip(WANTED, lines, strict=True))


@pytest.fixture(scope="module")
def verdicts(run: Run) -> dict[str, Json]:
    done = run("validate", "--format", "json", *FILES)

    assert done.returncode == 1, done.stderr.decode()
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return dict(zip(WANTED, lines, strict=True))


def test_every_golden_input_is_tried() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(WANTED)


def test_all_are_called_completed_and_name_no_subject() -> None:
    read = [json.loads(Path(file).read_text(encoding="utf-8")) for file in FILES]

    assert {(one["status"], "subject" in one) for one in read} == {("completed", False)}


@pytest.mark.parametrize("name", WANTED)
def test_the_decision(name: str, decisions: dict[str, Json]) -> None:
    decision, wanted = decisions[name], WANTED[name]

    assert decision["level"] == wanted.level
    assert decision["complete"] is wanted.complete
    assert [finding["rule"] for finding in decision["findings"]] == wanted.rules.split()
    assert tuple(issue["linkId"] for issue in decision["issues"]) == wanted.warned
    assert {issue["severity"] for issue in decision["issues"]} <= {"warning"}


def test_an_empty_form_leaves_every_always_asked_safety_question_open(
    decisions: dict[str, Json],
) -> None:
    left = {entry["linkId"] for entry in decisions["empty"]["open"]}

    assert left >= {
        "safety.consciousness",
        "safety.urine",
        "safety.circulation",
        "safety.fluid-loss",
        "safety.nerve",
        "safety.pelvic-mass",
        "safety.limb",
    }


def test_what_was_typed_is_noted_as_not_assessed(decisions: dict[str, Json]) -> None:
    notes = {(note["code"], note["about"]) for note in decisions["benign"]["notes"]}

    assert ("free-text", "history.relievers") in notes


def test_the_dialysis_exception_holds_in_the_short_form(decisions: dict[str, Json]) -> None:
    codes = {note["code"] for note in decisions["short-emergency"]["notes"]}

    assert codes >= {"dialysis-exception", "short-form"}


@pytest.mark.parametrize("name", WANTED)
def test_the_validator_refuses_only_what_is_wrong(name: str, verdicts: dict[str, Json]) -> None:
    issues = verdicts[name]["issues"]
    errors = tuple(issue["rule"] for issue in issues if issue["severity"] == "error")
    others = {issue["rule"] for issue in issues if issue["severity"] != "error"}

    assert errors == WANTED[name].faults
    # LHC-Forms is not told who answers about whom; it calls an empty form completed.
    assert others - {"subject", "authored"} == ({"unanswered"} if name == "empty" else set())


@pytest.mark.parametrize(
    ("name", "status", "messages"),
    [("emergency", "final", 1), ("benign", "final", 0), ("empty", "preliminary", 0)],
)
def test_with_a_subject_it_becomes_fhir(name: str, status: str, messages: int, run: Run) -> None:
    file = str(GOLDEN / f"{name}.json")

    done = run("assess", "--format", "fhir", "--subject", "Patient/1", file)

    assert done.returncode == 0, done.stderr.decode()
    held = [entry["resource"] for entry in json.loads(done.stdout)["entry"]]
    assessments = [one for one in held if one["resourceType"] == "RiskAssessment"]
    assert [(one["status"], one["subject"]) for one in assessments] == [
        (status, {"reference": "Patient/1"})
    ]
    assert sum(one["resourceType"] == "CommunicationRequest" for one in held) == messages


def test_without_a_subject_fhir_is_refused(run: Run) -> None:
    done = run("assess", "--format", "fhir", str(GOLDEN / "emergency.json"))

    assert done.returncode == 1
    assert json.loads(done.stdout)["resourceType"] == "OperationOutcome"
