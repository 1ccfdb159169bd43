"""The answers of a response that count, read so that a fault can hide nothing.

Every item with a known linkId is read, wherever it stands. A faulty answer that would raise an
alarm counts; one that would calm is unknown. What the form did not ask is left out only where a
known answer made it needless, and a safety answer not even then.
"""

from collections.abc import Mapping
from typing import Any

from cds.core.fields import of_fields
from cds.core.model import Answers
from cds.forms.given import (
    ITEM,
    Given,
    Read,
    counting,
    is_finished,
    left_out,
    only,
    read_item,
    reasons,
)
from cds.forms.reader.gates import Closed
from cds.forms.reader.reader import reader_of
from cds.forms.reader.walk import Walk
from cds.forms.reading import Reading


def read_answers(response: Mapping[str, Any], reading: Reading, *, assumed: bool = False) -> Read:
    """Read a response. `assumed`: the form was only guessed, so nothing is left out."""
    walk = None if assumed else reader_of(reading.questionnaire).walk(dict(response))
    return answers_after(walk, response, reading, assumed=assumed)


def answers_after(
    walk: Walk | None, response: Mapping[str, Any], reading: Reading, *, assumed: bool = False
) -> Read:
    """Read a response that was walked."""
    if walk is None or not walk.is_asked:
        # Loaded where items stand in strange places, or are not asked: few responses need it.
        from cds.forms.answers_anywhere import answers_anywhere  # noqa: PLC0415

        return answers_anywhere(response, reading, assumed=assumed)
    codes, opened, spoken = _given_in(walk, reading)
    excused, hidden = _left_out(walk.closed, reading, opened)
    blocked = not is_finished(response)
    whole = (reading.asked, codes, opened, excused, hidden, blocked, reading.short, ())
    return of_fields(Read, (of_fields(Answers, whole), (), (), spoken, None))


def _given_in(
    walk: Walk, reading: Reading
) -> tuple[dict[str, tuple[str, ...]], dict[str, str], tuple[str, ...]]:
    """The codes that count, the questions that are open for what was given, those in free text."""
    codes, unknown = walk.codes, reading.unknown
    opened: dict[str, str] = {}
    alone = not reading.alone_unknown.isdisjoint(codes.values())
    beside = walk.several and any(not unknown.isdisjoint(codes[name]) for name in walk.several)
    if alone or beside:
        opened = {name: "unknown" for name, given in codes.items() if not unknown.isdisjoint(given)}
        # In the form's order: causes list their support in it.
        counted = (
            (name, tuple(code for code in given if code not in unknown))
            for name, given in codes.items()
        )
        codes = {name: known for name, known in counted if known}
    if not walk.entries:
        return codes, opened, ()
    found: dict[str, Given] = {}
    for item, entry in walk.entries:
        given = found.setdefault(item.link_id, Given())
        read_item(item, entry, reading, given, in_place=only(entry, ITEM))
    opened |= reasons(found, reading)
    others = {
        name: counting(one.codes, name, reading, opened.get(name)) for name, one in found.items()
    }
    if any(others.values()):
        both = {**codes, **others}
        codes = {name: both[name] for name in reading.asked if both.get(name)}
    elif not codes.keys().isdisjoint(others):
        codes = {name: given for name, given in codes.items() if name not in others}
    if len(opened) > 1:
        opened = {name: opened[name] for name in reading.asked if name in opened}
    spoken = tuple(name for name, one in found.items() if one.free_text)
    if len(spoken) > 1:
        spoken = tuple(name for name in reading.asked if name in spoken)
    return codes, opened, spoken


def _left_out(
    closed: Closed, reading: Reading, opened: Mapping[str, str]
) -> tuple[frozenset[str], frozenset[str]]:
    """The questions that a known answer made needless, and those that hang on an open question.

    Known for whoever gives the same answers to the questions that decide (see `Gates.closed`).
    """
    found: tuple[frozenset[str], frozenset[str]] | None = closed.known.get(reading.unknown)
    if found is None:
        states = ((link_id, closed.states.get(link_id)) for link_id in reading.asked)
        found = closed.known[reading.unknown] = left_out(states, reading, opened)
    return found
