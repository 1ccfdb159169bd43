"""A change of record.toml: who is heard less asks for a major step, with the old and new number."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cds.flows.packs.check import check_pack
from cds.knowledge.compared.diff import difference
from cds.knowledge.compared.record import record_changes
from cds.knowledge.compared.step import Step
from cds.knowledge.read.pack import find_pack, load_pack, pack_folders

HERE = find_pack("cramps")
Edit = Callable[[str, str], Path]


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """A copy of the pack with one passage of record.toml changed."""

    def made(old: str, new: str) -> Path:
        folder = tmp_path / "changed"
        shutil.copytree(pack_folders()["cramps"], folder, ignore=shutil.ignore_patterns("released"))
        text = (folder / "record.toml").read_text()
        assert old in text, old
        (folder / "record.toml").write_text(text.replace(old, new, 1))
        return folder

    return made


@pytest.mark.parametrize(
    ("old", "new", "told", "step"),
    [
        ('critical_high = "6.2"', 'critical_high = "6.5"', "6.2 → 6.5, less urgent", Step.MAJOR),
        ('critical_high = "6.2"', 'critical_high = "6.0"', "6.2 → 6.0, more urgent", Step.MINOR),
        ('critical_low = "2.8"', 'critical_low = "2.5"', "2.8 → 2.5, less urgent", Step.MAJOR),
        ('critical_low = "2.8"', 'critical_low = "3.0"', "2.8 → 3.0, more urgent", Step.MINOR),
        ('reference_high = "5.0"', 'reference_high = "5.5"', "5.0 → 5.5, less urgent", Step.MAJOR),
        ('reference_low = "3.5"\n', "", "3.5 → none, less urgent", Step.MAJOR),
        ("recent_days = 7", "recent_days = 3", "7 → 3, less urgent", Step.MAJOR),
        ("recent_days = 7", "recent_days = 14", "7 → 14, more urgent", Step.MINOR),
        ("standing_hours = 48", "standing_hours = 24", "48 → 24, less urgent", Step.MAJOR),
        ("adult_years = 18", "adult_years = 21", "18 → 21, less urgent", Step.MAJOR),
        ('"2951-2" = "Sodium [Moles/volume] in Serum or Plasma", ', "", "-2951-2", Step.MAJOR),
        ('critical_flags = ["HH", "LL", "AA"]', 'critical_flags = ["HH", "LL"]', "-AA", Step.MAJOR),
        ('normal_flags = ["N"]', 'normal_flags = ["N", "I"]', "+I", Step.MAJOR),
        ('never = ["cancelled", "entered-in-error"]', 'never = ["cancelled"]', "-ent", Step.MINOR),
        ('active = ["active", "recurrence", "relapse"]', 'active = ["active"]', "-r", Step.MAJOR),
        ('unusable_floor = "routine"', 'unusable_floor = "self-care"', "routine →", Step.MAJOR),
        ('display = "Potassium"', 'display = "Kalium"', "", Step.PATCH),
    ],
)  # fmt: skip
def test_each_change_of_the_record_is_weighed_by_who_is_heard_less(
    edit: Edit, old: str, new: str, told: str, step: Step
) -> None:
    found = list(record_changes(HERE.record, load_pack(edit(old, new)).record))

    assert [one.step for one in found] == [step]
    assert told in str(found[0])


def test_a_limit_moved_away_from_normal_is_refused_without_a_major_step(edit: Edit) -> None:
    folder = edit('critical_high = "6.2"', 'critical_high = "6.5"')
    kept = folder / "released" / HERE.version
    shutil.copytree(
        pack_folders()["cramps"], kept, ignore=shutil.ignore_patterns("released", "cases")
    )
    for file in ("pack.toml", "questionnaire.json"):
        text = (folder / file).read_text()
        (folder / file).write_text(text.replace(f'"{HERE.version}"', '"99.0.0"', 1))
        (kept / file).write_text(text.replace(f'"{HERE.version}"', '"98.7.0"', 1))
    assert difference(load_pack(kept), load_pack(folder)).fault is None
    for file in ("pack.toml", "questionnaire.json"):
        text = (folder / file).read_text()
        (folder / file).write_text(text.replace('"99.0.0"', '"98.8.0"', 1))

    faults = [fault for fault in check_pack(folder).faults if "version" in fault.where]

    assert [fault.problem for fault in faults] == [
        "98.7.0 to 98.8.0 is a minor step; the changes ask for major."
    ]


def test_the_same_record_differs_in_nothing() -> None:
    assert list(record_changes(HERE.record, HERE.record)) == []


def test_tests_and_units_that_are_gone_ask_for_a_major_step() -> None:
    fewer = {**HERE.record, "analyte": HERE.record["analyte"][1:]}

    (change,) = record_changes(HERE.record, fewer)

    assert (change.what, change.step) == ("removed", Step.MAJOR)
    assert [one.step for one in record_changes(fewer, HERE.record)] == [Step.MINOR]
