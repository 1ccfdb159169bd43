"""Golden cases: all of the shipped ones hold, and each difference is told in words."""

from pathlib import Path

import pytest

from cds.core.pack import Pack
from cds.flows.packs.cases import CaseOutcome, read_cases, run_cases
from cds.flows.packs.scaffold import scaffold
from cds.knowledge.read.pack import load_pack, pack_folders
from cds.knowledge.read.tables import Faults
from tests.strategies import PACKS, pack_of


def outcomes(folder: Path, pack: Pack) -> tuple[list[CaseOutcome], Faults]:
    faults = Faults()
    return list(run_cases(list(read_cases(folder, pack, faults)), pack)), faults


@pytest.mark.parametrize("name", ["cramps", "boiler"])
def test_every_golden_case_holds(name: str) -> None:
    found, faults = outcomes(pack_folders([PACKS])[name], pack_of(name))

    assert faults.found == []
    assert [fault for outcome in found for fault in outcome.faults] == []


def test_there_are_as_many_cases_as_were_asked_for() -> None:
    found, _ = outcomes(pack_folders()["cramps"], pack_of("cramps"))

    names = [outcome.case.name for outcome in found]
    assert len(names) >= 200
    assert len(set(names)) == len(names)
    assert all(len(name.split()) > 2 for name in names)


def written(tmp_path: Path, text: str) -> tuple[list[CaseOutcome], Faults]:
    scaffold("toy", tmp_path)
    folder = tmp_path / "toy"
    (folder / "cases" / "first.toml").write_text(text, "utf-8")
    return outcomes(folder, load_pack(folder))


@pytest.mark.parametrize(
    ("expect", "problem"),
    [
        ('level = "calm"', "level is alarm, expected calm (fired: A1)."),
        ('level = "alarm", complete = false', "complete is true."),
        ('level = "alarm", fired = []', "fired A1, expected nothing."),
        ('level = "alarm", not-fired = ["A1"]', "fired: A1."),
        ('level = "alarm", ruled-out = ["A1"]', "A1 is flagged, expected ruled-out."),
        ('level = "alarm", open = ["A1"]', "A1 is flagged, expected open."),
        ('level = "alarm", causes = ["x"]', "causes nothing, expected x."),
        (
            'level = "alarm", open-questions = ["safety.sign"]',
            "open questions nothing, expected at least safety.sign.",
        ),
        ('level = "alarm", notes = ["status"]', "notes nothing, expected at least status."),
        (
            'level = "alarm", risk-status = "preliminary"',
            "RiskAssessment.status is final, expected preliminary.",
        ),
    ],
)
def test_each_difference_is_told(tmp_path: Path, expect: str, problem: str) -> None:
    text = f'[[case]]\nname = "A sign"\ngiven = {{"safety.sign" = "yes"}}\nexpect = {{ {expect} }}'

    found, faults = written(tmp_path, text)

    assert faults.found == []
    assert [fault.problem for fault in found[0].faults] == [problem]
    assert found[0].faults[0].where == "first.toml: case A sign"


@pytest.mark.parametrize(
    ("case", "where", "problem"),
    [
        (
            'given = {"safety.sgn" = "yes"}',
            "given",
            "'safety.sgn' is not a linkId or option of 'toy'.",
        ),
        (
            'given = {"safety.sign" = "maybe"}',
            "given",
            "'safety.sign: maybe' is not a linkId or option of 'toy'.",
        ),
        ('base = "calm"', "base", "there is no base 'calm'."),
        ('questionnaire = "shor"', "questionnaire", "there is no form 'shor'."),
        ('facts = {"low" = "present"}', "facts", "'low' is not a fact of record.toml."),
        ("giben = {}", "giben", "is not a known key."),
    ],
)
def test_each_fault_of_a_case_is_told(tmp_path: Path, case: str, where: str, problem: str) -> None:
    text = f'[[case]]\nname = "A sign"\n{case}\nexpect = {{ level = "alarm" }}'

    _, faults = written(tmp_path, text)

    assert [(f.where, f.problem) for f in faults.found] == [
        (f"first.toml: case A sign: {where}", problem)
    ]


def test_two_cases_of_one_name_are_told(tmp_path: Path) -> None:
    text = '[[case]]\nname = "A sign"\nexpect = { level = "not-settled" }\n'

    _, faults = written(tmp_path, text * 2)

    assert [fault.problem for fault in faults.found] == ["has the name of another case."]


def test_a_case_that_names_no_rule_is_told_with_the_nearest(tmp_path: Path) -> None:
    text = '[[case]]\nname = "A"\nexpect = { level = "not-settled", fired = ["A2"] }'

    _, faults = written(tmp_path, text)

    assert [(f.problem, f.hint) for f in faults.found] == [("'A2' is not a rule.", "Known: A1.")]
