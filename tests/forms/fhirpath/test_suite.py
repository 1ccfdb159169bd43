"""HL7's own FHIRPath tests: what is run is right, and what is refused is known."""

from collections import Counter

import pytest

from cds.forms.elements.definitions import definitions
from cds.forms.fhirpath.engine.engine import evaluated
from cds.forms.fhirpath.engine.values import Failed, Refused
from tests.forms.fhirpath.agreement import REFUSED, WRONG, ours, outcomes, spelled

# What is refused, by its reason: each a valid expression, and none that forms are known to use.
KNOWN = Counter(
    {
        "encode() is not run here": 4,
        "decode() is not run here": 4,
        "escape() is not run here": 2,
        "unescape() is not run here": 2,
        "sort() is not run here": 10,
        "type() is not run here": 13,
        "conformsTo() is not run here": 2,
        "comparable() is not run here": 3,
        "precision() is not run here": 5,
        "lowBoundary() is not run here": 29,
        "highBoundary() is not run here": 24,
        "a moment with an offset is compared with one without": 7,
        "arithmetic over two units is not worked out": 2,
        "equivalence of quantities in two units is not worked out": 2,
        "a fraction of a second is not added": 1,
        "there is no such type": 1,
    }
)


def test_no_answer_to_the_suite_is_wrong_and_every_refusal_is_known() -> None:
    told = list(outcomes(ours))

    assert [case["name"] for case, verdict, _ in told if verdict == WRONG] == []
    assert len(told) == 935
    refused = Counter(str(why) for _, verdict, why in told if verdict == REFUSED)
    assert refused == KNOWN


KILO = {"value": 1, "system": "http://unitsofmeasure.org", "code": "kg"}
ABSENT = {"extension": [{"url": "u", "valueCode": "unknown"}]}
CODED, J = {"system": "s", "code": "c"}, {"linkId": "j"}
RESPONSE = {
    "resourceType": "QuestionnaireResponse",
    "status": "completed",
    "authored": "2026-03-01T23:30:00-05:00",
    "item": [
        {"linkId": "w", "answer": [{"valueQuantity": KILO}]},
        {"linkId": "t", "answer": [{"valueBoolean": True}, {"valueInteger": 2}]},
        {"linkId": "d", "answer": [{"valueDate": "2025"}]},
        {"linkId": "n", "answer": [{"_valueString": ABSENT}]},
        {"linkId": "g", "item": [{"linkId": "i", "answer": [{"valueCoding": CODED, "item": [J]}]}]},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        # numbers
        ("(-2.5).round()", ["-3"]),
        ("0.125.round(2)", ["0.13"]),
        ("1e1", None),
        ("-7 mod -3", ["-1"]),
        ("-7 div 2", ["-3"]),
        ("5.5 mod 2", ["1.5"]),
        ("1 / 0", []),
        ("2147483647 + 1", []),
        ("1.0.toString()", ["1.0"]),
        ("(0.1 + 0.2) = 0.3", ["true"]),
        ("10.sqrt() > 3.16", ["true"]),
        ("(1 | 2 | 3).sum()", ["6"]),
        ("8.log(2)", ["3"]),
        # truths
        ("true.toString() & 'x'", ["truex"]),
        ("true = 1", ["false"]),
        ("'true' = true", ["false"]),
        ("{} and false", ["false"]),
        ("{} or true", ["true"]),
        ("{} implies true", ["true"]),
        ("5 and true", ["true"]),
        # quantities
        ("item.where(linkId='w').answer.value = 1000 'g'", ["true"]),
        ("item.where(linkId='w').answer.value > 999 'g'", ["true"]),
        ("item.where(linkId='w').answer.value > 1 'm'", []),
        ("1 year = 1 'a'", []),
        ("7 days = 1 'wk'", ["true"]),
        ("2 * 3 'kg' = 6 'kg'", ["true"]),
        ("1 'kg' + 2", None),
        ("(-2 'kg').abs() = 2 'kg'", ["true"]),
        # dates
        ("@2024-01-31 + 1 month", ["2024-02-29"]),
        ("@2025-03-01 - 1 day", ["2025-02-28"]),
        ("@2024 + 18 months", ["2025"]),
        ("@T23:00:00 + 2 hours", ["01:00:00"]),
        ("@2024-02-30", None),
        ("'2024-13-45'.convertsToDate()", ["false"]),
        ("'25:99'.convertsToTime()", ["false"]),
        ("item.where(linkId='d').answer.value >= @2025-03-01", []),
        ("item.where(linkId='d').answer.value >= @2024-12-31", ["true"]),
        ("authored = @2026-03-02T04:30:00Z", ["true"]),
        ("today() >= @2020-01-01", ["true"]),
        # collections and types
        ("item.where(linkId='t').answer.value.single()", None),
        ("item.answer.value.count()", ["5"]),
        ("item.where(linkId='n').answer.value.hasValue()", ["false"]),
        ("item.where(linkId='n').answer.value.extension('u').value", ["unknown"]),
        ("repeat(item).linkId.count()", ["6"]),
        ("repeat(item | answer).where(linkId = 'j').exists()", ["true"]),
        ("descendants().where($this is Coding).code", ["c"]),
        ("item.answer.value.ofType(integer)", ["2"]),
        ("item.answer.value.ofType(Quantity).code", ["kg"]),
        ("item.answer.value.ofType(Nonsense)", None),
        ("item.answer.valueCoding.code", None),
        ("item.nonsense", None),
        ("item[0].linkId | 'w'", ["w"]),
        ("(1 | 2).exclude(1 | 3)", ["2"]),
        ("item.select(linkId).join('+')", ["w+t+d+n+g"]),
        ("item.aggregate($total + 1, 0)", ["5"]),
        ("iif(true, 1, 1 / 'x')", ["1"]),
        ("nonsense()", None),
        # texts
        ("'a\\u0062c'", ["abc"]),
        ("'abc'.matches('^.b')", ["true"]),
        ("'abc'.matches('(?<=a)b')", None),
        ("'abc'.substring(1, 1)", ["b"]),
        ("'abc'.substring(5)", []),
        ("@2015T.is(DateTime)", ["true"]),
        ("'@2015T'", ["@2015T"]),
        ("1 | 1 is Integer", ["1", "true"]),
    ],
)  # fmt: skip
def test_an_expression_has_the_result_of_the_specification_or_none(
    expression: str, result: list[str] | None
) -> None:
    try:
        found = [spelled(one) for one in evaluated(expression, RESPONSE, definitions("4.0"))]
    except (Refused, Failed, ValueError):
        assert result is None
    else:
        assert found == result
