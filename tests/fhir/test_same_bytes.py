"""The same input gives the same bytes, in the order of FHIR's elements, and nothing is changed."""

import copy
import random
from collections.abc import Callable
from typing import Any

import pytest

from cds import wire
from cds.core.model import Assessment
from cds.core.pack import Pack
from cds.fhir.context import TRANSACTION, EmissionContext
from cds.fhir.emit import emit

MakeContext = Callable[..., EmissionContext]
MakeAssessment = Callable[..., Assessment]
Emitted = Callable[..., dict[str, Any]]


def test_keys_stand_in_the_order_of_fhir_s_elements(emitted: Emitted) -> None:
    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415 - slow, and only here

    for kind, resource in emitted("S1").items():
        order = ["resourceType", *get_fhir_model_class(kind).elements_sequence()]
        places = [order.index(key) for key in resource]
        assert places == sorted(places), kind


def shuffled(value: Any, seed: int) -> Any:
    if isinstance(value, dict):
        items = list(value.items())
        random.Random(seed).shuffle(items)  # noqa: S311 - any order will do
        return {key: shuffled(member, seed) for key, member in items}
    if isinstance(value, list):
        return [shuffled(member, seed) for member in value]
    return value


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_keys_changes_no_byte(
    pack: Pack, make_assessment: MakeAssessment, make_context: MakeContext, seed: int
) -> None:
    usual = make_context({"subject": {"reference": "Patient/p1", "display": "A"}})
    other = make_context(shuffled(dict(usual.response), seed))

    left, right = (emit(make_assessment("S1"), pack, one) for one in (usual, other))

    assert wire.write(left) == wire.write(right)


def test_emission_changes_nothing_that_it_is_given(
    pack: Pack, make_assessment: MakeAssessment, make_context: MakeContext
) -> None:
    context = make_context()
    before = copy.deepcopy(dict(context.response))
    first = wire.write(emit(make_assessment("S1"), pack, context))

    emit(make_assessment("S2"), pack, make_context(bundle=TRANSACTION))

    assert context.response == before
    assert wire.write(emit(make_assessment("S1"), pack, context)) == first
