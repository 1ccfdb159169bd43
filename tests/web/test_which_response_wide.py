"""The law of which responses count, tried on stranger responses and at length."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from cds.fhir.primitives import instant
from cds.flows.synthetic.samples import samples
from tests.flows.test_moved import as_before
from tests.web.test_which_response import VARIED, may_close
from tests.web.visits import KNOWN, NOW, PACK, Json, shown_in, verdict_of

FEW, MANY = 40, 2_000
STATUSES = ("completed", "amended", "in-progress", "stopped", "Completed", "draft", "", None)
FORMS = tuple(f"{PACK.full.url}|{version}" for version in ("1.0.0", "1.1.0", PACK.version, "9.9"))
MORE: tuple[Json, ...] = (
    {},
    {"modifierExtension": [{"url": "https://example.org/not", "valueBoolean": True}]},
    {"implicitRules": "https://example.org/rules"},
    {"subject": {"identifier": {"value": "1"}}},
    {"item": []},
    {"authored": "2026-11-20"},
    {"authored": "2026-11"},
    {"authored": "yesterday"},
    {"authored": "2026-11-20T18:00:00+14:00"},
)


def _strange(
    number: int, minutes: int | None, status: str | None, form: str, more: Json, *, flat: bool
) -> Json:
    (sample,) = samples(KNOWN, PACK, "random", 1, number)
    made: Json = {**sample.response, "status": status, "questionnaire": form}
    made["subject"] = {"reference": "Patient/example-0-0"}
    made.pop("authored", None)
    if minutes is not None:
        made["authored"] = instant(NOW - timedelta(minutes=minutes))
    if flat:
        made = as_before(made)
    made |= more
    return {key: value for key, value in made.items() if value is not None}


STRANGE = VARIED | st.builds(
    _strange,
    st.integers(0, 500),
    st.none() | st.integers(-300, 60 * 24 * 4),
    st.sampled_from(STATUSES),
    st.sampled_from(FORMS),
    st.sampled_from(MORE),
    flat=st.booleans(),
)
worlds = given(st.lists(STRANGE, max_size=6), STRANGE, st.randoms())
quietly = settings(deadline=None, suppress_health_check=list(HealthCheck))


def _holds(some: list[Json], more: Json, chance: Any) -> None:
    note(json.dumps([some, more]))
    every = [*some, more]
    chance.shuffle(every)

    before, after = verdict_of(*some), verdict_of(*every)

    assert shown_in(after) == shown_in(verdict_of(*some, more))  # in any order
    if not may_close(more):
        assert shown_in(after) >= shown_in(before)


@settings(quietly, max_examples=FEW)
@worlds
def test_one_more_strange_response_never_lowers_what_is_shown(
    some: list[Json], more: Json, chance: Any
) -> None:
    _holds(some, more, chance)


@pytest.mark.slow
@settings(quietly, max_examples=MANY)
@worlds
def test_at_length(some: list[Json], more: Json, chance: Any) -> None:
    _holds(some, more, chance)
