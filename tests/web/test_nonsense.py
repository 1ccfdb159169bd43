"""Anything at all, anywhere in a body: never a fault of ours, and never a fault's inside."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds.forms.reading import FINISHED
from cds.web.contract.services import HOOKS

Path = tuple[str | int, ...]

NONSENSE: tuple[Any, ...] = (
    None,
    0,
    -1,
    10**30,
    1e300,
    True,
    "",
    "x" * 5000,
    "\x00",
    "\u202e",
    [],
    [[]],
    [None],
    {},
    {"a": 1},
    {"resourceType": 1},
    {"resourceType": "Bundle", "entry": {}},
    {"resourceType": "Bundle", "entry": [{"resource": None}]},
    {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "QuestionnaireResponse"}}]},
    {"resourceType": "Bundle", "link": [{"relation": "next", "url": "file:///etc/passwd"}]},
    {"resourceType": "OperationOutcome", "issue": [None]},
)


def places(node: Any, path: Path = ()) -> Iterator[Path]:
    """Every place of a JSON value."""
    yield path
    if isinstance(node, dict):
        for key, part in node.items():
            yield from places(part, (*path, key))
    elif isinstance(node, list):
        for index, part in enumerate(node):
            yield from places(part, (*path, index))


def changed(node: Any, path: Path, value: Any) -> Any:
    """A copy with another value at one place."""
    if not path:
        return value
    whole = copy.deepcopy(node)
    inner = whole
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return whole


@pytest.mark.parametrize("hook", HOOKS)
def test_nonsense_at_any_place_is_never_a_fault_of_ours(serve: Any, body: Any, hook: str) -> None:
    caller = serve()
    sent = body("no-urine", hook)
    everywhere = sorted(places(sent), key=lambda path: (len(path), repr(path)))

    @settings(max_examples=60)
    @given(st.sampled_from(everywhere), st.sampled_from(NONSENSE))
    def tried(path: Path, value: Any) -> None:
        content = json.dumps(changed(sent, path, value)).encode()
        answer = caller.post(f"/cds-services/cramps-{hook}", content)

        assert answer.status_code < 500, (path, value)
        if answer.status_code != 200:
            assert answer.json()["resourceType"] == "OperationOutcome"

    tried()


@pytest.mark.parametrize("status", [{}, [], {"a": 1}, 7, None])
def test_a_status_that_is_no_text_is_not_finished(serve: Any, body: Any, status: Any) -> None:
    sent = body()
    response = sent["prefetch"]["responses"]["entry"][0]["resource"]
    assert response["status"] in FINISHED
    response["status"] = status

    answer = serve().hook(sent)

    assert answer.status_code == 200
    assert answer.json()["cards"][0]["indicator"] == "critical"


@pytest.mark.parametrize("value", NONSENSE, ids=map(str, range(len(NONSENSE))))
@pytest.mark.parametrize(
    "path",
    [
        "/cds-services/cramps-patient-view/feedback",
        "/fhir/QuestionnaireResponse/$assess",
        "/fhir/QuestionnaireResponse/$validate",
        "/fhir/Questionnaire/cramps/$populate",
    ],
)
def test_nonsense_for_the_other_routes_is_refused(serve: Any, path: str, value: Any) -> None:
    caller = serve()
    item = {"card": value, "outcome": value, "outcomeTimestamp": value, "overrideReason": value}
    part = {"name": "response", "resource": value, "part": value, "valueReference": value}
    bodies = (
        value,
        {"feedback": value},
        {"feedback": [item]},
        {"resourceType": "Parameters", "parameter": value},
        {"resourceType": "Parameters", "parameter": [part]},
        {"resourceType": "QuestionnaireResponse", "item": value},
    )
    for one in bodies:
        answer = caller.post(path, json.dumps(one).encode())

        # $validate answers 200 with what is wrong; the others refuse.
        assert answer.status_code < 500, one
        assert answer.status_code >= 400 or path.endswith("$validate"), one
        assert answer.json()["resourceType"] == "OperationOutcome"
