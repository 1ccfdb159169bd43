"""Filters of a value set, settled over the code system where it is at hand."""

from typing import Any

import pytest

from cds.forms import clock
from cds.forms.support import Support
from tests.forms.rule_kit import a, coding, form, found, q, response

Json = dict[str, Any]
URL = "http://example.org/vs"


def _concept(code: str, *below: Json, **more: Any) -> Json:
    return {
        "code": code,
        "display": f"The {code}",
        **({"concept": list(below)} if below else {}),
    } | more


def _has(code: str, **value: Any) -> Json:
    return {"property": [{"code": code, **value}]}


# A over B and D, B over C; E stands apart, and says that D is below it too.
SYSTEM: Json = {
    "resourceType": "CodeSystem",
    "url": "urn:s",
    "content": "complete",
    "property": [{"code": "kind"}, {"code": "n"}, {"code": "old"}, {"code": "where"}],
    "concept": [
        _concept(
            "A",
            _concept("B", _concept("C", **_has("kind", valueCode="y"))),
            _concept("D", **_has("parent", valueCode="E")),
            **_has("kind", valueCode="x"),
        ),
        _concept(
            "E",
            property=[
                {"code": "n", "valueDecimal": 5.0},
                {"code": "old", "valueBoolean": True},
                {"code": "where", "valueCoding": {"system": "t", "code": "here"}},
            ],
        ),
    ],
}


def _set(*filters: tuple[str, str, str]) -> Json:
    listed = [{"property": name, "op": op, "value": value} for name, op, value in filters]
    include = {"system": "urn:s", "filter": listed}
    return {"resourceType": "ValueSet", "url": URL, "compose": {"include": [include]}}


def _verdicts(value_set: Json, *support: Json, codes: str = "ABCDE") -> dict[str, list[str]]:
    shared = Support([value_set, *support])
    asked = form(q("choice", answerValueSet=URL))
    return {
        code: [one.rule for one in found(asked, response(a(coding(code))), support=shared)]
        for code in codes
    }


@pytest.mark.parametrize(
    ("filter_", "inside"),
    [
        (("concept", "is-a", "A"), "ABCD"),
        (("concept", "is-a", "E"), "DE"),
        (("concept", "is-a", "C"), "C"),
        (("concept", "descendent-of", "A"), "BCD"),
        (("concept", "descendent-leaf", "A"), "CD"),
        (("concept", "is-not-a", "B"), "ADE"),
        (("concept", "child-of", "A"), "BD"),
        (("concept", "generalizes", "C"), "ABC"),
        (("concept", "generalizes", "D"), "ADE"),
        (("concept", "=", "A"), "A"),
        (("code", "in", "A, E"), "AE"),
        (("concept", "not-in", "A,E"), "BCD"),
        (("concept", "regex", "[AB]"), "AB"),
        (("display", "=", "The B"), "B"),
        (("display", "regex", ".* [DE]"), "DE"),
        (("kind", "=", "x"), "A"),
        (("kind", "in", "x,y"), "AC"),
        (("kind", "exists", "true"), "AC"),
        (("kind", "exists", "false"), "BDE"),
        (("parent", "=", "A"), "BD"),
        (("child", "exists", "true"), "ABE"),
        (("n", "=", "5"), "E"),
        (("old", "=", "true"), "E"),
        (("where", "=", "here"), "E"),
    ],
)
def test_a_filter_holds_the_codes_it_describes(filter_: tuple[str, str, str], inside: str) -> None:
    verdicts = _verdicts(_set(filter_), SYSTEM)

    assert {code for code, rules in verdicts.items() if not rules} == set(inside)
    assert all(rules in ([], ["invalidCoding"]) for rules in verdicts.values())


def test_several_filters_hold_together() -> None:
    verdicts = _verdicts(_set(("concept", "is-a", "A"), ("kind", "exists", "true")), SYSTEM)

    assert {code for code, rules in verdicts.items() if not rules} == {"A", "C"}


@pytest.mark.parametrize(
    ("filter_", "system"),
    [
        (("concept", "is-a", "A"), {**SYSTEM, "hierarchyMeaning": "part-of"}),
        (("concept", "is-a", "nowhere"), SYSTEM),
        (("kind", "is-a", "x"), SYSTEM),
        (("strange", "=", "x"), SYSTEM),
        (("concept", "strange", "x"), SYSTEM),
        (("kind", "exists", "perhaps"), SYSTEM),
        (("concept", "regex", "(?=A)."), SYSTEM),
        (("concept", "is-not-a", "B"), {**SYSTEM, "content": "fragment"}),
        (("kind", "exists", "false"), {**SYSTEM, "content": "fragment"}),
    ],
)
def test_a_filter_that_cannot_be_settled_is_not_guessed(
    filter_: tuple[str, str, str], system: Json
) -> None:
    verdicts = _verdicts(_set(filter_), system)

    assert set(map(tuple, verdicts.values())) == {("valueSetNotChecked",)}


def test_a_part_of_a_code_system_says_only_what_is_in() -> None:
    verdicts = _verdicts(
        _set(("concept", "is-a", "B")), {**SYSTEM, "content": "fragment"}, codes="CEZ"
    )

    assert verdicts == {"C": [], "E": ["valueSetNotChecked"], "Z": ["valueSetNotChecked"]}


def test_a_circle_of_concepts_ends() -> None:
    circle = {
        **SYSTEM,
        "concept": [_concept(one, **_has("parent", valueCode=two)) for one, two in ("AB", "BA")],
    }

    assert _verdicts(_set(("concept", "is-a", "A")), circle, codes="AB") == {"A": [], "B": []}


def test_filters_that_would_take_long_end_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "TIME_S", 0.02)
    large = {**SYSTEM, "concept": [_concept(f"c{n}") for n in range(3000)]}
    slow = _set(*[("display", "regex", "(.*c)*[0-9]+")] * 300)

    assert _verdicts(slow, large, codes="A") == {"A": ["tooCostly"]}
