"""An answer given to an earlier version answers only the options that it had."""

import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from cds.core.model import Answers
from cds.flows.assess import Assessor
from cds.flows.deciding.versions import asked_anew
from cds.flows.explaining.again import Again
from cds.flows.explaining.explain import explain
from cds.flows.packs.check import check_pack
from cds.knowledge.compared.diff import earlier_faults
from cds.knowledge.proofs.questions import questions_of_form
from cds.knowledge.proofs.random_answers import valid_answers
from cds.knowledge.proofs.witness import _response as response_of
from cds.knowledge.read.pack import find_pack, load_pack, pack_folders
from tests.knowledge.spoil import change
from tests.replies import NOW, assessor_of, decide, question, reply
from tests.strategies import engine_of

FOLDER = pack_folders()["cramps"]
PACK = find_pack("cramps")
VERSIONS = sorted(one.name for one in (FOLDER / "released").iterdir())
Json = dict[str, Any]


def given_to(version: str, response: Json) -> Json:
    url = response["questionnaire"].partition("|")[0]
    return {**response, "questionnaire": f"{url}|{version}"}


@pytest.mark.parametrize("version", [one for one in VERSIONS if one != PACK.version])
def test_none_given_to_an_earlier_version_denies_only_what_it_asked(version: str) -> None:
    assessed = decide(given_to(version, reply()))

    assert assessed.level.code == "indeterminate"
    assert not assessed.assessment.complete
    opened = {one.link_id: one.why for one in assessed.assessment.open}
    (earlier,) = [one for one in PACK.earlier if one.version == version]
    assert {link_id for link_id, why in opened.items() if why == "not-asked"} == set(
        earlier.not_asked
    )
    assert "earlier-version" in {note.code for note in assessed.assessment.notes}


def test_the_same_answers_to_this_version_are_settled() -> None:
    assert decide(given_to(PACK.version, reply())).level.code == "self-care"


def test_an_exception_that_was_asked_for_stands() -> None:
    dialysis = {"safety.urine": "none-usual-on-dialysis", "history.hemodialysis": "yes"}

    assessed = decide(given_to("1.0.0", reply(dialysis)))

    fired = [finding.rule.id for finding in assessed.findings]
    assert "E4" in fired
    assert "E3" not in fired


@pytest.mark.parametrize("version", [one for one in VERSIONS if one != PACK.version])
def test_no_level_is_below_what_the_earlier_version_concludes(version: str) -> None:
    released = load_pack(FOLDER / "released" / version)
    before, now = Assessor([released]), Assessor([PACK])
    questions = questions_of_form(released.full, released.unknown, released.fail_safe)
    chance = random.Random(3)  # noqa: S311 - chosen answers, nothing secret
    for _ in range(60):
        response = response_of(released.full, valid_answers(questions, chance))
        was, then = before.assess(response, now=NOW), now.assess(response, now=NOW)
        assert then.level.rank >= was.level.rank
        assert then.level.rank >= PACK.rules.level("indeterminate").rank


@pytest.mark.parametrize("version", [one for one in VERSIONS if one != PACK.version])
def test_an_explanation_knows_what_the_earlier_version_did_not_ask(version: str) -> None:
    """What it says would change the level is what `assess` says of the changed response."""
    questions = questions_of_form(PACK.full, PACK.unknown, PACK.fail_safe)
    chance = random.Random(5)  # noqa: S311 - chosen answers, nothing secret
    samples = [reply(), reply({"safety.limb": "cold-pale-or-blue"}), reply(short=True)]
    samples += [response_of(PACK.full, valid_answers(questions, chance)) for _ in range(4)]
    for response in samples:
        asked = given_to(version, response)
        explanation = explain(assessor_of(), decide(asked))
        form = explanation.assessed.context.form
        again = Again(asked, engine_of("cramps", short=form.short))
        assert again.read({}).open == (explanation.assessed.context.answers or Answers((), {})).open
        for found in (explanation.higher, explanation.lower):
            if found is not None:
                assert decide(again.changed(dict(found.changes))).level == found.level


@pytest.mark.parametrize("version", [one for one in VERSIONS if one != PACK.version])
def test_no_change_of_other_answers_settles_what_was_not_asked(version: str) -> None:
    explanation = explain(assessor_of(), decide(given_to(version, reply())))

    assert explanation.assessed.level.code == "indeterminate"
    assert explanation.lower is None


def test_a_form_filled_from_an_earlier_response_asks_again_and_keeps_alarms() -> None:
    response = reply({"safety.limb": ["cold-pale-or-blue"], "safety.nerve": ["none"]})

    kept = asked_anew(given_to("1.0.0", response), PACK)

    left = {one["linkId"]: one.get("answer") for one in kept["item"][0]["item"]}
    assert left["safety.limb"] == question(response, "safety.limb")["answer"]
    assert left["safety.nerve"] == left["safety.urine"] == []
    assert kept["item"][1] == response["item"][1]
    assert asked_anew(response, PACK) == response


@pytest.mark.parametrize("version", [one for one in VERSIONS if one != PACK.version])
def test_that_earlier_rules_decide_is_a_deviation_in_every_output(version: str) -> None:
    """Installed side by side, the version that a response names answers it: the site's choice."""
    released = load_pack(FOLDER / "released" / version)
    both = Assessor([released, PACK])
    (lacked,) = [one.not_asked for one in PACK.earlier if one.version == version]

    decided = both.assess(given_to(version, reply()), now=NOW)

    assert decided.pack.version == version
    (deviation,) = decided.document()["deviations"]
    assert deviation["option"] == "earlier_rules"
    assert tuple(deviation["linkIds"]) == lacked
    assert f"though {PACK.version} is installed" in deviation["text"]
    assert f"though {PACK.version} is installed" in str(decided.to_fhir())
    for response in (given_to(PACK.version, reply()), reply()):
        assert both.assess(response, now=NOW).document()["deviations"] == []
    assert Assessor([released]).assess(reply(), now=NOW).document()["deviations"] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_sent_names_the_version_that_decided_and_the_one_that_was_answered(
    version: str,
) -> None:
    released = load_pack(FOLDER / "released" / version)
    for packs, decides in (([PACK], PACK), ([released, PACK], released), ([released], released)):
        decided = Assessor(packs).assess(given_to(version, reply()), now=NOW)

        assert decided.document()["pack"]["version"] == decides.version
        assert decided.response["questionnaire"].endswith(f"|{version}")
        sent = str(decided.to_fhir())
        assert decides.hash in sent
        other = PACK if decides is released else released
        assert other.version == decides.version or other.hash not in sent


def test_check_tells_a_released_version_whose_gaps_are_not_declared(tmp_path: Path) -> None:
    folder = tmp_path / "cramps"
    shutil.copytree(FOLDER, folder)
    change(folder, "pack.toml", 'not-asked = ["safety.urine", ', "not-asked = [")

    faults = list(earlier_faults(folder, load_pack(folder)))

    assert {fault.where for fault in faults} == {
        f"pack.toml: earlier {version}: not-asked"
        for version in VERSIONS
        if version != PACK.version
    }
    assert set(faults) <= set(check_pack(folder).faults)
