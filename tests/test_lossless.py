"""What is read without loss is what strict reading makes of it, and nothing that it refuses."""

import json
from collections.abc import Callable
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cds import lossless, wire
from cds.errors import Unreadable
from cds.forms.response.canonical import proven, read_with_canonical


def _outcome(read: Callable[[bytes], Any], data: bytes) -> object:
    """What reading gives, its types and digits too; or how it refuses."""
    try:
        return repr(read(data))
    except Unreadable as error:
        return error.problem, error.hint, error.line, error.column


def _strictly(data: bytes) -> Any:
    return wire._read_strictly(data, "input")


def _strictly_sorted(data: bytes) -> Any:
    value = _strictly(data)
    return value, wire.write(value, sort_keys=True)


def _proven(data: bytes) -> Any:
    parsed = proven(read_with_canonical(data), "input")
    return parsed.value, parsed.canonical


def _agrees(data: bytes) -> None:
    """`read` agrees with strict reading, and whatever is claimed to be whole is so."""
    strict = _outcome(_strictly, data)
    assert _outcome(wire.read, data) == strict
    value = lossless.whole_value(data)
    assert value is None or repr(value) == strict
    assert _outcome(_proven, data) == _outcome(_strictly_sorted, data)


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.text(
    st.sampled_from('12.:,[]{}"\\/eE- \né\x7f\x1f\u2028😀'), max_size=8
)
NUMERALS = (
    st.from_regex(r"-?(0|[1-9][0-9]{0,43})(\.[0-9]{1,43})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
    | st.from_regex(r"-?(0|[1-9][0-9]{0,2})\.[0-9]{1,3}", fullmatch=True)
    | st.from_regex(r"0\.0{5,8}[0-9]?", fullmatch=True)
)
ODD = [
    *('"\\u0031"', '"\\/"', '"\\u001f"', '"\\u001F"', '"\\ud83d\\ude00"', '"\\ud800"', '"\t"'),
    *("NaN", "-Infinity", "01", "1.", ".5", "+1", "-", "1e", "True", "", "'a'", "[1,]", "\ufeff1"),
    *("18446744073709551615", "18446744073709551616", "-9223372036854775809", "1.0E+2", "1E-7"),
]
KEYS = st.sampled_from(["a", "b", "é", "", '\\"', "a\\n", "\\u0061"])


def _members(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.lists(st.tuples(KEYS, inner), max_size=4)
    return pairs.map(lambda parts: "{" + ",".join(f'"{key}":{one}' for key, one in parts) + "}")


PIECES = st.recursive(
    st.sampled_from(["true", "false", "null"])
    | NUMERALS
    | WORDS.map(lambda word: json.dumps(word, ensure_ascii=False))
    | st.sampled_from(ODD),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda parts: f"[{','.join(parts)}]") | _members(inner)
    ),
    max_leaves=12,
)


ENDS = st.sampled_from(["", "\n", " ", "x", "\x00"])
LONG = f',"d":"{"x" * 2_100}"'  # of short texts the brackets are counted


@given(PIECES, PIECES, ENDS)
@example('{"b":1,"b":1}', "1", "")
@example("1.5", '{"b":[1.50,-0.0]}', "")
@example("0." + "1" * 40, "-0." + "1" * 39, "")
@example('[1e1,{"":1,"":1}]', "1e-5", "")
def test_a_text_is_read_as_strict_reading_has_it(first: str, second: str, end: str) -> None:
    members = f'"a":{first},"c":{second}'
    for text in (f"{{{members}}}", f"{{{members}{LONG}}}", f'[{{"a":{first}}},{second}]'):
        _agrees((text + end).encode())


@given(PIECES, st.data())
def test_a_damaged_text_is_read_or_refused_alike(piece: str, data: st.DataObject) -> None:
    text = f'{{"a":{piece}}}'.encode()
    place = data.draw(st.integers(0, len(text)))
    more = data.draw(st.sampled_from([b"", b" ", b'"', b"\\", b"\xff", b"\xc3", b"\xed\xa0\x80"]))
    cut = data.draw(st.integers(0, 2))

    _agrees(text[:place] + more + text[place + cut :])


@pytest.mark.parametrize("depth", range(61, 68))
@pytest.mark.parametrize("kinds", ["[", "{", "[{", "{{["])
def test_no_text_passes_that_is_nested_too_deep(depth: int, kinds: str) -> None:
    inmost = ("1", "[]", "{}", "1.5", '"]"', '"\\"}"', "[1,2]")
    beside = ("", '"[[",', '"\\"]",')
    for text, word in product(inmost, beside):
        for level in reversed(range(depth - 1)):
            in_list = kinds[level % len(kinds)] == "["
            text = f"[{word}{text}]" if in_list else f'{{"a":{text}}}'  # noqa: PLW2901 - it grows

        _agrees(f'{{"a":{text}}}'.encode())


@pytest.mark.parametrize(("depth", "whole"), [(64, True), (65, False)])
def test_as_deep_as_the_limit_and_no_deeper_is_proven(depth: int, whole: bool) -> None:
    data = b'{"a":' * depth + b"1.50" + b"}" * depth

    assert (lossless.whole_value(data) is not None) == whole


def test_a_text_nested_beyond_every_parser_is_not_tried_to_the_end() -> None:
    for depth in (150, 300, 1_100, 100_000):
        _agrees(b'{"a":' * depth + b"1" + b"}" * depth)
        _agrees(b'{"a":' * depth)


def test_the_usual_needs_no_strict_reading() -> None:
    """A laboratory value has a point, and a zero at its end that counts."""
    value = {
        "valueQuantity": {"value": Decimal("4.10"), "unit": "mmol/l"},
        "referenceRange": [{"low": {"value": Decimal("3.5")}, "high": {"value": 5}}],
        "text": 'Kalium "K⁺"\n',
    }

    assert repr(lossless.whole_value(wire.write(value))) == repr(value)
    assert repr(lossless.whole_value(wire.write([value] * 30))) == repr([value] * 30)
    found = lossless.whole_with_canonical(wire.write(value))
    assert repr(found) == repr((value, wire.write(value, sort_keys=True)))


def test_what_is_written_is_nowhere_longer_than_it_can_be_read() -> None:
    """Else a key that stands twice could hide behind it."""
    for code in [*range(0xD800), *range(0xE000, 0x11000), 0x1F600, 0x10FFFF]:
        character = chr(code)
        shortest = json.dumps(character, ensure_ascii=False).encode()

        assert len(wire.write(character)) <= len(shortest)
