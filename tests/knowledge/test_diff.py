"""Two versions compared: what is decided differently, with a witness, and the step it asks for."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cds.flows.packs.check import check_pack
from cds.flows.packs.pack_diff import compare_packs, comparison_json, comparison_text
from cds.knowledge.compared.diff import (
    difference,
    last_released,
    step_between,
    version_faults,
)
from cds.knowledge.compared.step import Step
from cds.knowledge.read.pack import find_pack, load_pack, pack_folders

Changed = Callable[..., Path]
FAINTED = (
    '{ question = "safety.consciousness", operator = "=", answerCoding = "fainted-recovered" }'
)

# A copy of the pack alone, without the releases that it keeps.
RELEASES = shutil.ignore_patterns("released")
HERE = find_pack("cramps").version
MAJOR, MINOR, PATCH = map(int, HERE.split("."))
A_PATCH_ON = f"{MAJOR}.{MINOR}.{PATCH + 1}"
A_MINOR_ON = f"{MAJOR}.{MINOR + 1}.0"
A_MAJOR_ON = f"{MAJOR + 1}.0.0"
NEXT = (
    ("pack.toml", f'version        = "{HERE}"', f'version        = "{A_MINOR_ON}"'),
    ("questionnaire.json", f'"version": "{HERE}"', f'"version": "{A_MINOR_ON}"'),
)


@pytest.fixture
def changed(tmp_path: Path) -> Changed:
    """A copy of the pack with passages changed: (file, old, new) …"""

    def made(*edits: tuple[str, str, str]) -> Path:
        folder = tmp_path / "changed"
        shutil.copytree(pack_folders()["cramps"], folder, ignore=RELEASES)
        for file, old, new in edits:
            text = (folder / file).read_text()
            assert old in text, old
            (folder / file).write_text(text.replace(old, new, 1))
        return folder

    return made


def test_the_same_pack_differs_in_nothing() -> None:
    found = difference(find_pack("cramps"), find_pack("cramps"))

    assert found.changes == ()
    assert found.decisions == ()
    assert found.step is Step.NONE
    assert found.fault is None


def test_other_words_ask_for_a_patch(changed: Changed) -> None:
    folder = changed(("rules.toml", "Cannot be woken:", "Cannot be roused:"))

    found = difference(find_pack("cramps"), load_pack(folder))

    assert found.decisions == ()
    assert [str(change) for change in found.changes] == ["rule E1: changed (title)"]
    assert found.step is Step.PATCH
    assert found.fault is not None


@pytest.mark.slow
def test_a_decision_that_falls_asks_for_a_major_step(changed: Changed) -> None:
    folder = changed(
        ("rules.toml", FAINTED, FAINTED.replace("fainted-recovered", "unresponsive-now")),
        *NEXT,
    )

    found = difference(find_pack("cramps"), load_pack(folder))

    assert found.decisions is not None
    texts = {decision.text: decision for decision in found.decisions}
    witness = texts["emergency-911 becomes indeterminate"]
    assert witness.after.answers == {"safety.consciousness": ("fainted-recovered",)}
    assert witness.before.rules == ("E2",)
    assert witness.after.rules == ()
    assert found.step is Step.MAJOR
    assert found.fault == f"{HERE} to {A_MINOR_ON} is a minor step; the changes ask for major."


def test_a_decision_that_rises_asks_for_a_minor_step(changed: Changed) -> None:
    folder = changed(
        (
            "rules.toml",
            'answerCoding = ["several-a-day", "daily"]',
            'answerCoding = ["several-a-day", "daily", "weekly"]',
        ),
        *NEXT,
    )

    found = difference(find_pack("cramps"), load_pack(folder))

    assert found.decisions is not None
    assert {d.text for d in found.decisions} == {"self-care becomes routine", "R3 fires now"}
    assert found.step is Step.MINOR
    assert found.fault is None


def test_without_the_solver_the_written_parts_decide(changed: Changed) -> None:
    folder = changed(
        ("rules.toml", FAINTED, FAINTED.replace("fainted-recovered", "unresponsive-now"))
    )

    found = difference(find_pack("cramps"), load_pack(folder), solver=False)

    assert found.decisions is None
    assert found.step is Step.MINOR


def test_the_golden_cases_that_change_are_named(changed: Changed) -> None:
    folder = changed(
        ("rules.toml", FAINTED, FAINTED.replace("fainted-recovered", "unresponsive-now"))
    )

    compared = compare_packs(pack_folders()["cramps"], folder, solver=False)
    text = "\n".join(comparison_text(compared))
    document = comparison_json(compared)

    lost = [c for c in compared.changed if "E2" in c.before[1] and "E2" not in c.after[1]]
    assert lost
    assert f"Golden cases that change: {len(compared.changed)} of {compared.cases}" in text
    assert document["cases"]["changed"] == [case.name for case in compared.changed]


@pytest.mark.parametrize(
    ("old", "new", "step"),
    [
        ("1.0.0", "1.0.0", Step.NONE),
        ("1.0.0", "1.0.1", Step.PATCH),
        ("1.0.9", "1.1.0", Step.MINOR),
        ("1.9.9", "2.0.0", Step.MAJOR),
        ("1.10.0", "1.9.0", None),
        ("1.0", "1.1", None),
    ],
)
def test_the_step_is_the_first_number_that_moved(old: str, new: str, step: Step | None) -> None:
    assert step_between(old, new) is step


def test_the_highest_released_version_is_the_last(changed: Changed) -> None:
    folder = changed()
    assert last_released(folder) is None
    for version in (f"{MAJOR}.9.0", f"{MAJOR}.10.0"):
        kept = folder / "released" / version
        shutil.copytree(pack_folders()["cramps"], kept, ignore=RELEASES)
        for file in ("pack.toml", "questionnaire.json"):
            text = (kept / file).read_text()
            (kept / file).write_text(text.replace(f'"{HERE}"', f'"{version}"', 1))

    released = last_released(folder)

    assert released is not None
    assert released.version == f"{MAJOR}.10.0"
    (fault,) = version_faults(folder, load_pack(folder))
    assert fault.where == "pack.toml: pack: version"
    assert fault.problem == f"{HERE} does not follow {MAJOR}.10.0."


LESS = ("rules.toml", FAINTED, FAINTED.replace("fainted-recovered", "unresponsive-now"))
MORE = ("rules.toml", '["several-a-day", "daily"]', '["several-a-day", "daily", "weekly"]')
WORDS = ("rules.toml", "Cannot be woken:", "Cannot be roused:")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edit", "version", "refused"),
    [
        (WORDS, HERE, f"{HERE} stands for two things; the changes ask for patch."),
        (WORDS, A_PATCH_ON, None),
        (MORE, HERE, f"{HERE} stands for two things; the changes ask for minor."),
        (MORE, A_PATCH_ON, f"{HERE} to {A_PATCH_ON} is a patch step; the changes ask for minor."),
        (MORE, A_MINOR_ON, None),
        (LESS, A_MINOR_ON, f"{HERE} to {A_MINOR_ON} is a minor step; the changes ask for major."),
        (LESS, A_MAJOR_ON, None),
        (WORDS, "0.9.9", f"0.9.9 does not follow {HERE}."),
    ],
)
def test_a_version_that_moves_less_than_the_changes_ask_is_refused(
    changed: Changed, edit: tuple[str, str, str], version: str, refused: str | None
) -> None:
    folder = changed(edit)
    kept = folder / "released" / HERE
    shutil.copytree(pack_folders()["cramps"], kept, ignore=RELEASES)
    for file in ("pack.toml", "questionnaire.json"):
        text = (folder / file).read_text()
        (folder / file).write_text(text.replace(f'"{HERE}"', f'"{version}"', 1))

    faults = list(version_faults(folder, load_pack(folder)))

    assert [fault.problem for fault in faults] == ([refused] if refused else [])


def test_check_tells_a_version_that_stands_for_two_things(changed: Changed) -> None:
    folder = changed(WORDS)
    kept = folder / "released" / HERE
    shutil.copytree(pack_folders()["cramps"], kept, ignore=RELEASES)

    (fault,) = check_pack(folder).faults

    assert fault.where == "pack.toml: pack: version"
    assert f"pack diff changed/released/{HERE} changed" in fault.hint


def test_a_kept_release_that_cannot_be_read_is_a_fault(changed: Changed) -> None:
    folder = changed(WORDS)
    kept = folder / "released" / HERE
    kept.mkdir(parents=True)
    (kept / "pack.toml").write_text("[pack]\n")

    assert list(version_faults(folder, load_pack(folder)))


def test_the_shipped_pack_keeps_its_last_release() -> None:
    folder = pack_folders()["cramps"]

    released = last_released(folder)

    assert released is not None
    assert difference(released, load_pack(folder)).fault is None


@pytest.mark.parametrize(
    ("edit", "change", "step"),
    [
        (("pack.toml", 'indicator = "info"', 'indicator = "warning"'), "level", Step.MAJOR),
        (("pack.toml", 'word      = "URGENT"', 'word      = "TODAY"'), "level", Step.PATCH),
        (("rules.toml", 'finding = "threatened-limb"', 'finding = "limb"'), "rule", Step.MAJOR),
        (
            ("rules.toml", 'display      = "Diabetes"', 'display      = "Sugar"'),
            "cause",
            Step.PATCH,
        ),
        (("record.toml", 'critical_low = "120"', 'critical_low = "121"'), "limit", Step.MINOR),
        (("pack.toml", "default = true", "default = false"), "site option", Step.MAJOR),
    ],
)
def test_each_part_weighs_what_its_readers_lose(
    changed: Changed, edit: tuple[str, str, str], change: str, step: Step
) -> None:
    found = difference(find_pack("cramps"), load_pack(changed(edit)), solver=False)

    assert change in {one.kind for one in found.changes}
    assert found.step is step
