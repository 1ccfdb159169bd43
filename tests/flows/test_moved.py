"""A question that stands in another group than before: answers count from either place."""

import copy
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from cds.commands.validate_forms import installed_form, moved_items
from cds.flows.deciding.assessed import Assessed
from cds.flows.packs.check import check_pack
from cds.flows.validate import Validator
from cds.forms.form.every_item import every_item
from cds.knowledge.compared.diff import earlier_faults
from cds.knowledge.proofs.questions import questions_of_form
from cds.knowledge.proofs.random_answers import valid_answers
from cds.knowledge.proofs.witness import _response as response_of
from cds.knowledge.read.pack import find_pack, load_pack, pack_folders
from tests.flows.test_earlier_version import given_to
from tests.knowledge.spoil import change
from tests.replies import COURSE, coding, decide, fired, question, reply

FOLDER = pack_folders()["cramps"]
PACK = find_pack("cramps")
GROUP = "safety.nerve-more"
ENOUGH = 12
SETTINGS = {"strict_seed": False}
KNOWN = {"safety.nerve": ["leg-weakness"], COURSE: "longstanding-assessed-unchanged"}
VERSIONS = [*(one.version for one in PACK.earlier), PACK.version, "9.9.9"]
Json = dict[str, Any]


def as_before(response: Json) -> Json:
    """The same answers as an earlier version had them: the question beside the one before it."""
    made = copy.deepcopy(response)
    for place in made.get("item", ()):
        place["item"] = [
            inner
            for one in place["item"]
            for inner in (one["item"] if one["linkId"] == GROUP else [one])
        ]
    return made


def concluded(assessed: Assessed) -> Json:
    """All that is decided and told, but for the hash of what was handed in."""
    document = assessed.document()
    return {key: document[key] for key in ("level", "findings", "open", "causes", "complete")}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("settings", [SETTINGS, {}])
def test_the_same_answers_decide_the_same_in_the_place_of_before(
    version: str, settings: dict[str, bool]
) -> None:
    questions = questions_of_form(PACK.full, PACK.unknown, PACK.fail_safe)
    chance = random.Random(11)  # noqa: S311 - chosen answers, nothing secret
    tried = 0
    while tried < ENOUGH:
        now = given_to(version, response_of(PACK.full, valid_answers(questions, chance)))
        before = as_before(now)
        if before == now:  # then the question was not asked
            continue
        tried += 1
        one, other = decide(before, settings=settings), decide(now, settings=settings)
        assert concluded(one) == concluded(other)
        assert one.issues == other.issues
        assert one.assessment.notes == other.assessment.notes


def test_a_known_course_is_believed_from_either_place() -> None:
    now = reply(KNOWN)

    for response in (now, as_before(now), given_to("1.0.0", as_before(now))):
        assert "U1" in fired(decide(response, settings=SETTINGS))
        assert "E9" not in fired(decide(response, settings=SETTINGS))


@pytest.mark.parametrize("place", ["outside", "history", "below the answer"])
def test_in_any_other_place_it_is_not(place: str) -> None:
    response = as_before(reply(KNOWN))
    course = question(response, COURSE)
    response["item"][0]["item"].remove(course)
    match place:
        case "outside":
            response["item"].append(course)
        case "history":
            response["item"][1]["item"].append(course)
        case _:
            question(response, "safety.nerve")["answer"][0]["item"] = [course]

    assessed = decide(response, settings=SETTINGS)

    assert "E9" in fired(assessed)
    assert any(one.rule == "wrongPlace" for one in assessed.issues)


def test_answered_in_both_places_it_is_answered_twice_and_what_alarms_counts() -> None:
    response = reply(KNOWN)
    other = {"linkId": COURSE, "answer": [coding("new-or-worse")]}
    response["item"][0]["item"].insert(5, other)

    assessed = decide(response, settings=SETTINGS)

    assert "E9" in fired(assessed)
    assert assessed.invalid


@pytest.mark.parametrize("version", [one.version for one in PACK.earlier])
@pytest.mark.parametrize("form", PACK.forms, ids=lambda form: form.id)
def test_a_response_is_validated_by_the_released_form_that_it_names(
    version: str, form: Any
) -> None:
    response = as_before(reply(KNOWN, short=form.short))

    assert _refused(given_to(version, response)) == []
    assert _refused(given_to(PACK.version, response)) == ["earlierPlace"]
    assert _refused(given_to(version, reply(KNOWN, short=form.short))) == ["invalidLinkId"]


@pytest.mark.parametrize("form", PACK.forms, ids=lambda form: form.id)
@pytest.mark.parametrize("name", ["without a version", "of a version that is not kept"])
def test_where_the_version_is_not_known_the_place_of_before_is_a_warning(
    form: Any, name: str
) -> None:
    response = as_before(reply(KNOWN, short=form.short))
    response["questionnaire"] = form.url + ("" if name == "without a version" else "|1.9.0")

    found = Validator(installed=installed_form, moved=moved_items).validate(response)

    assert ("earlierPlace", "warning") in {(one.rule, one.severity) for one in found}
    assert [one.rule for one in found if one.severity == "error"] == []
    assert "earlierPlace" not in {one.rule for one in decide(response).issues}


def _refused(response: Json) -> list[str]:
    found = Validator(installed=installed_form, moved=moved_items).validate(response)
    assert "questionnaireVersion" not in {one.rule for one in found}
    return [one.rule for one in found if one.severity == "error"]


def test_check_tells_what_stands_elsewhere_and_is_not_declared(tmp_path: Path) -> None:
    folder = tmp_path / "cramps"
    shutil.copytree(FOLDER, folder)
    change(folder, "pack.toml", f'moved     = {{ "{COURSE}" = "safety" }}', "")

    faults = list(earlier_faults(folder, load_pack(folder)))

    assert {fault.where for fault in faults} == {
        f"pack.toml: earlier {one.version}: moved" for one in PACK.earlier
    }
    assert f'"{COURSE}" = "safety"' in faults[0].problem
    assert set(faults) <= set(check_pack(folder).faults)


def test_every_place_that_was_is_one_of_a_released_version() -> None:
    for one in PACK.earlier:
        released = load_pack(FOLDER / "released" / one.version)
        for link_id, group in one.moved.items():
            (place,) = [item for item in every_item(released.full.raw) if item["linkId"] == group]
            assert link_id in [inner["linkId"] for inner in place["item"]]
