"""An answer given to an earlier version answers only the options that it had."""

import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from cds.flows.assess import Assessor
from cds.flows.packs.check import check_pack
from cds.knowledge.compared.diff import earlier_faults
from cds.knowledge.proofs.questions import questions_of_form
from cds.knowledge.proofs.random_answers import valid_answers
from cds.knowledge.proofs.witness import response as response_of
from cds.knowledge.read.pack import find_pack, load_pack, pack_folders
from tests.knowledge.spoil import change
from tests.replies import NOW, decide, reply

FOLDER = pack_folders()["cramps"]
PACK = find_pack("cramps")
VERSIONS = sorted(one.name for one in (FOLDER / "released").iterdir())
Json = dict[str, Any]


def given_to(version: str, response: Json) -> Json:
    return {**response, "questionnaire": f"{PACK.full.url}|{version}"}


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
