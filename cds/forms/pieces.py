"""The usual response read as text: cut where its items begin, every piece looked up whole.

A filler writes an item in the same bytes every time. So a piece is parsed and judged once, by the
quick reading, and from then on known by its bytes: the same text says the same. Only what stands
around the items is parsed each time. At the first doubt it gives up (None).

Nothing of a patient is kept: a piece is remembered only if all of its words are the form's own.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cds import wire
from cds.core.model import Answers
from cds.forms.quick import answers_of, head_is_usual, read_items
from cds.forms.quick_plan import Plan, Row, Rows
from cds.forms.reading import Reading

_ITEM = b'{"linkId":'
_OPENS = b'"item":['
_GROUP_ENDS = b"]}"
_QUESTION_ENDS = b"}]}"  # the last answer, the answers, the item
_KNOWN = False  # a group is nothing that could be "not known"
_MAX_KEPT = 4_096
_MARKS = 64  # no JSON that is read is nested deeper
_DOUBTS = (KeyError, TypeError, AttributeError, IndexError)

Entries = list[Mapping[str, Any]]
Tree = list[tuple[int, "Tree | None"]]  # the number of a piece, and what is below a group


class Cut(NamedTuple):
    """A response whose `item` is empty, and its items as pieces of text."""

    head: dict[str, Any]
    pieces: list[bytes]


class Read(NamedTuple):
    """A response without fault, its answers, and its canonical JSON (sorted keys, no space).

    Its items are shared with other responses: to be read, not changed.
    """

    response: dict[str, Any]
    answers: Answers
    canonical: bytes


class Piece(NamedTuple):
    """The beginning of a group, or a question with its answers and the groups that end after it.

    Of a question, `canonical` is the text with sorted keys and a comma; of a group, it is what
    stands before its items, and `rest` what stands after. `mark` is its place in the form, and how
    many groups end after it, in one number.
    """

    mark: int
    link_id: str
    codes: tuple[str, ...]
    unknown: bool
    entry: Mapping[str, Any]
    canonical: bytes
    rest: bytes | None


class Items(NamedTuple):
    """All items of a response, read."""

    entries: Entries
    canonical: bytes
    given: dict[str, tuple[str, ...]]
    opened: dict[str, str]


class Shape(NamedTuple):
    """Which pieces are groups, the tree of all, and which groups end after which question."""

    groups: tuple[str, ...]
    tree: Tree
    ends: tuple[tuple[int, tuple[int, ...]], ...]


def cut(data: bytes) -> Cut | None:
    """Take the items out of a response in compact JSON; None where they cannot be told apart."""
    first, *pieces = data.rstrip(b"\n").split(_ITEM)
    if not pieces or not first.endswith(_OPENS):
        return None
    last, ends, after = pieces[-1].partition(_QUESTION_ENDS)
    # Groups end as the response itself may end: what must stay is the end of the response's items.
    while after.startswith(_GROUP_ENDS) and after != _GROUP_ENDS:
        ends, after = ends + _GROUP_ENDS, after[len(_GROUP_ENDS) :]
    # What is left is JSON with an empty `item` only if the pieces stood inside of that array.
    head = wire.parse_loosely(first + after)
    if type(head) is not dict or head.get("item") != []:
        return None
    pieces[-1] = last + ends + b","
    return Cut(head, pieces)


class Pieces:
    """The pieces of responses to one form. Safe for many threads: whoever learns one, learns it."""

    def __init__(self, reading: Reading, plan: Plan) -> None:
        """No piece is known yet."""
        self._reading = reading
        self._plan = plan
        self._rows = dict(_rows(plan.items, None))
        self._known: dict[bytes, Piece] = {}
        self._shapes: dict[tuple[int, ...], Shape] = {}

    def read(self, found: Cut) -> Read | None:
        """The response if no check would object to it, or None in any doubt."""
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
        canonical = wire.write({**head, "item": wire.Written(items.canonical)}, sort_keys=True)
        head["item"] = items.entries
        return Read(head, answers, canonical)

    def _items(self, pieces: list[bytes]) -> Items | None:
        """Every item in the form's order, each below its own group; None in any doubt."""
        known = self._known
        found = [known.get(text) or self._learn(text) for text in pieces]
        marks, link_ids, codes, unknown, entries, written, rests = zip(*found, strict=True)
        shape = self._shapes.get(marks) or self._shape(found)
        if shape is None:
            return None
        given = dict(zip(link_ids, codes, strict=True))
        for group in shape.groups:
            del given[group]
        opened = {}
        if True in unknown:
            opened = {one.link_id: "unknown" for one in found if one.unknown}
        canonical = list(written)
        for place, groups in shape.ends:
            tails = b"".join([rests[group] for group in groups])
            canonical[place] = b"%b%b," % (canonical[place][:-1], tails)
        return Items(
            _nested(entries, shape.tree), b"[%b]" % b"".join(canonical)[:-1], given, opened
        )

    def _shape(self, found: list[Piece]) -> Shape | None:
        """The shape of these pieces; None if one stands in a wrong place."""
        top: list[tuple[int, Any]] = []
        around: list[tuple[list[tuple[int, Any]], str | None, int]] = []
        level, inside, last = top, None, -1
        groups, ends = [], []
        for number, piece in enumerate(found):
            place, closes = divmod(piece.mark, _MARKS)
            parent = self._rows[piece.link_id][0]
            if place <= last or parent != inside or closes > len(around):
                return None
            last = place
            if piece.rest is not None:
                below: list[tuple[int, Any]] = []
                level.append((number, below))
                around.append((level, inside, number))
                level, inside = below, piece.link_id
                groups.append(piece.link_id)
                continue
            level.append((number, None))
            ended = []
            for _ in range(closes):
                level, inside, opener = around.pop()
                ended.append(opener)
            if ended:
                ends.append((number, tuple(ended)))
        if around:
            return None
        shape = Shape(tuple(groups), top, tuple(ends))
        _keep(self._shapes, tuple(piece.mark for piece in found), shape)
        return shape

    def _learn(self, text: bytes) -> Piece:
        """What a piece says that was not met before; an exception in any doubt."""
        if text.endswith(_OPENS):
            return self._group(text)
        body, closes = text.removesuffix(b","), 0
        while body.endswith(_GROUP_ENDS + _GROUP_ENDS):
            body, closes = body[: -len(_GROUP_ENDS)], closes + 1
        entry, canonical = _parsed(_ITEM + body)
        link_id = entry["linkId"]
        row = self._rows[link_id][1]
        given: dict[str, tuple[str, ...]] = {}
        opened: dict[str, str] = {}
        if not read_items([entry], {link_id: row}, given, opened):
            raise KeyError
        place, _, _, options, _, _ = row
        piece = Piece(
            place * _MARKS + closes,
            link_id,
            given[link_id],
            link_id in opened,
            entry,
            canonical + b",",
            None,
        )
        codings = [answer["valueCoding"] for answer in entry["answer"]]
        own = all("display" not in one or one == options[one["code"]].coding for one in codings)
        if own:
            _keep(self._known, text, piece)
        return piece

    def _group(self, text: bytes) -> Piece:
        """The beginning of a group."""
        entry, _ = _parsed(_ITEM + text + _GROUP_ENDS)
        link_id = entry["linkId"]
        row = self._rows[link_id][1]
        del entry["item"]
        if row[2] is None or entry not in (
            {"linkId": link_id},
            {"linkId": link_id, "text": row[1]},
        ):
            raise KeyError
        rest = b"]," + wire.write(entry, sort_keys=True)[1:]
        piece = Piece(row[0] * _MARKS, link_id, (), _KNOWN, entry, b'{"item":[', rest)
        _keep(self._known, text, piece)
        return piece


def _keep(kept: dict[Any, Any], key: object, value: object) -> None:
    """Remember within bounds; to begin anew is simpler than to choose what to forget."""
    if len(kept) >= _MAX_KEPT:
        kept.clear()
    kept[key] = value


def _nested(entries: Sequence[Mapping[str, Any]], tree: Tree) -> Entries:
    """The items in their groups, which are this response's own."""
    return [
        entries[number] if below is None else {**entries[number], "item": _nested(entries, below)}
        for number, below in tree
    ]


def _parsed(text: bytes) -> tuple[dict[str, Any], bytes]:
    """An item, and its text with sorted keys: as long as it was, or a key was lost (KeyError)."""
    entry = wire.parse_loosely(text)
    canonical = wire.write(entry, sort_keys=True)
    if type(entry) is not dict or len(canonical) != len(text):
        raise KeyError
    return entry, canonical


def _rows(rows: Rows, parent: str | None) -> Iterator[tuple[str, tuple[str | None, Row]]]:
    """Every item of the form with its group, by linkId."""
    for link_id, row in rows.items():
        yield link_id, (parent, row)
        if row[2] is not None:
            yield from _rows(row[2], link_id)
