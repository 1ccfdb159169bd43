"""What fields become: the short way, by one walk, and the long way, by the tree, make the same."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.forms.questionnaire import compile_questionnaire
from cds.web.form import filled
from cds.web.form.typed import keys_of
from tests.form.kit import ALONE, OPTIONS, coding, one
from tests.strategies import pack_of

HEAD = {
    "resourceType": "QuestionnaireResponse",
    "status": "completed",
    "authored": "2026-11-30T10:00:00Z",
}
WHEN = {"question": "q", "operator": "=", "answerCoding": {"system": "urn:x", "code": "a"}}
SMALL = {
    "resourceType": "Questionnaire",
    "url": "https://example.org/small",
    "status": "active",
    "item": [
        one("choice", answerOption=OPTIONS, required=True),
        one("integer", "n", enableWhen=[WHEN], required=True),
        one(
            "group",
            "g",
            repeats=True,
            item=[
                one("open-choice", "o", answerOption=OPTIONS),
                one("string", "t"),
            ],
        ),
        one(
            "choice",
            "m",
            repeats=True,
            answerOption=[*OPTIONS, {**coding("none"), "extension": [ALONE]}],
        ),
    ],
}
FORMS = {
    "small": compile_questionnaire(SMALL),
    "cramps": compile_questionnaire(dict(pack_of("cramps").full.raw)),
}


@st.composite
def drafts(draw: Any, name: str) -> dict[str, list[str]]:
    """Fields as a page, or anyone, may send them."""
    form = FORMS[name]
    found = {}
    for item in form.by_link_id.values():
        if item.type in {"group", "display"} or draw(st.integers(0, 9)) == 0:
            continue
        keys = [*keys_of(item), "7", "x"] if item.type != "choice" else [*keys_of(item)] * 3 + ["x"]
        rows = ["~0", "~2"] if item.parent is not None and item.parent.repeats else [""]
        for row in rows:
            chosen = st.lists(st.sampled_from(keys), max_size=2 if item.repeats else 1)
            found[item.link_id + row] = draw(chosen)
            if item.type == "open-choice":
                found[f"{item.link_id}{row}:other"] = [draw(st.sampled_from(["", "", "words"]))]
    return found


@pytest.mark.parametrize("name", FORMS)
def test_one_walk_tells_what_the_tree_tells(name: str) -> None:
    form = FORMS[name]
    walked = set()

    @given(drafts(name))
    def agree(draft: dict[str, list[str]]) -> None:
        short = filled.fill(form, draft, None, HEAD)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(filled, "reader_of", lambda _: NoReader())
            long = filled.fill(form, draft, None, HEAD)
        walked.add(short.walk is not None)

        assert short.items == long.items
        assert short.made == long.made
        assert short.faults == long.faults
        assert filled.issues_of(short, form) == filled.issues_of(long, form)

    agree()
    assert walked == {True, False}


class NoReader:
    """Of a form that only a tree can read."""

    def walk(self, _: object) -> None:
        """Nothing is told at a glance."""
