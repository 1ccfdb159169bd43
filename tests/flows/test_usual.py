"""The fast reading of the usual response sees what the strict one sees, or leaves it alone."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import pytest

from cds import wire
from cds.errors import Unreadable
from cds.flows.assess import installed
from cds.flows.deciding.usual import read_usual
from cds.flows.synthetic.samples import samples, scenarios_of
from cds.knowledge.read.pack import pack_folders
from tests.strategies import pack_of

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def responses(count: int) -> list[bytes]:
    pack = pack_of("cramps")
    scenarios = scenarios_of(pack_folders()["cramps"], pack)
    made = [*samples(scenarios, pack, None, 16, 0), *samples(scenarios, pack, "random", count, 0)]
    return [wire.write(sample.response) for sample in made]


def test_most_samples_are_usual_and_give_the_decision_of_the_strict_reading() -> None:
    assessor = installed()
    usual = 0
    for data in responses(100):
        usual += read_usual(data, assessor.engines) is not None

        fast = assessor.assess(data, now=NOW)
        strict = assessor.assess(wire.read(data), now=NOW)

        assert fast.document() == strict.document()
        assert wire.write(fast.to_fhir()) == wire.write(strict.to_fhir())
    assert usual > 50


def test_a_line_of_ndjson_is_read_as_without_its_end() -> None:
    engines = installed().engines
    data = responses(0)[0]

    bare, ended = read_usual(data, engines), read_usual(data + b"\n", engines)

    assert bare is not None
    assert bare == ended


def test_a_response_beyond_the_limit_is_refused_though_each_of_its_pieces_is_short() -> None:
    display = re.compile(rb'"display":"[^"]*"')
    data = responses(0)[0]
    assert len(display.findall(data)) > 2
    long = display.sub(b'"display":"' + b"x" * (wire.MAX_BYTES // 2) + b'"', data, count=2)
    assert len(long) > wire.MAX_BYTES

    with pytest.raises(Unreadable) as refused:
        installed().assess(long, now=NOW)

    assert "bytes long" in refused.value.problem


def test_a_key_given_twice_is_never_passed_over() -> None:
    assessor = installed()
    data = responses(0)[0]
    assert read_usual(data, assessor.engines) is not None
    places = [place for place, byte in enumerate(data) if data[place : place + 1] in {b"{", b","}]
    chance = Random(7)  # noqa: S311 - chosen places, nothing secret
    for place in chance.sample(places, 40):
        key = chance.choice([b'"linkId":"x"', b'"status":"completed"', b'"code":"none"'])
        twice = data[: place + 1] + key + b"," + data[place + 1 :]

        assert read_usual(twice, assessor.engines) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b'"status":"completed"', b'"status" :"completed"'),
        lambda data: data.replace(
            b'"status":"completed"', b'"status":"in-progress","status":"completed"'
        ),
        lambda data: data.replace(b"completed", b"\\u0063ompleted"),
        lambda data: data + b" ",
        lambda data: data[:-1],
        lambda data: data.replace(b"completed", b"\xff"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: b"[" + data + b"]",
    ],
)
def test_what_is_not_plain_and_compact_is_left_to_the_strict_reading(
    change: Callable[[bytes], bytes],
) -> None:
    changed = change(responses(0)[0])

    assert read_usual(changed, installed().engines) is None


def test_the_strict_reading_then_refuses_the_key_given_twice() -> None:
    data = responses(0)[0].replace(b'"status":', b'"status":"in-progress","status":')

    with pytest.raises(Unreadable) as refused:
        installed().assess(data, now=NOW)

    assert refused.value.line == 1
    assert "twice" in refused.value.problem
