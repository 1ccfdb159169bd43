"""Smart Forms' and Medplum's forms show ours as we mean it; they write the golden inputs."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from cds.forms.form.every_item import every_item

# npm needs more than a minute for the 300 packages that the two bring along.
pytestmark = pytest.mark.long
Json = dict[str, Any]

HERE = Path(__file__).parent
VISITS: Json = json.loads((HERE / "visits.json").read_text(encoding="utf-8"))
FILLERS = ("smart-forms", "medplum")
CALL, COURSE = "safety.call-now", "safety.nerve-course"
OWN_WORDS = ["history.relievers", {"text": "walking on a cold floor"}]

each = pytest.mark.parametrize("filler", FILLERS)


@each
@pytest.mark.parametrize("name", VISITS)
def test_it_fills_the_form_as_the_golden_input_says(filler: str, name: str, react: Json) -> None:
    path = HERE / "golden" / filler / f"{name}.json"
    response = react[filler][name]["response"]
    if os.environ.get("CRAMP_CDS_REGENERATE") == "1":
        path.parent.mkdir(exist_ok=True)
        text = json.dumps(response, indent=2, ensure_ascii=False) + "\n"
        path.write_text(text, encoding="utf-8")

    assert response == json.loads(path.read_text(encoding="utf-8"))


@each
def test_the_form_does_not_go_blank_for_a_person_who_cannot_be_woken(
    filler: str, react: Json
) -> None:
    assert CALL in react[filler]["unresponsive-after-all"]["shown"]


@each
def test_what_depends_on_a_hidden_question_is_hidden_with_it(filler: str, react: Json) -> None:
    shown = set(react[filler]["unresponsive-after-all"]["shown"])

    assert shown == {"safety", "safety.consciousness", CALL}


@each
@pytest.mark.parametrize("name", ["emergency", "benign", "short-emergency"])
def test_every_question_that_is_asked_can_be_read(
    filler: str, name: str, react: Json, forms: dict[str, Json]
) -> None:
    form = forms[VISITS[name]["form"]]
    every = {item["linkId"] for item in every_item(form) if "text" in item}
    hidden = {CALL} if name == "emergency" else {CALL, COURSE}

    assert set(react[filler][name]["shown"]) >= every - hidden
    assert not hidden & set(react[filler][name]["shown"])


@pytest.mark.parametrize(("filler", "untold"), [("smart-forms", []), ("medplum", [OWN_WORDS])])
def test_where_own_words_have_no_place(filler: str, untold: list[Any], react: Json) -> None:
    """Medplum's form has no box for them: an open choice is a choice there."""
    assert react[filler]["benign"]["untold"] == untold


@each
def test_it_asks_nothing_of_another_machine_and_nothing_breaks(filler: str, react: Json) -> None:
    said = {name: (one["asked"], one["errors"]) for name, one in react[filler].items()}

    assert said == dict.fromkeys(VISITS, ([], []))
