"""`questionnaire` as a command: what is installed, and one form as text or FHIR."""

from collections.abc import Callable
from typing import Any

import pytest

from cds.forms.form.every_item import every_item
from tests.strategies import form_of

Call = Callable[..., Any]
FULL, SHORT = form_of("cramps"), form_of("cramps", short=True)


def without_extensions(value: Any) -> Any:
    """The form without what other engines need to pre-fill it."""
    if isinstance(value, dict):
        return {k: without_extensions(v) for k, v in value.items() if k != "extension"}
    return [without_extensions(one) for one in value] if isinstance(value, list) else value


def test_the_list_names_every_form(call: Call) -> None:
    lines = call("questionnaire", "list").text.splitlines()

    assert [line.split()[:3] for line in lines] == [
        ["cramps", FULL.version, FULL.url],
        ["cramps-red-flags", SHORT.version, SHORT.url],
    ]


def test_further_packs_are_listed_too(call: Call) -> None:
    text = call("questionnaire", "list", "--packs", "tests/packs").text

    assert "boiler" in text


def test_the_list_as_fhir_is_a_bundle(call: Call) -> None:
    bundle = call("questionnaire", "list", "--format", "fhir").json

    assert bundle["type"] == "collection"
    assert [entry["resource"]["id"] for entry in bundle["entry"]] == ["cramps", "cramps-red-flags"]


@pytest.mark.parametrize("name", ["cramps", FULL.url, f"{FULL.url}|{FULL.version}"])
def test_a_form_is_found_by_id_and_canonical(call: Call, name: str) -> None:
    raw = call("questionnaire", "show", name, "--format", "fhir").json

    assert without_extensions(raw) == without_extensions(FULL.raw)


def test_the_short_form_is_derived_from_the_full_one(call: Call) -> None:
    raw = call("questionnaire", "show", "cramps-red-flags", "--format", "fhir").json

    assert raw["derivedFrom"] == [f"{FULL.url}|{FULL.version}"]


def test_the_text_holds_every_question_option_and_condition(call: Call) -> None:
    # Long lines are wrapped.
    text = " ".join(call("questionnaire", "show", "cramps").text.split())

    for item in every_item(FULL.raw):
        assert f"{item['linkId']}: {item['text']}" if "text" in item else item["linkId"] in text
        for option in item.get("answerOption", ()):
            coding = option["valueCoding"]
            assert f"[{coding['code']}] {coding['display']}" in text
    assert "asked if safety.nerve = leg-numbness-or-tingling or safety.nerve = leg-weakness" in text


def test_an_unknown_form_is_two_with_the_nearest(call: Call) -> None:
    done = call("questionnaire", "show", "cramp")

    assert (done.code, done.out) == (2, b"")
    assert "Did you mean 'cramps'?" in done.err
