"""The usual response read as text: cut where its items begin, every piece looked up whole.

A filler writes an item in the same bytes every time. So a piece is parsed and judged once, by the
quick reading, and from then on known by its bytes: the same text says the same. Only what stands
around the items is parsed each time. At the first doubt it gives up (None).

Nothing of a patient is kept: a piece is remembered only if all of its words are the form's own.
"""

from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any, NamedTuple

from cds import wire
from cds.core.model import Answers
from cds.core.remember import remember
from cds.forms.quick.plan import Plan, Row, Rows
from cds.forms.quick.read import answers_of, head_is_usual, read_items
from cds.forms.reading import Reading

_ITEM = b'{"linkId":'
_OPENS = b'"item":['
_GROUP_ENDS = b"]}"
_QUESTION_ENDS = b"}]}"  # the last answer, the answers, the item
_MAX_KEPT = 4_096
_MARKS = 64  # no JSON that is read is nested deeper
_DOUBTS = (KeyError, TypeError, AttributeError, IndexError)

Codes = tuple[str, ...]
Chosen = Callable[[tuple[Any, ...]], tuple[Any, ...]]


class Cut(NamedTuple):
    """A response without its `item`, and the items as pieces of text."""

    head: dict[str, Any]
    pieces: list[bytes]


class Read(NamedTuple):
    """The answers of a response without fault, and its canonical JSON (sorted keys, no space)."""

    answers: Answers
    canonical: bytes


class Piece(NamedTuple):
    """The beginning of a group, or a question with its answers and the groups that end after it.

    `mark` is its place in the form, and how many groups end after it, in one number. `canonical`
    is the text of a question with sorted keys; of a group, what stands after its items.
    """

    mark: int
    codes: Codes
    unknown: bool
    canonical: bytes


class Items(NamedTuple):
    """All items of a response, read."""

    canonical: bytes
    given: dict[str, Codes]
    opened: dict[str, str]


class Shape(NamedTuple):
    """What follows from the marks of all pieces.

    `answered` chooses, of what is known of each piece, that of the `questions`; `written` puts the
    texts of all into the order in which `canonical` takes them.
    """

    questions: tuple[str, ...]
    answered: Chosen
    written: Chosen
    canonical: bytes


def cut(data: bytes) -> Cut | None:
    """Take the items out of a response in compact JSON; None where they cannot be told apart."""
    pieces = data.split(_ITEM)
    first = pieces.pop(0)
    if not pieces or not first.endswith(_OPENS):
        return None
    last, ends, after = pieces[-1].partition(_QUESTION_ENDS)
    # Groups end as the response itself may end: what must stay is the end of the response's items.
    while after.startswith(_GROUP_ENDS) and after != _GROUP_ENDS:
        ends, after = ends + _GROUP_ENDS, after[len(_GROUP_ENDS) :]
    # What is left is JSON with an empty `item` only if the pieces stood inside of that array.
    head = wire.parse_loosely(first + after)
    if type(head) is not dict or head.pop("item", None) != []:
        return None
    pieces[-1] = last + ends + b","
    return Cut(head, pieces)


