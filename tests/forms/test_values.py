"""Patterns, units, dates and places, each by themselves."""

import json
from base64 import b64encode
from calendar import isleap
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.forms.checks.attachments import decoded_length
from cds.forms.checks.limits import decimal_places
from cds.forms.response.places import EntryPlaces, places, steps_of
from cds.forms.values import dates
from cds.forms.values.patterns import compile_pattern
from cds.forms.values.ucum import comparable, compare_quantities, unit

UCUM = "http://unitsofmeasure.org"


@pytest.mark.parametrize("year", [1900, 1999, 2000, 2026, 2028, 2099])
def test_every_day_that_exists_is_passed_at_a_glance_and_no_other(year: int) -> None:
    written = {
        f"{year}-{month:02}-{day:02}" for month in range(14) for day in range(33)
    }  # month 13 and day 32 among them

    passed = {
        day for day in written if dates.INSTANT_AT_A_GLANCE.fullmatch(f"{day}T15:00:00+01:00")
    }

    assert passed == {day for day in written if dates.parse_date(day)}
    assert len(passed) == 365 + isleap(year)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"\d{4}", "1234", True),
        (r"\d{4}", "12345", False),
        (r"^\d{4}$", "1234", True),
        (r"/^[a-z]+$/", "abc", True),
        (r"[\u00e4\u00f6]+", "äö", True),
        (r"(a+)+$", "a" * 5000 + "b", False),
        (r"\p{L}+", "Zoë", True),
        (r".", "\U0001f600", True),
        (r"a|ab", "ab", True),
    ],
)
def test_a_pattern_matches_the_whole_text(pattern: str, text: str, matches: bool) -> None:
    compiled = compile_pattern(pattern)

    assert compiled.matches is not None
    assert compiled.matches(text) is matches


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?=a)a",
        r"(a)\1",
        r"a++",
        r"(?<!x)y",
        r"[a-z&&[^b]]",
        "a" * 20_000,
        "(",
        r"a{5000}",
        "\ud800",
    ],
)
def test_what_cannot_run_in_linear_time_is_refused_in_words(pattern: str) -> None:
    compiled = compile_pattern(pattern)

    assert compiled.matches is None
    assert compiled.problem


def _quantity(value: Any, code: str) -> dict[str, Any]:
    return {"value": value, "system": UCUM, "code": code}


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [
        ((1, "kg"), (1000, "g"), 0),
        ((1, "[lb_av]"), (Decimal("453.59237"), "g"), 0),
        ((1, "[in_i]"), (Decimal("2.54"), "cm"), 0),
        ((37, "Cel"), (Decimal("98.6"), "[degF]"), 0),
        ((1, "h"), (61, "min"), -1),
        ((1, "g/dL"), (10, "g/L"), 0),
        ((60, "/min"), (1, "/s"), 0),
        ((2, "mmol/L"), (1, "mol/m3"), 1),
        ((1, "{score}"), (1, "1"), 0),
        ((1, "N.m"), (1, "J"), 0),
        ((1, "kg/m2"), (1000, "g/m2"), 0),
        ((1, "10*9/L"), (1, "10*3/uL"), 0),
        ((1, "mg/(24.h)"), (1, "mg/d"), 0),
        ((1, "mL/min/{1.73_m2}"), (1, "L/min"), -1),
        ((1, "cm[H2O]"), (1, "mm[Hg]"), -1),
        ((1, "kg"), (1, "m"), None),
        ((1, "kg("), (1, "kg"), None),
        ((1, "(" * 40 + "kg" + ")" * 40), (1, "kg"), None),
        ((1, "furlong"), (1, "m"), None),
        ((Decimal("1E+300000"), "g"), (1, "kg"), None),
    ],
)
def test_quantities_are_compared_exactly_or_not_at_all(
    left: Any, right: Any, order: int | None
) -> None:
    assert compare_quantities(_quantity(*left), _quantity(*right)) == order


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [("g/L", "mg/dL", True), ("g", "m", False), ("furlong", "m", None), ("Cel", "K", True)],
)
def test_units_fit_do_not_fit_or_are_not_known(
    left: str, right: str, expected: bool | None
) -> None:
    assert comparable(_quantity(1, left), _quantity(1, right)) is expected


def test_an_offset_has_no_place_in_a_ratio() -> None:
    assert unit("Cel/min") is None


