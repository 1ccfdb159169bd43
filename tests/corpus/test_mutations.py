"""Valid pairs changed in one way: what must break does, by its rule and place; the rest does not.

The kinds of change are in `mutations.py`; each is made at every place where it can be made.
"""

import copy
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cds import wire
from cds.forms.issues import Issue
from cds.forms.validate import validate
from tests.corpus.mutations import changes
from tests.corpus.sites import Change

Json = dict[str, Any]
FOLDER = Path(__file__).parents[2].parent / "shared" / "corpus" / "questionnaire-response"
MOST = 4  # of one kind in one pair: the large forms have hundreds of places alike
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the folder with published cases is not beside this repository"
)


def _pairs() -> Iterator[Any]:
    for file in sorted(FOLDER.glob("*/expect.json")):
        expect = json.loads(file.read_bytes())
        name = file.parent.name
        if expect["valid"] is True and "needs" not in expect and not name.startswith("derived-"):
            yield pytest.param(file.parent, id=name)


def _read(folder: Path) -> tuple[Json, Json]:
    form, response = (
        wire.read((folder / f"{name}.json").read_bytes()) for name in ("questionnaire", "response")
    )
    return form, response


def _few(form: Json, response: Json) -> Iterator[Change]:
    seen: Counter[tuple[str, str | None]] = Counter()
    for change in changes(form, response):
        seen[change.name, change.rule] += 1
        if seen[change.name, change.rule] <= MOST:
            yield change


def _errors(change: Change, version: str = "4.0") -> list[Issue]:
    found = validate(change.response, change.form, fhir_version=version)
    return [issue for issue in found if issue.severity in {"error", "fatal"}]


def _told(change: Change, errors: list[Issue]) -> str:
    return f"{change.name} at {change.place}: {[(one.rule, one.expression) for one in errors]}"


@pytest.mark.parametrize("folder", list(_pairs()))
def test_one_change_breaks_its_one_rule_or_none(folder: Path) -> None:
    for change in _few(*_read(folder)):
        errors = _errors(change)

        if change.rule is None:
            assert errors == [], _told(change, errors)
        else:
            assert [issue.rule for issue in errors] == [change.rule], _told(change, errors)
            assert errors[0].expression.startswith(change.place), _told(change, errors)


def _to_r5(items: list[Json]) -> None:
    """R5 has one type for coded questions, and says apart what may be answered to them."""
    for item in items:
        if item["type"] in {"choice", "open-choice"}:
            free = item["type"] == "open-choice"
            item["type"] = "coding"
            item["answerConstraint"] = "optionsOrString" if free else "optionsOnly"
        _to_r5(item.get("item", []))


def _sizes_to_r5(value: object) -> None:
    """In R5 the size of an attachment is an integer64, which JSON writes as a text."""
    if isinstance(value, dict):
        if isinstance(value.get("size"), int):
            value["size"] = str(value["size"])
        for part in value.values():
            _sizes_to_r5(part)
    elif isinstance(value, list):
        for part in value:
            _sizes_to_r5(part)


@pytest.mark.parametrize("folder", list(_pairs()))
def test_r5_has_the_same_verdicts(folder: Path) -> None:
    for change in _few(*_read(folder)):
        form = copy.deepcopy(change.form)
        _to_r5(form["item"])
        if "questionnaire" not in change.response:
            change.response["questionnaire"] = form.get("url", "http://example.org/q")
        _sizes_to_r5(change.response)
        errors = _errors(Change(change.name, form, change.response, change.rule), "5.0")

        assert [issue.rule for issue in errors] == ([change.rule] if change.rule else []), _told(
            change, errors
        )


@pytest.mark.parametrize("folder", list(_pairs()))
def test_a_form_inside_the_response_has_the_same_verdicts(folder: Path) -> None:
    form, response = _read(folder)
    contained = {**form, "id": "the-form"}
    response |= {"questionnaire": "#the-form", "contained": [contained]}
    strange = {**response, "item": [*response.get("item", []), {"linkId": "no-such-item"}]}

    def rules(one: Json) -> list[str]:
        return [issue.rule for issue in validate(one) if issue.severity == "error"]

    assert rules(response) == []
    assert rules(strange) == ["invalidLinkId"]
