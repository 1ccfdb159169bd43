"""The questions to a clinician: two readings each, and what the rules make of the same person."""

import shutil
from pathlib import Path

import pytest

from cds.__main__ import main
from cds.errors import PackError
from cds.flows.packs.check import check_pack
from cds.flows.packs.questions import Questions, read_questions
from cds.knowledge.read.pack import folder_of, load_pack
from tests.knowledge.spoil import change

PAGE = Path(__file__).parents[2] / "docs" / "clinical-questions.md"
FOLDER = folder_of("cramps")
PACK = load_pack(FOLDER)


def said(capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert main(["pack", "review", "cramps", *more]) == 0
    return capsys.readouterr().out


def test_the_page_in_the_documents_is_what_the_command_writes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    written = said(capsys, "--only-questions")

    hint = f"pack review cramps --only-questions > {PAGE}"
    assert written == PAGE.read_text(encoding="utf-8"), hint
    assert written.splitlines()[2].startswith("**No clinician has reviewed this pack.**")
    for rule in PACK.rules.rules:
        ours = rule.basis != "seed" or "ours" in rule.reading.casefold()
        assert (f"**{rule.id}: " in written) is ours


def test_the_command_prints_the_page_of_the_pack_below(capsys: pytest.CaptureFixture[str]) -> None:
    written = said(capsys)

    assert written.startswith(PAGE.read_text(encoding="utf-8").rstrip())
    assert "## The pack" in written
    for rule in PACK.rules.rules:
        assert rule.title in " ".join(written.split())


def test_every_question_has_a_person_whom_the_louder_reading_sends_higher() -> None:
    questions = read_questions(PACK, FOLDER)
    rank = {level.code: level.rank for level in PACK.rules.levels}

    assert len(questions.asked) > 10
    for one in questions.asked:
        assert rank[one.now.level] >= rank[one.other.level], one.id
        assert one.now.rules != one.other.rules, one.id
        assert set(one.sources) <= set(questions.claims)
        for text in (one.asks, one.person, one.affected, one.risk, one.now.says, one.other.says):
            assert text.strip()
    higher = [one for one in questions.asked if rank[one.now.level] > rank[one.other.level]]
    assert len(higher) >= len(questions.asked) - 1  # the one about creatinine changes a reason only


def test_whom_the_form_hears_too_calmly_is_told_with_what_the_rules_say() -> None:
    questions = read_questions(PACK, FOLDER)
    rank = {level.code: level.rank for level in PACK.rules.levels}
    page = PAGE.read_text(encoding="utf-8")

    assert len(questions.unheard) > 10
    for one in questions.unheard:
        assert rank[one.level] < rank[one.wants]
        assert f"| {one.person} |" in page
        assert f"| {one.lacks} |" in page


def test_our_limits_beside_others_are_those_of_the_record() -> None:
    (potassium, *_) = read_questions(PACK, FOLDER).limits
    (test,) = [one for one in PACK.record["analyte"] if one["id"] == "potassium"]
    (limits,) = [one for one in test["limits"] if one["unit"] == potassium.unit]

    assert (potassium.test, potassium.side) == (test["display"], "high")
    assert potassium.ours == str(limits["critical_high"])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('["confused-or-very-drowsy"]', '["confuzed"]', "is not a linkId or option"),
        ('sources   = ["news2-new-confusion"]', 'sources   = ["news3"]', "'news3' is not known"),
        ('"sodium.low" = "absent"', '"sodium.lo" = "absent"', "is not a fact"),
        ('analyte = "sodium"', 'analyte = "sodum"', "is not a test"),
        ('unit    = "mg/dL"', 'unit    = "furlong"', "no critical low limit"),
        ('wants  = "emergency-911"', 'wants  = "routine"', "give routine already"),
        ('risk      = "Confusion', 'riks      = "Confusion', "risk"),
    ],
)
def test_a_question_with_a_fault_says_where_it_is(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    folder = tmp_path / "cramps"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("released"))
    change(folder, "questions.toml", old, new)
    pack = load_pack(folder)

    with pytest.raises(PackError) as raised:
        read_questions(pack, folder)
    faults = raised.value.faults
    assert any(told in f"{one.where} {one.problem}" for one in faults), faults
    assert all("questions.toml" in one.where for one in faults)


@pytest.mark.slow
def test_check_reads_the_questions_too(tmp_path: Path) -> None:
    folder = tmp_path / "cramps"
    shutil.copytree(FOLDER, folder)
    change(folder, "questions.toml", '["news2-new-confusion"]', '["news3"]')

    assert any("questions.toml" in one.where for one in check_pack(folder).faults)


def test_a_pack_without_questions_has_none() -> None:
    assert read_questions(PACK, FOLDER / "cases") == Questions()
