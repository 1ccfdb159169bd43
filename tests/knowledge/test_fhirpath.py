"""The published FHIRPath says what the rules say, to two engines that are not ours."""

from typing import Any

import pytest
from fhirpathpy import evaluate
from fhirpathpy.models import models

from cds.core.conditions import AllOf, AnyOf, AtLeast, Equals, HasFact, IsOpen, NoneOf
from cds.flows.packs.differential import (
    compiled_and_tree,
    published_and_ours,
    run_engine,
    valid_responses,
)
from cds.knowledge.fhirpath import Writer, writer_of
from cds.knowledge.proofs.witness import _response
from cds.knowledge.read.pack import find_pack

PACK = find_pack("cramps")
FORM = PACK.full


@pytest.fixture(scope="module")
def writer() -> Writer:
    return writer_of(FORM, PACK.unknown, PACK.fail_safe)


def fires(expression: str, answers: dict[str, tuple[str, ...]]) -> Any:
    resource = _response(FORM, answers)
    return evaluate(resource, expression, {"resource": resource}, models["r4"])


URINE = Equals("safety.urine", ("none-new",))
SIGNS = Equals("safety.circulation", ("cold-clammy-skin", "seizure"))


@pytest.mark.parametrize(
    ("condition", "answers", "expected"),
    [
        (URINE, {"safety.urine": ("none-new",)}, True),
        (URINE, {"safety.urine": ("usual",)}, False),
        (URINE, {}, False),
        (Equals("safety.nerve", ("none",)), {"safety.nerve": ("none",)}, True),
        (Equals("safety.nerve", ("none",)), {"safety.nerve": ("none", "leg-weakness")}, False),
        (IsOpen("safety.urine"), {}, True),
        (IsOpen("safety.urine"), {"safety.urine": ("unknown",)}, True),
        (IsOpen("safety.urine"), {"safety.urine": ("usual",)}, False),
        (IsOpen("safety.nerve"), {"safety.nerve": ("leg-weakness", "unknown")}, True),
        (IsOpen("safety.urine", open=False), {"safety.urine": ("usual",)}, True),
        (AnyOf((URINE, SIGNS)), {"safety.circulation": ("seizure",)}, True),
        (AllOf((URINE, SIGNS)), {"safety.circulation": ("seizure",)}, False),
        (AtLeast(2, (SIGNS,)), {"safety.circulation": ("seizure",)}, False),
        (AtLeast(2, (SIGNS,)), {"safety.circulation": ("seizure", "cold-clammy-skin")}, True),
        (AtLeast(2, (SIGNS, URINE)), {"safety.urine": ("none-new",)}, False),
        # An open question never proves that something is not there.
        (NoneOf((URINE,)), {"safety.urine": ("usual",)}, True),
        (NoneOf((URINE,)), {"safety.urine": ("unknown",)}, False),
        (NoneOf((URINE,)), {}, False),
        # … but a question that was needless to ask does.
        (NoneOf((URINE,)), {"safety.consciousness": ("unresponsive-now",)}, True),
        (HasFact(("potassium.critical",)), {}, False),
        (AnyOf((HasFact(("potassium.critical",)), URINE)), {"safety.urine": ("none-new",)}, True),
    ],
)
def test_an_expression_is_true_exactly_when_the_condition_is(
    writer: Writer, condition: Any, answers: dict[str, tuple[str, ...]], expected: bool
) -> None:
    assert fires(writer.fires(condition), answers) == [expected]


def test_the_compiled_rules_and_the_tree_agree() -> None:
    result = compiled_and_tree(PACK, 2_000, seed=7)

    assert result.disagreements == ()


@pytest.mark.parametrize("form", PACK.forms, ids=lambda form: form.id)
def test_another_engine_finds_what_we_find(form: Any) -> None:
    result = published_and_ours(PACK, form, 60, seed=3)

    if result.worlds is None:
        pytest.skip(result.text)
    assert result.disagreements == ()


@pytest.mark.slow
@pytest.mark.parametrize("form", PACK.forms, ids=lambda form: form.id)
def test_another_engine_finds_what_we_find_a_thousand_times(form: Any) -> None:
    result = published_and_ours(PACK, form, 1_000)

    if result.worlds is None:
        pytest.skip(result.text)
    assert result.disagreements == ()


@pytest.mark.slow
def test_the_compiled_rules_and_the_tree_agree_a_hundred_thousand_times() -> None:
    assert compiled_and_tree(PACK, 100_000).disagreements == ()


def test_a_wrong_expression_would_be_found(writer: Writer) -> None:
    responses = valid_responses(PACK, FORM, 40, 1)

    fired = run_engine([["X", writer.fires(IsOpen("safety.urine"))], ["Y", "true"]], responses)

    if isinstance(fired, str):
        pytest.skip(fired)
    assert all("Y" in rules for rules in fired)
    assert {"X" in rules for rules in fired} == {True, False}
