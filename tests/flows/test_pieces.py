"""Read by pieces of text or as a whole: the same response, the same answers, the same name."""

from typing import Any

import pytest
from hypothesis import given

from cds import wire
from cds.fhir.identifiers import fingerprint
from cds.flows.deciding.engine import Engine, engines_of
from cds.flows.deciding.usual import read_usual
from cds.flows.synthetic.responses import response_of
from cds.forms.quick.pieces import Pieces, cut
from tests.replies import Json, question, reply
from tests.strategies import Given, engine_of, given_answers, pack_of, quickly

NERVE = {"safety.nerve": "leg-weakness", "safety.nerve-course": "new-or-worse"}
MADE_UP = (b'"item":[', b"]}", b",", b"null")
WORDS = "Jane Doe, born 1950"


def fresh(*, short: bool = False) -> tuple[Engine, Pieces]:
    """An engine and pieces that have learned nothing yet."""
    engine = engine_of("cramps", short=short)
    assert engine.plan is not None
    return engine, Pieces(engine.reading, engine.plan)


def by_pieces(data: bytes, pieces: Pieces) -> Any:
    found = cut(data)
    return None if found is None else pieces.read(found)


def agree(data: bytes, engine: Engine, pieces: Pieces) -> bool:
    """Whether the pieces are read; if so, twice alike, and as the response is when parsed."""
    found = cut(data)
    first, again = by_pieces(data, pieces), by_pieces(data, pieces)
    assert (first is None) == (again is None)
    if first is None:
        return False
    parsed = wire.read(data)
    assert first == again
    head = dict(parsed)
    del head["item"]
    assert found is not None
    assert list(found.head.items()) == list(head.items())
    assert first.answers == quickly(parsed, engine)
    assert first.canonical == wire.write(parsed, sort_keys=True)
    return True


@pytest.mark.parametrize("short", [False, True])
def test_the_usual_response_is_read_by_its_pieces(short: bool) -> None:
    engine, pieces = fresh(short=short)

    assert agree(wire.write(reply(short=short)), engine, pieces)


def test_several_answers_and_what_stands_after_the_items_are_read_by_pieces() -> None:
    engine, pieces = fresh()
    changes = NERVE | {"safety.fluid-loss": ["dizzy-on-standing", "vomiting-or-diarrhea"]}
    response = reply(changes, author={"reference": "Patient/1"}, meta={"versionId": "1"})

    assert list(response)[-1] != "item"
    assert agree(wire.write(response), engine, pieces)


@given(given_answers("cramps"))
def test_whatever_is_answered_both_ways_agree(answers: Given) -> None:
    engine, pieces = fresh()
    data = wire.write(response_of(engine.form, answers, identifier="x"))

    found = agree(data, engine, pieces)

    assert found == (quickly(wire.read(data), engine) is not None)


def _texts(response: Json) -> list[bytes]:
    """The response in JSON with one change of its text, at every place where it could matter."""
    data = wire.write(response)
    marks = [
        b'{"linkId":',
        b"]}",
        b"}]}",
        b",",
        b'"item":[',
        b'"answer":[',
        b'"text":',
        b'"safety"',
    ]
    found = []
    for mark in marks:
        place = data.find(mark)
        while place >= 0:
            rest = data[place + len(mark) :]
            found += [
                data[:place] + put + rest for put in (b"", mark + mark, b" " + mark, *MADE_UP)
            ]
            place = data.find(mark, place + 1)
    return [*found, data]


def test_no_damage_of_the_text_is_read_otherwise_than_strictly() -> None:
    engines = engines_of([pack_of("cramps")], {})
    damaged = _texts(reply(NERVE))
    read = []

    for text in damaged:
        usual = read_usual(text, engines)
        if usual is not None:
            parsed = wire.read(text)  # what is no strict JSON raises here
            assert usual.response | {"item": parsed["item"]} == parsed
            assert usual.answers == quickly(parsed, usual.engine)
            assert usual.fingerprint == fingerprint(parsed)
            read.append(text)

    assert 0 < len(read) < len(damaged) / 10


def test_a_key_given_twice_is_left_to_the_strict_reading() -> None:
    data = wire.write(reply())
    engines = engines_of([pack_of("cramps")], {})
    assert read_usual(data, engines) is not None

    for key in (b'"status":"completed",', b'"linkId":"safety.urine",', b'"code":"usual",'):
        assert key in data
        twice = data.replace(key, key + key)
        assert read_usual(twice, engines) is None


def test_items_out_of_place_are_left_to_the_full_reading() -> None:
    _, pieces = fresh()
    swapped, moved, short = reply(), reply(), reply()
    swapped["item"].reverse()
    moved["item"][1]["item"].insert(0, moved["item"][0]["item"].pop())
    short["item"][0]["item"] = []

    for response in (reply(), swapped, moved, short):
        read = by_pieces(wire.write(response), pieces)
        assert (read is not None) == (response == reply())


def test_other_words_of_a_patient_are_read_and_not_remembered() -> None:
    engine, pieces = fresh()
    response = reply()
    question(response, "safety.urine")["answer"][0]["valueCoding"]["display"] = WORDS

    assert agree(wire.write(response), engine, pieces)

    assert WORDS not in repr([getattr(pieces, name) for name in dir(pieces)])
    assert "safety.limb" in repr(pieces._known)


def test_what_is_remembered_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cds.forms.quick.pieces._MAX_KEPT", 5)
    engine, pieces = fresh()

    assert agree(wire.write(reply(NERVE)), engine, pieces)
    assert agree(wire.write(reply()), engine, pieces)

    assert len(pieces._known) <= 5
