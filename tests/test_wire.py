"""Strict reading and exact writing."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cds import wire
from cds.errors import Unreadable

# (what is sent, line, column, a word of the problem)
REFUSED = [
    (b'{"a":1,"a":2}', 1, 12, '"a" twice'),
    (b'{"a":\n [{"b":1,"b":2}]}', 2, 14, '"b" twice'),
    (b'{"a":1,"\\u0061":2}', 1, 17, '"a" twice'),
    (b'{"\x7f":1,"\x7f":2}', 1, 12, "a key twice"),
    (b"NaN", 1, 1, "NaN"),
    (b'{"a": NaN}', 1, 7, "NaN"),
    (b"[Infinity]", 1, 2, "NaN or an Infinity"),
    (b"[-Infinity]", 1, 3, "NaN or an Infinity"),
    (b'["\\ud800"]', 1, 9, "surrogate"),
    (b'["\\udc00"]', 1, 8, "surrogate"),
    (b'["\\ud800\\u0041"]', 1, 14, "surrogate"),
    (b'{"\\ud800":1}', 1, 9, "surrogate"),
    (b'"\xff"', 1, 2, "UTF-8"),
    (b'"\xed\xa0\x80"', 1, 2, "UTF-8"),
    (b"\xef\xbb\xbf{}", 1, 1, "byte order mark"),
    ("\ufeff{}".encode("utf-16-le"), 1, 1, "UTF-8"),
    ("\ufeff{}".encode("utf-16-be"), 1, 1, "UTF-8"),
    (b"{} x", 1, 4, "after its JSON value"),
    (b"{}\n{}", 2, 1, "after its JSON value"),
    (b"", None, None, "empty"),
    (b" \n\t ", None, None, "empty"),
    (b'{"a":[1,2', 1, 9, "ends before"),
    (b'["abc', 1, 5, "ends before"),
    (b"[1,]", 1, 4, "comma"),
    (b'{"a":1,}', 1, 8, "comma"),
    (b'["a\x00b"]', 1, 4, "control character"),
    (b"{'a':1}", 1, 2, "double quotes"),
    (b'["\\x"]', 1, 4, "escape"),
    (b"[01]", 1, 3, "number"),
    (b"[1.]", 1, 4, "number"),
    (b"[1e]", 1, 4, "number"),
    (b"[+1]", 1, 2, "not JSON"),
    (b"[.5]", 1, 2, "not JSON"),
    (b"[true,fals]", 1, 11, "not JSON"),
    ('["é", x]'.encode(), 1, 7, "not JSON"),  # columns count characters, not bytes
    (b"[" * 65 + b"]" * 65, 1, 65, "64 deep"),
    (b"[" * 150 + b"]" * 150, 1, 65, "64 deep"),
    (b"[" * 100_000, 1, 202, "64 deep"),
    (b'{"a":' * 65 + b"1" + b"}" * 65, 1, 321, "64 deep"),
    # Closing brackets in strings must not make it look shallow.
    (b'["' + b"]" * 70 + b'",' + b"[" * 64 + b"]" * 65, 1, 138, "64 deep"),
    (b'["\\"' + b"]" * 70 + b'",' + b"[" * 64 + b"]" * 65, 1, 140, "64 deep"),
    (b'["\\\\",' + b'"]",' * 70 + b"[" * 64 + b"]" * 65, 1, 350, "64 deep"),
    (b"[" + b"1" * 41 + b"]", 1, 2, "40 digits"),
    (b"[\n-" + b"1" * 41 + b"]", 2, 1, "40 digits"),
    (b"[" + b"1" * 100_000 + b"]", 1, 4303, "40 digits"),
    (b"[0." + b"1" * 40 + b"]", 1, 2, "40 digits"),
    (b"[" + b"1" * 20 + b"." + b"1" * 20 + b"e1]", 1, 2, "40 digits"),
    (b"[1e100]", 1, 2, "exponent"),
    (b"[1E+100]", 1, 2, "exponent"),
    (b"[1e-100]", 1, 2, "exponent"),
    (b"[1e999999]", 1, 2, "exponent"),
    (b"1e999999", 1, 1, "exponent"),
    (b'{"a": 1.5E-0100}', 1, 7, "exponent"),
    (b"[1e" + b"9" * 30 + b"]", 1, 34, "exponent"),
]


@pytest.mark.parametrize(("data", "line", "column", "problem"), REFUSED)
def test_what_readers_disagree_about_is_refused_with_its_place(
    data: bytes, line: int | None, column: int | None, problem: str
) -> None:
    with pytest.raises(Unreadable) as caught:
        wire.read(data, where="r.json")

    error = caught.value
    assert (error.where, error.line, error.column) == ("r.json", line, column)
    assert problem in error.problem
    assert error.hint


TAKEN = [
    (b"1.50", Decimal("1.50")),
    (b"-0.0", Decimal("-0.0")),
    (b"1e5", Decimal("1e5")),
    (b"1E-99", Decimal("1e-99")),
    (b"1e0005", Decimal("1e5")),
    (b"1" * 40, int("1" * 40)),
    (b"0." + b"1" * 39, Decimal("0." + "1" * 39)),
    (b"12345678901234567890123", 12345678901234567890123),
    (b' {"a": [true, false, null]}\n', {"a": [True, False, None]}),
    (b'"\\ud83d\\ude00"', "😀"),
    (b'"' + b"1" * 500 + b'"', "1" * 500),
    (b'["at 1e999, [[[", "dose 12e4000"]', ["at 1e999, [[[", "dose 12e4000"]),
    (b'["4e1000", "\\"", "\\\\"]', ["4e1000", '"', "\\"]),
    (b'["' + b"[" * 500 + b'"]', ["[" * 500]),
    (b"[" + b"[]," * 500 + b"[]]", [[]] * 501),
    (b"[" + b'{"a":[{}]},' * 500 + b"{}]", [{"a": [{}]}] * 500 + [{}]),
]


@pytest.mark.parametrize(("data", "value"), TAKEN)
def test_all_other_json_is_taken_digit_for_digit(data: bytes, value: Any) -> None:
    read = wire.read(data)

    assert read == value
    assert type(read) is type(value)
    assert str(read) == str(value)


@pytest.mark.parametrize("brackets", [(b"[", b"]"), (b'{"a":', b"}"), (b'["]",', b"]")])
def test_sixty_four_levels_are_taken(brackets: tuple[bytes, bytes]) -> None:
    opening, closing = brackets

    value = wire.read(opening * 64 + b"1" + closing * 64)

    assert value[0] if isinstance(value, list) else value["a"]


def test_a_text_longer_than_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(Unreadable) as caught:
        wire.read(b"[1, 2", max_bytes=4)

    assert "at most 4" in caught.value.problem


def test_a_message_never_quotes_what_was_sent() -> None:
    with pytest.raises(Unreadable) as caught:
        wire.read(b'{"MARKER \x1b[31m":1,"MARKER \x1b[31m":2}'.replace(b"\x1b", b"\\u001b"))

    assert "MARKER" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (Decimal("1.50"), b"1.50"),
        (10**30, b"1000000000000000000000000000000"),
        (-(10**30), b"-1000000000000000000000000000000"),
        (
            {"b": [10**30, True, Decimal("0.10")]},
            b'{"b":[1000000000000000000000000000000,true,0.10]}',
        ),
        ((1, "é"), '[1,"é"]'.encode()),
    ],
)
def test_numbers_are_written_as_they_were_measured(value: object, data: bytes) -> None:
    assert wire.write(value) == data


def test_keys_are_sorted_and_lines_indented_on_demand() -> None:
    assert wire.write({"b": 1, "a": Decimal("1.0")}, sort_keys=True) == b'{"a":1.0,"b":1}'
    assert wire.write({"b": [Decimal("1.0")]}, indent=True) == b'{\n  "b": [\n    1.0\n  ]\n}'


@pytest.mark.parametrize(
    "value", [Decimal("NaN"), Decimal("-Infinity"), {1: 2}, {"a": {1}}, "\ud800", 1j]
)
def test_what_json_has_no_form_for_is_not_written(value: object) -> None:
    with pytest.raises(TypeError):
        wire.write(value)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers(-(10**39), 10**39) | st.decimals(
    -(10**15), 10**15, places=6, allow_nan=False, allow_infinity=False
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=30,
)


@given(JSON, st.booleans(), st.booleans())
def test_what_is_written_is_read_again(value: Any, sort_keys: bool, indent: bool) -> None:
    assert wire.read(wire.write(value, sort_keys=sort_keys, indent=indent)) == value


NUMERALS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,21})(\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?", fullmatch=True
)
TALK = TEXT | st.text(st.sampled_from('12.:,[]{}"\\/e- é'), max_size=8)
# Compact JSON, some of it such as we never write: keys that stand twice, escapes, points.
COMPACT = st.recursive(
    st.sampled_from(["true", "null", '"\\u0031"', '"\\/"', '"a\\n"', "1e16", "-0", "1.5", "-0.0"])
    | NUMERALS
    | TALK.map(lambda text: json.dumps(text, ensure_ascii=False)),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda parts: f"[{','.join(parts)}]")
        | st.lists(st.tuples(st.sampled_from(["a", "b", "c.1", "1:"]), inner), max_size=4).map(
            lambda parts: "{" + ",".join(f'"{key}":{value}' for key, value in parts) + "}"
        )
    ),
    max_leaves=12,
).map(lambda text: f'{{"a":{text}}}'.encode())


@given(COMPACT, st.sampled_from([b"", b"\n"]))
@example(b'{"a":1,"a":1}', b"")
@example(b'{"a":1.5}', b"")
@example(b'{"a":[1,2.5]}', b"")
@example(b'{"a":[2.5]}', b"")
@example(b'{"a":[[],1e+16]}', b"")
@example(b'{"a":18446744073709551616}', b"")
def test_what_is_written_as_we_write_is_read_as_strictly(data: bytes, end: bytes) -> None:
    told: list[str] = []
    for text in (data + end, b" " + data):  # the second is not such as we write
        try:
            told.append(repr(wire.read(text)))
        except Unreadable as error:
            told.append(error.problem)

    assert told[0] == told[1]


# Fragments that make strictness bite more often than bytes at random.
SCRAPS = st.lists(
    st.sampled_from([*b'{}[]",:\\e.-+019', 0xFF, 0xC3, 0xA9, 0x00, 0x0A, 0x20]).map(
        lambda byte: bytes([byte])
    )
    | st.sampled_from(
        [b'"a":', b"NaN", b"\\ud83d", b"\\u0041", b"1e99", b"e999", b"null", b"[" * 40]
    ),
    max_size=60,
).map(b"".join)


@given(st.binary(max_size=200) | SCRAPS)
@example(b'["\\')
def test_any_bytes_are_read_or_refused_with_nothing_else(data: bytes) -> None:
    fault: Unreadable | None = None
    try:
        value = wire.read(data)
    except Unreadable as error:
        fault = error

    if fault is None:
        # The standard library, with all its leniency, must have read the same value.
        assert json.loads(data, parse_float=Decimal) == value
    else:
        assert (fault.line is None) == (fault.column is None)
        assert (fault.line or 1) >= 1
        assert (fault.column or 1) >= 1