@pytest.mark.parametrize(
    ("kind", "text", "good"),
    [
        ("date", "2024-02-29", True),
        ("date", "2023-02-29", False),
        ("date", "2024-13", False),
        ("date", "0000", False),
        ("date", "２０２４", False),
        ("time", "23:59:60", True),
        ("time", "23:59:61", False),
        ("time", "24:00:00", False),
        ("time", "10:00", False),
        ("dateTime", "2024-01-01T00:00:00Z", True),
        ("dateTime", "2016-12-31T23:59:60Z", True),
        ("dateTime", "2016-12-31T23:59:61Z", False),
        ("dateTime", "2016-12-31T23:59:99.5+01:00", False),
        ("dateTime", "2024-01-01T00:00Z", False),
        ("dateTime", "2024-01-01T25:00:00Z", False),
        ("dateTime", "0001-01-01T00:00:00+14:00", False),
        ("dateTime", "2024-01-01\n", False),
    ],
)
def test_only_moments_that_exist_are_read(kind: str, text: str, good: bool) -> None:
    assert (dates.parse(kind, text) is not None) is good


@given(st.datetimes(), st.datetimes())
def test_dates_of_two_precisions_agree_at_the_coarser(one: Any, other: Any) -> None:
    full, month = one.date().isoformat(), other.date().isoformat()[:7]
    left, right = dates.parse_date(full), dates.parse_date(month)

    assert left is not None
    assert right is not None
    assert (dates.compare(left, right) == 0) is (full[:7] == month)


@given(st.binary(max_size=50))
def test_the_length_of_base64_is_known_without_decoding(data: bytes) -> None:
    assert decoded_length(b64encode(data).decode()) == len(data)


@pytest.mark.parametrize(
    ("value", "digits"),
    [(Decimal("5.12340"), 5), (5, 0), (Decimal("1E+3"), 0), (1.25, 2), (True, 0)],
)
def test_decimal_places_are_those_that_were_written(value: Any, digits: int) -> None:
    assert decimal_places(value) == digits


def test_a_place_is_found_by_line_and_column() -> None:
    answers = b'[{"valueString": "x"}, {"valueCoding": {}}]'
    text = b'{\n  "item": [\n    {"linkId": "a", "answer": ' + answers + b"}\n  ]\n}"
    ways = [
        steps_of(f"QuestionnaireResponse{way}")
        for way in (
            "",
            ".item[0]",
            ".item[0].answer[1].value.ofType(Coding)",
            ".item[7].x",
            ".status",
        )
    ]

    assert [places(text, ways)[way] for way in ways] == [(1, 1), (3, 5), (3, 55), (2, 3), (1, 1)]


_KEYS = st.sampled_from(["a", "b", 'q"uote', "é"])
_JSON = st.recursive(
    st.integers() | st.text(max_size=4),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(_KEYS, x, max_size=3),
    max_leaves=8,
)


def _ways(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [way] + [end for key, below in pairs for end in _ways(below, (*way, key))]


@given(_JSON, st.sampled_from([None, 1]))
def test_every_place_of_any_json_is_found(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    ways = _ways(value)

    found = places(text.encode(), ways)

    assert set(found) == set(ways)
    lines = text.split("\n")
    for way, (line, column) in found.items():
        rest = "\n".join([lines[line - 1][column - 1 :], *lines[line:]])
        start = json.dumps(way[-1]) if way and isinstance(way[-1], str) else ""
        assert rest.startswith(start)


@given(st.binary(max_size=30))
def test_places_in_any_bytes_do_not_raise(data: bytes) -> None:
    assert isinstance(places(data, [("item", 0)]), dict)


@given(st.lists(_JSON, min_size=1, max_size=4), st.sampled_from([None, 1]))
def test_places_in_an_entry_are_those_in_the_whole(entries: list[Any], indent: int | None) -> None:
    bundle = {"a": 1, "entry": [{"resource": entry} for entry in entries]}
    for value, above in ((bundle, ("entry",)), (entries, ())):
        data = json.dumps(value, indent=indent, ensure_ascii=False).encode()
        heads = [(*above, index) for index in range(len(entries))]
        within = EntryPlaces(data, heads)
        for head in heads:
            ways = [way for way in [*_ways(value), (*head, "no")] if way[: len(head)] == head]

            assert within.of(head, ways) == {way: places(data, ways)[way] for way in ways}
