"""The limits of depth and of digits: the quick look at the bytes holds what a plain scan does."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds import wire
from cds.errors import Unreadable


def nested(depth: int, strings: list[str], number: str) -> bytes:
    """JSON of this depth whose strings pretend to open and close, around one number."""
    text = number
    for level in range(depth):
        word = json.dumps(strings[level % len(strings)]) if strings else "null"
        text = f"[{word},{text}]" if level % 2 else f"{{{json.dumps(f'k{level}')}:{text}}}"
    return text.encode()


BRACKETS = st.text(st.sampled_from('[]{}"\\\\,: 1e'), max_size=8)
LITERALS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,4})?", fullmatch=True
)


@given(st.integers(55, 75), st.lists(BRACKETS, max_size=4), LITERALS)
def test_the_quick_look_at_the_bytes_misses_no_limit(
    depth: int, strings: list[str], number: str
) -> None:
    digits = sum(map(str.isdigit, number))
    exponent = int(number.lower().partition("e")[2] or 0)
    beyond = depth > 64 or digits > 40 or abs(exponent) > 99
    refused = False

    try:
        wire.read(nested(depth, strings, number))
    except Unreadable:
        refused = True

    assert refused == beyond


def plainly_beyond(data: bytes) -> bool:
    """The same limits held by reading the text character by character; `data` is JSON."""
    depth, inside, escaped, number = 0, False, False, ""
    for character in data.decode() + " ":
        if inside:
            inside = escaped or character != '"'
            escaped = not escaped and character == "\\"
            continue
        if character in "+-.eE0123456789" and (number or character in "-0123456789"):
            number += character
            continue
        if number and (
            sum(map(str.isdigit, number)) > 40
            or abs(int(number.lower().partition("e")[2] or 0)) > 99
        ):
            return True
        number = ""
        inside = character == '"'
        depth += (character in "[{") - (character in "]}")
        if depth > 64:
            return True
    return False


# Texts that look like what the limits are about: the names of laboratory tests, hashes, UUIDs.
LOOKALIKES = st.text(st.sampled_from('[]{}"\\,: -+.eE01'), max_size=12) | st.sampled_from(
    [
        "Potassium [Moles/volume] in Serum",
        "0" * 64,
        "4e1000",
        "-1e-1000",
        "[" * 70,
        "]" * 70,
        '"' * 3,
    ]
)
LINES = ",\n  "
SUSPECTS = st.recursive(
    st.sampled_from(["1", "-0.5", "1e99", "1E-99", "true", "null", "9" * 40, "9" * 41, "1e100"])
    | LOOKALIKES.map(json.dumps),
    lambda inner: (
        st.lists(inner, max_size=6).map(lambda parts: f"[{LINES.join(parts)}]")
        | st.dictionaries(LOOKALIKES, inner, max_size=4).map(
            lambda members: "{" + ",".join(f"{json.dumps(k)}:{v}" for k, v in members.items()) + "}"
        )
    ),
    max_leaves=40,
)


@given(SUSPECTS, st.integers(0, 66))
def test_the_limits_are_those_of_a_plain_scan(text: str, more: int) -> None:
    data = ("[" * more + text + "]" * more).encode()
    refused = False

    try:
        wire.read(data)
    except Unreadable:
        refused = True

    assert refused == plainly_beyond(data)


def test_what_stands_in_strings_is_never_scanned_token_by_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wire, "_scan", None)
    one = {"display": 'Potassium [Moles/volume] in "Serum" \\', "hash": "0" * 64, "id": "4e1000"}
    value = {"entry": [{"resource": one, "deep": [[[[one]]]]}] * 200}

    assert wire.read(wire.write(value)) == value
    assert wire.read(wire.write(value, indent=True)) == value
