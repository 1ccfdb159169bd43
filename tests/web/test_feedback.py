"""Feedback as CDS Hooks has it: F-1 to F-4."""

from collections.abc import Callable
from typing import Any

import pytest

from cds.web.operating.aside import SMALL, Aside

FEEDBACK = {
    "card": "4e0a3a1e-3449-4f0d-9c06-2d5f7a1b1f10",
    "outcome": "accepted",
    "acceptedSuggestions": [{"id": "4e0a3a1e-3449-4f0d-9c06-2d5f7a1b1f11"}],
    "outcomeTimestamp": "2026-01-05T10:05:31Z",
}


OVERRIDDEN = {key: FEEDBACK[key] for key in ("card", "outcomeTimestamp")} | {
    "outcome": "overridden"
}


REASONED = {
    **OVERRIDDEN,
    "overrideReason": {
        "reason": {"code": "x", "system": "https://a.example"},
        "userComment": "No.",
    },
}


def test_feedback_is_taken_in_all_its_forms_and_twice(
    serve: Any, sqlite: Any
) -> None:  # F-1 to F-4
    caller = serve(store=sqlite)
    url = "/cds-services/cramps-patient-view/feedback"

    for items in (
        [FEEDBACK],
        [OVERRIDDEN],
        [REASONED],
        [FEEDBACK, OVERRIDDEN, REASONED],
        [FEEDBACK],
    ):
        assert caller.post(url, {"feedback": items}).status_code == 200


@pytest.mark.parametrize(
    "item",
    [
        {key: value for key, value in FEEDBACK.items() if key != "acceptedSuggestions"},
        {**OVERRIDDEN, "outcome": "ignored"},
        {key: value for key, value in OVERRIDDEN.items() if key != "card"},
        {key: value for key, value in OVERRIDDEN.items() if key != "outcomeTimestamp"},
        {**OVERRIDDEN, "outcomeTimestamp": "yesterday"},
        {**OVERRIDDEN, "outcomeTimestamp": "2026-02-30T10:00:00Z"},
        {**OVERRIDDEN, "overrideReason": {}},
        "x",
    ],
)
def test_feedback_that_is_not_whole_is_refused(serve: Any, item: Any) -> None:
    answer = serve().post("/cds-services/cramps-patient-view/feedback", {"feedback": [item]})

    assert answer.status_code == 400
    assert answer.json()["issue"][0]["diagnostics"].startswith("body.feedback[0]")


@pytest.mark.parametrize("whole", [[FEEDBACK], {"x": 1}, {"feedback": FEEDBACK}, {"feedback": []}])
def test_feedback_of_another_shape_is_refused(serve: Any, whole: Any) -> None:
    answer = serve().post("/cds-services/cramps-patient-view/feedback", whole)

    assert answer.status_code == 400


def test_a_big_body_is_read_beside_the_loop(
    serve: Any, sqlite: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside: list[int] = []
    run = Aside.run

    async def noted(self: Aside, size: int, work: Callable[[], Any]) -> Any:
        beside.append(size)
        return await run(self, size, work)

    monkeypatch.setattr(Aside, "run", noted)
    items = [{**FEEDBACK, "outcomeTimestamp": f"2026-01-05T10:05:31.{n:03}Z"} for n in range(400)]
    answer = serve(store=sqlite).post(
        "/cds-services/cramps-patient-view/feedback", {"feedback": items}
    )

    assert answer.status_code == 200
    assert max(beside, default=0) > SMALL
