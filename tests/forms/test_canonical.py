"""Read with its canonical JSON, a text is what strict reading makes of it, or is refused alike."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds import wire
from cds.errors import Unreadable
from cds.flows.assess import installed
from cds.flows.synthetic.samples import samples, scenarios_of
from cds.forms.response.canonical import proven, read_with_canonical
from cds.knowledge.read.pack import pack_folders
from tests.strategies import pack_of

NOW = datetime(2026, 11, 20, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(-99, 99, places=3),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(), below, max_size=4),
)


@cache
def _responses(count: int) -> list[bytes]:
    pack = pack_of("cramps")
    scenarios = scenarios_of(pack_folders()["cramps"], pack)
    made = [*samples(scenarios, pack, None, 16, 0), *samples(scenarios, pack, "random", count, 0)]
    return [wire.write(sample.response) for sample in made]


def _outcome(read: Callable[[bytes], Any], data: bytes) -> Any:
    """What reading gives, its types and digits too; or how it refuses."""
    try:
        return repr(read(data))
    except Unreadable as error:
        return error.problem, error.line, error.column


def _strictly(data: bytes) -> Any:
    value = wire.read(data)
    return value, wire.write(value, sort_keys=True)


def _proven(data: bytes) -> Any:
    parsed = proven(read_with_canonical(data), "input")
    return parsed.value, parsed.canonical


@pytest.mark.parametrize("indent", [False, True])
def test_every_sample_is_read_as_the_strict_way_reads_it(indent: bool) -> None:
    for compact in _responses(40):
        data = wire.write(wire.read(compact), indent=indent)

        assert _outcome(_proven, data) == _outcome(_strictly, data)
        assert _outcome(_proven, data + b"\n") == _outcome(_strictly, data)


@given(JSON)
def test_any_json_is_read_as_the_strict_way_reads_it(value: Any) -> None:
    data = wire.write({"value": value})

    assert _outcome(_proven, data) == _outcome(_strictly, data)


NUMBERS = ("1.50", "1e5", "1E1", "-0", "-0.0", "0.10", "100000000000000000000000", "12")


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("shape", ['{"a":%s}', '{"a":[%s]}', '{"a":["x",%s]}', '{"a":[[%s]]}'])
def test_no_digit_is_lost(number: str, shape: str) -> None:
    data = (shape % number).encode()

    value, _ = _proven(data)

    assert repr(value) == repr(wire.read(data))


@pytest.mark.parametrize(
    "around", ['{"a":%s1.50,"b":1e1,"a":""}', '{"a":"%s","n":[0,1e1],"a":"x"}']
)
def test_a_number_that_grows_hides_no_key_given_twice(around: str) -> None:
    """Written out, 1e1 is longer than it came: a lost key could hide behind it."""
    for width in range(12):
        data = (around % ("" if "%s1" in around else "y" * width)).encode()
        with pytest.raises(Unreadable):
            _proven(data)


def test_a_key_given_twice_is_never_passed_over() -> None:
    data = _responses(0)[0]
    places = [place for place, byte in enumerate(data) if data[place : place + 1] in {b"{", b","}]
    chance = Random(7)  # noqa: S311 - chosen places, nothing secret
    for place in chance.sample(places, 40):
        key = chance.choice([b'"linkId":"x"', b'"status":"completed"', b'"code":"none"'])
        twice = data[: place + 1] + key + b"," + data[place + 1 :]

        assert _outcome(_proven, twice) == _outcome(_strictly, twice)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b'"status":"completed"', b'"status" :"completed"'),
        lambda data: data.replace(
            b'"status":"completed"', b'"status":"in-progress","status":"completed"'
        ),
        lambda data: data.replace(b"completed", b"\\u0063ompleted"),
        lambda data: data.replace(b"completed", b"\\ud800ompleted"),
        lambda data: data + b" ",
        lambda data: data[:-1],
        lambda data: data.replace(b"completed", b"\xff"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: b"[" + data + b"]",
        lambda data: data.replace(b'"completed"', b"[" * 80 + b"]" * 80),
        lambda data: data.replace(b'"completed"', b'{"a":' * 70 + b"null" + b"}" * 70),
        lambda data: data.replace(b'"completed"', b'{"\\"":' * 70 + b"null" + b"}" * 70),
        lambda data: data.replace(b'"status"', b'"\\"":' + b"[" * 80 + b"]" * 80 + b',"status"'),
        lambda data: data[:0],
    ],
)
def test_what_is_not_plain_and_compact_is_read_or_refused_the_strict_way(
    change: Callable[[bytes], bytes],
) -> None:
    changed = change(_responses(0)[0])

    assert _outcome(_proven, changed) == _outcome(_strictly, changed)


def test_a_text_beyond_the_limit_is_refused() -> None:
    display = re.compile(rb'"display":"[^"]*"')
    data = _responses(0)[0]
    long = display.sub(b'"display":"' + b"x" * (wire.MAX_BYTES // 2) + b'"', data, count=2)
    assert len(long) > wire.MAX_BYTES

    with pytest.raises(Unreadable) as refused:
        _proven(long)

    assert "bytes long" in refused.value.problem


@given(JSON, st.sampled_from(["id", "meta", "text", "foo", "item"]))
def test_what_assess_makes_of_any_text_is_what_it_makes_of_strict_json(
    value: Any, name: str
) -> None:
    response = {**wire.read(_responses(0)[0]), name: value}
    data = wire.write(response)

    def by_bytes(data: bytes) -> Any:
        return installed().assess(data, now=NOW).document()

    def by_value(data: bytes) -> Any:
        return installed().assess(wire.read(data), now=NOW).document()

    assert _outcome(by_bytes, data) == _outcome(by_value, data)
