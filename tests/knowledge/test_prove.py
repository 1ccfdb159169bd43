"""A law that is broken on purpose is found, and shown with answers that `assess` takes."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cds import wire
from cds.core.pack import Pack
from cds.flows.assess import Assessor
from cds.knowledge.proofs.prove import ClaimResult, Judgement, Proofs, prove
from cds.knowledge.proofs.report import report_json, report_text
from cds.knowledge.proofs.witness import situations_of, witness_response
from cds.knowledge.read.pack import find_pack, load_pack, pack_folders

NOW = datetime(2026, 1, 2, tzinfo=UTC)
Plant = Callable[[str, str, str], Pack]


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """A copy of the pack with one passage changed."""

    def planted(file: str, old: str, new: str) -> Pack:
        folder = tmp_path / "planted"
        if not folder.exists():
            kept = shutil.ignore_patterns("cases", "released")
            shutil.copytree(pack_folders()["cramps"], folder, ignore=kept)
        path = folder / file
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new))
        return load_pack(folder)

    return planted


@pytest.fixture(scope="module")
def proofs() -> Proofs:
    return prove(find_pack("cramps"))


def broken(pack: Pack, law: str) -> dict[str, ClaimResult]:
    """What a law finds, by what it is about; the first finding of each. On the full form alone:
    what a rule does wrong there, the short form does not mend."""
    if law != "h":
        pack = pack._replace(forms=(pack.full,))
    found: dict[str, ClaimResult] = {}
    for result in prove(pack, law).failures:
        found.setdefault(result.claim.about, result)
    return found


def levels(result: ClaimResult) -> list[str]:
    assert result.model is not None
    return [one.level for one in situations_of(result.claim, result.model)]


def accepted(pack: Pack, result: ClaimResult) -> None:
    """`assess` takes the counterexample as a valid response and comes to the same level."""
    assert result.model is not None
    situation = situations_of(result.claim, result.model)[-1]
    response = wire.write(witness_response(pack, situation))
    assessed = Assessor([pack], dict(situation.settings)).assess(response, now=NOW)
    assert not assessed.invalid
    if not situation.facts:
        assert assessed.level.code == situation.level
        assert {one.rule.id for one in assessed.findings} == set(situation.rules)


def test_the_shipped_pack_keeps_every_law(proofs: Proofs) -> None:
    assert [result.claim.says for result in proofs.failures] == []
    assert {result.claim.law for result in proofs.results} == set("abcdegh")


def test_a_rule_that_always_comes_with_another_says_so(proofs: Proofs) -> None:
    said = {r.claim.about for r in proofs.results if r.verdict is Judgement.SAID}

    assert said == {"E4", "E10"}


def test_each_answer_of_the_closed_list_is_shown_with_its_example(proofs: Proofs) -> None:
    shown = {result.claim.about: levels(result) for result in proofs.exceptions}

    assert set(shown) == {
        "history.hemodialysis = yes",
        "safety.nerve-course = longstanding-assessed-unchanged",
        "history.conditions, once answered",
        "safety.urine, the last safety question, once answered",
    }
    assert shown["history.conditions, once answered"][0] == "urgent"
    assert shown["safety.urine, the last safety question, once answered"] == [
        "indeterminate",
        "routine",
    ]
    assert shown["safety.nerve-course = longstanding-assessed-unchanged"] == [
        "emergency-evaluation",
        "urgent",
    ]


def test_an_emergency_that_can_be_argued_away_breaks_law_a(plant: Plant) -> None:
    pack = plant(
        "rules.toml",
        'when    = { question = "safety.consciousness", operator = "=",'
        ' answerCoding = "fainted-recovered" }',
        'when    = { all = [{ question = "safety.consciousness", operator = "=",'
        ' answerCoding = "fainted-recovered" }, { none = [{ question = "history.duration",'
        ' operator = "=", answerCoding = "over-6-months" }] }] }',
    )

    found = broken(pack, "a")

    assert set(found) == {"E2"}
    assert levels(found["E2"]) != ["emergency-911"]
    accepted(pack, found["E2"])


@pytest.mark.slow
def test_an_alarm_that_lowers_the_level_breaks_law_b(plant: Plant) -> None:
    pack = plant(
        "rules.toml",
        '  { question = "history.episode", operator = "=",'
        ' answerCoding = ["over-10-minutes", "does-not-go-away"] },\n',
        '  { all = [{ question = "history.episode", operator = "=",'
        ' answerCoding = "does-not-go-away" }, { none = [{ question = "safety.limb",'
        ' operator = "=", answerCoding = "skin-changes-longstanding" }] }] },\n',
    )

    result = broken(pack, "b")["safety.limb = skin-changes-longstanding"]

    before, after = levels(result)
    assert pack.rules.level(after).rank < pack.rules.level(before).rank
    accepted(pack, result)


@pytest.mark.slow
def test_an_alarm_of_being_open_that_no_list_names_breaks_law_b(plant: Plant) -> None:
    pack = plant("pack.toml", "[[settles]]", "[[about.left-out]]")

    found = broken(pack, "b")

    assert {about.partition(" = ")[0] for about in found} == {"history.conditions"}
    before, after = levels(found["history.conditions = pregnant"])
    assert before == "urgent"
    assert pack.rules.level(after).rank < pack.rules.level(before).rank
    accepted(pack, found["history.conditions = pregnant"])


@pytest.mark.slow
def test_a_listed_settling_that_ends_nothing_breaks_law_b(plant: Plant) -> None:
    pack = plant("pack.toml", 'rule     = "U5"', 'rule     = "U6"')

    assert "history.conditions, once answered" in broken(pack, "b")


def test_a_rule_that_can_never_fire_breaks_law_c(plant: Plant) -> None:
    pack = plant(
        "rules.toml",
        '  { question = "safety.pelvic-mass", operator = "=", answerCoding = "yes" },\n]',
        '  { question = "safety.pelvic-mass", operator = "=", answerCoding = "yes" },\n'
        '  { question = "safety.pelvic-mass", operator = "=", answerCoding = "no" },\n]',
    )

    result = broken(pack, "c")["E10"]

    assert result.claim.says == "E10 can fire."
    assert result.model is None


def test_a_rule_that_another_always_accompanies_must_say_so(plant: Plant) -> None:
    pack = plant("rules.toml", " R2 always fires along with it, because of the hemodialysis.", "")

    assert set(broken(pack, "c")) == {"E4"}


def test_advice_that_contradicts_other_advice_breaks_law_d(plant: Plant) -> None:
    pack = plant("rules.toml", 'yields-to   = ["fluid-limits"]\n', "")

    result = broken(pack, "d")["fluid-limits / fluids"]

    assert levels(result) in (["routine"], ["self-care"])
    accepted(pack, result)


def test_a_safety_item_left_out_of_the_safety_check_breaks_law_e(plant: Plant) -> None:
    pack = plant("pack.toml", '"safety.pelvic-mass", "safety.limb"]', '"safety.pelvic-mass"]')

    result = broken(pack, "e")["safety.limb"]

    assert levels(result) in (["routine"], ["self-care"])
    accepted(pack, result)


def test_a_critical_value_that_counts_less_than_an_abnormal_one_breaks_law_g(plant: Plant) -> None:
    pack = plant(
        "rules.toml",
        '{ fact = ["sodium.critical", "potassium.critical"',
        '{ fact = ["potassium.critical"',
    )

    found = broken(pack, "g")

    assert set(found) == {"sodium low", "sodium high"}
    before, after = levels(found["sodium low"])
    assert pack.rules.level(after).rank < pack.rules.level(before).rank


@pytest.mark.slow
def test_limits_out_of_order_break_law_g(plant: Plant) -> None:
    pack = plant("record.toml", 'critical_low = "120"', 'critical_low = "140"')

    assert set(broken(pack, "g")) == {"sodium limits"}


def test_a_short_form_that_reassures_breaks_law_h() -> None:
    pack = find_pack("cramps")
    full, short = pack.forms
    pack = pack._replace(forms=(full, short._replace(short=False)))

    result = broken(pack, "h")[short.id]

    assert result.claim.says == "The short form never reassures."
    accepted(pack, result)


def test_a_counterexample_is_a_table_and_a_response(plant: Plant) -> None:
    pack = plant("pack.toml", '"safety.pelvic-mass", "safety.limb"]', '"safety.pelvic-mass"]')
    found = prove(pack, "e")

    text = "\n".join(report_text(found))
    document = report_json(found)

    assert "NOT PROVEN  e" in text
    assert "Claim: Nothing reassures while safety.limb is open." in text
    assert '{"resourceType":"QuestionnaireResponse"' in text
    assert document["proven"] is False
    assert document["failures"][0]["response"]["resourceType"] == "QuestionnaireResponse"
    # The smallest: six safety answers, and nothing that is not needed for the example.
    assert len(document["failures"][0]["worlds"][0]["answers"]) == 6