class Pieces:
    """The pieces of responses to one form. Safe for many threads: whoever learns one, learns it."""

    def __init__(self, reading: Reading, plan: Plan) -> None:
        """No piece is known yet."""
        self._reading = reading
        self._plan = plan
        every = list(_every(plan.items, None))
        self._rows = {link_id: row for _, link_id, row in every}
        # By place in the form: the group around it, the linkId, and whether it is a group itself.
        self._places = {
            row[0]: (parent, link_id, row[2] is not None) for parent, link_id, row in every
        }
        self._known: dict[bytes, Piece] = {}
        self._shapes: dict[tuple[int, ...], Shape] = {}

    def read(self, found: Cut) -> Read | None:
        """The answers if no check would object to the response, or None in any doubt."""
        head, pieces = found
        try:
            items = self._items(pieces) if head_is_usual(head, self._plan) else None
        except _DOUBTS:
            return None
        if items is None:
            return None
        answers = answers_of(items.given, items.opened, self._reading, self._plan)
        if answers is None:
            return None
        whole = {**head, "item": wire.Written(items.canonical)}
        return Read(answers, wire.write(whole, sort_keys=True))

    def _items(self, pieces: list[bytes]) -> Items | None:
        """Every item in the form's order, each below its own group; None in any doubt."""
        known = self._known
        found = [known.get(text) or self._learn(text) for text in pieces]
        marks, codes, unknown, texts = zip(*found, strict=True)
        shape = self._shapes.get(marks) or self._shape(marks)
        if shape is None:
            return None
        questions = shape.questions
        opened = {}
        if True in unknown:
            flags = zip(questions, shape.answered(unknown), strict=True)
            opened = {link_id: "unknown" for link_id, flag in flags if flag}
        given = dict(zip(questions, shape.answered(codes), strict=True))
        return Items(shape.canonical % shape.written(texts), given, opened)

    def _shape(self, marks: tuple[int, ...]) -> Shape | None:
        """The shape of pieces with these marks; None if one stands in a wrong place."""
        questions: dict[int, str] = {}
        around: list[tuple[str | None, int]] = []
        inside, last = None, -1
        canonical, order = b"[", []
        for number, mark in enumerate(marks):
            place, closes = divmod(mark, _MARKS)
            parent, link_id, group = self._places[place]
            if place <= last or parent != inside or closes > len(around):
                return None
            last = place
            if not canonical.endswith(b"["):
                canonical += b","
            if group:
                around.append((inside, number))
                inside = link_id
                canonical += b'{"item":['
                continue
            questions[number] = link_id
            canonical += b"%b"
            order.append(number)
            for _ in range(closes):
                inside, opener = around.pop()
                canonical += b"%b"
                order.append(opener)
        if around:
            return None
        shape = Shape(
            tuple(questions.values()), _choice(list(questions)), _choice(order), canonical + b"]"
        )
        return remember(self._shapes, marks, shape, _MAX_KEPT)

    def _learn(self, text: bytes) -> Piece:
        """What a piece says that was not met before; an exception in any doubt."""
        if text.endswith(_OPENS):
            return self._group(text)
        body, closes = text.removesuffix(b","), 0
        while body.endswith(_GROUP_ENDS + _GROUP_ENDS):
            body, closes = body[: -len(_GROUP_ENDS)], closes + 1
        entry, canonical = _parsed(_ITEM + body)
        link_id = entry["linkId"]
        row = self._rows[link_id]
        given: dict[str, Codes] = {}
        opened: dict[str, str] = {}
        if not read_items([entry], {link_id: row}, given, opened):
            raise KeyError
        place, _, _, options, _, _ = row
        piece = Piece(place * _MARKS + closes, given[link_id], link_id in opened, canonical)
        codings = [answer["valueCoding"] for answer in entry["answer"]]
        own = all("display" not in one or one == options[one["code"]].coding for one in codings)
        if own:
            remember(self._known, text, piece, _MAX_KEPT)
        return piece

    def _group(self, text: bytes) -> Piece:
        """The beginning of a group."""
        entry, _ = _parsed(_ITEM + text + _GROUP_ENDS)
        link_id = entry["linkId"]
        row = self._rows[link_id]
        del entry["item"]
        if row[2] is None or entry not in (
            {"linkId": link_id},
            {"linkId": link_id, "text": row[1]},
        ):
            raise KeyError
        rest = b"]," + wire.write(entry, sort_keys=True)[1:]
        piece = Piece(row[0] * _MARKS, (), unknown=False, canonical=rest)
        return remember(self._known, text, piece, _MAX_KEPT)


def _choice(places: list[int]) -> Chosen:
    """A function that takes what stands at these places of a tuple, as a tuple."""
    if len(places) == 1:  # of one place `itemgetter` gives no tuple
        (only,) = places
        return lambda members: (members[only],)
    return itemgetter(*places)


def _parsed(text: bytes) -> tuple[dict[str, Any], bytes]:
    """An item, and its text with sorted keys: as long as it was, or a key was lost (KeyError)."""
    entry = wire.parse_loosely(text)
    canonical = wire.write(entry, sort_keys=True)
    if type(entry) is not dict or len(canonical) != len(text):
        raise KeyError
    return entry, canonical


def _every(rows: Rows, parent: str | None) -> Iterator[tuple[str | None, str, Row]]:
    """Every item of the form: the group around it, its linkId, its row."""
    for link_id, row in rows.items():
        yield parent, link_id, row
        if row[2] is not None:
            yield from _every(row[2], link_id)
