"""What `decided.md` settled about the forms and the output (16, 17, 26, 27)."""

from typing import Any

import pytest

from cds.flows.packs.differential import valid_responses
from cds.forms.form.every_item import every_item
from cds.forms.validate import Questionnaire, compile_questionnaire, validate
from cds.knowledge.read.pack import find_pack
from cds.knowledge.read.short_form import short_form
from cds.knowledge.read.tables import Faults, Table
from tests.replies import DIALYSIS, SAFETY, decide, fired, opened, reply, status
from tests.strategies import form_of

Json = dict[str, Any]

# ── 16–17: the forms ──


def test_the_short_form_asks_for_hemodialysis_only_beside_none_as_usual() -> None:
    raw = form_of("cramps", short=True).raw
    history = raw["item"][1]

    unasked = {"group", "display"}
    asked = [one["linkId"] for one in every_item(raw["item"][0]) if one["type"] not in unasked]
    assert asked == [*SAFETY[:5], "safety.nerve-course", *SAFETY[5:]]
    assert history["linkId"] == "history"
    assert len(history["enableWhen"]) == 3
    (item,) = history["item"]
    assert item["linkId"] == "history.hemodialysis"
    assert item["enableWhen"][0]["question"] == "safety.urine"
    assert item["enableWhen"][0]["answerCoding"]["code"] == "none-usual-on-dialysis"
    assert not item.get("required", False)


def test_on_the_short_form_a_blank_hemodialysis_leaves_the_alarm() -> None:
    usual = {"safety.urine": "none-usual-on-dialysis"}

    assert fired(decide(reply(usual, short=True))) == ["E3"]
    assert fired(decide(reply(DIALYSIS, short=True))) == ["E4", "R2"]
    assert decide(reply(DIALYSIS, short=True)).level.code == "indeterminate"


def test_the_short_form_says_that_it_cannot_reassure() -> None:
    assessed = decide(reply(short=True))

    assert assessed.level.code == "indeterminate"
    assert [note["code"] for note in assessed.document()["notes"]] == ["short-form"]
    assert assessed.assessment.complete
    assert status(assessed) == "preliminary"


def test_every_option_has_words_and_only_none_excludes() -> None:
    for group in form_of("cramps").raw["item"]:
        for item in group["item"]:
            for option in item.get("answerOption", ()):
                urls = [one["url"] for one in option.get("extension", [])]
                alone = any(url.endswith("optionExclusive") for url in urls)
                code = option["valueCoding"]["code"]
                assert option["valueCoding"]["display"].strip()
                assert not alone or code == "none"
                assert alone or code != "none" or not item.get("repeats")


def test_only_the_always_asked_safety_items_are_required() -> None:
    items = [item for group in form_of("cramps").raw["item"] for item in group["item"]]

    assert [item["linkId"] for item in items if item.get("required")] == SAFETY


def test_free_text_is_noted_and_never_interpreted() -> None:
    changes = {"history.symptoms": ["poor-sleep", {"free-text": "I fainted, no urine"}]}

    assessed = decide(reply(changes))

    assert fired(assessed) == ["R1"]
    assert [(n["code"], n["about"]) for n in assessed.document()["notes"]] == [
        ("free-text", "history.symptoms")
    ]
    assert opened(assessed) == {}


# ── 26–27: output ──


def test_an_item_answered_unknown_stands_in_because_as_null() -> None:
    changes = {"safety.nerve": "leg-weakness", "safety.nerve-course": "unknown"}

    (finding,) = decide(reply(changes)).document()["findings"]

    assert finding["because"] == [
        {"linkId": "safety.nerve", "answer": "leg-weakness"},
        {"linkId": "safety.nerve-course", "answer": None},
    ]


def test_a_record_of_which_nothing_was_used_is_counted_and_changes_nothing_else() -> None:
    record = [{"resourceType": "Observation", "id": "x", "status": "final", "code": {"text": "?"}}]

    with_record, without = decide(reply(), record=record), decide(reply())

    told = with_record.document()
    account = {"looked-at": 1, "used": 0, "replaced": 0, "not-about-this": 1}
    assert told.pop("record") == {**account, "unheard": [], "missing": []}
    assert told == without.document()
    risk, plain = (one.to_fhir()["entry"][0]["resource"] for one in (with_record, without))
    assert risk["identifier"] == plain["identifier"]
    line = risk["note"][-1]["text"]
    assert line == "Record: 1 resource looked at, 0 used."
    assert [one["text"] for one in risk["note"][:-1]] == [one["text"] for one in plain["note"]]


def test_rule_ids_sort_as_people_count() -> None:
    changes = {
        "safety.consciousness": "fainted-recovered",
        "safety.urine": "none-new",
        "safety.nerve": ["leg-weakness", "saddle-numbness"],
        "safety.pelvic-mass": "yes",
        "history.labs-known": "critical-or-called-by-lab",
    }

    assert fired(decide(reply(changes))) == ["E2", "E3", "E7", "E9", "E10", "E11", "U2"]


def test_what_answers_the_short_form_answers_the_full_one() -> None:
    pack = find_pack("cramps")
    full, short = pack.forms
    (derived,) = short.raw["_derivedFrom"]
    (extension,) = derived["extension"]
    forms = [compile_questionnaire(dict(form.raw)) for form in (short, full)]

    def is_valid(response: Json, form: Questionnaire) -> bool:
        renamed = response | {"questionnaire": f"{form.raw['url']}|{form.raw['version']}"}
        return all(one.severity != "error" for one in validate(renamed, form))

    verdicts = [
        [is_valid(one, form) for form in forms] for one in valid_responses(pack, short, 100, seed=3)
    ]

    assert extension["valueCoding"]["code"] == "compliesWith"
    assert verdicts.count([True, True]) > 20
    assert [True, False] not in verdicts


@pytest.mark.parametrize(
    ("required", "extra", "code"),
    [
        ("a", {}, "compliesWith"),
        ("b", {}, "inspiredBy"),  # the full form asks more
        (
            "a",
            {"enable-when": [{"item": "a", "question": "c", "answerCoding": "yes"}]},
            "inspiredBy",  # the short one asks it at times only
        ),
    ],
)
def test_a_short_form_complies_if_it_asks_all_that_is_required(
    required: str, extra: Json, code: str
) -> None:
    options = [{"valueCoding": {"system": "urn:s", "code": "yes"}}]
    items: list[Json] = [
        {"linkId": one, "type": "choice", "answerOption": options} for one in "abc"
    ]
    for one in items:
        one["required"] = one["linkId"] == required
    full = {"url": "http://example.org/Questionnaire/f", "version": "1", "item": items}
    words = {"id": "s", "name": "S", "title": "S", "description": "S", "keep": ["a", "c"]}
    faults = Faults()

    short = short_form(full, Table(words | extra, "pack.toml: short-form", faults), faults)

    (derived,) = short["_derivedFrom"]
    assert derived["extension"][0]["valueCoding"]["code"] == code
