"""One walk through a response: its answers, and what has to be looked at more closely.

Most items of most responses are plain: in their place and order, with the text of the form and an
answer that it offers. Of those the walk keeps the answers. Every other item becomes a `Node`, for
the checks to judge. Where the places themselves are not as the form has them (an unknown linkId,
another order, a modifier), `walk` gives None: then the whole response is read as a tree.

What is plain, the checks have nothing to say of: a property test holds the two together.
"""

from collections.abc import Sequence
from typing import Any, Final

from cds.forms.form.items import Item
from cds.forms.questionnaire import Questionnaire
from cds.forms.reader.gates import Chosen, Closed, Gates
from cds.forms.reader.head import PLAIN_ID, are_codings
from cds.forms.reader.place import Above, Container, Doubtful
from cds.forms.reader.plain_codes import nests_at_most
from cds.forms.reader.rows import (
    BARE,
    DISPLAYED,
    MANY,
    WORDED,
    ItemRow,
    PlaceRows,
    has_only_id,
)
from cds.forms.response.tree import ROOT, Node, Tree, Wanting, value_key
from cds.wire import JsonObject

_ENTRY: Final = frozenset({"linkId", "text", "id", "answer", "item"})
NO_ITEMS: Final[Any] = object()
_DOUBTS: Final = (KeyError, TypeError, IndexError, AttributeError)


class Walk:
    """What one walk found.

    `codes`: by linkId, the options chosen; of `several`, more than one. `others`: by linkId, all
    other answers. `entries`: the items that those stand in. `stood`: what else stands there.
    `tree`: what is to be looked at closely, if anything is. `closed`: what is not asked; where
    `is_asked`, nothing of it stands there. `plain`: no check has anything to say of it.
    """

    closed: Closed
    tree: Tree | None = None
    answered = 0  # how many of `others` have a value
    is_asked = True
    plain = False
    has_plain_head = False

    def __init__(self, form: Questionnaire, response: JsonObject) -> None:
        """Nothing is found yet."""
        self._form = form
        self._response = response
        self._containers: list[Container] = []
        self.codes: dict[str, Chosen] = {}
        self.several: list[str] = []
        self.others: dict[str, list[Any]] = {}
        self.entries: list[tuple[Item, JsonObject]] = []
        self.stood: list[str] = []

    @property
    def is_answered(self) -> bool:
        """Whether any question has an answer with a value."""
        return bool(self.codes or self.answered)

    def read(self, items: Any, root: PlaceRows) -> None:
        """Walk all items; `settle` comes after.

        Raises:
            Doubtful: only the tree can tell what stands where.
        """
        if items is NO_ITEMS:
            self._containers.append(((), root, None, None, []))
            return
        try:
            self._items(items, root, None, None)
        except _DOUBTS:
            raise Doubtful from None

    def _items(self, items: Any, place: PlaceRows, above: Above | None, at: int | None) -> None:
        if type(items) is not list or not items:
            raise Doubtful
        rows, codes = place.rows, self.codes
        close: list[Node] = []
        self._containers.append((items, place, above, at, close))
        before = -1
        for index, entry in enumerate(items):
            row = rows[entry["linkId"]]
            order = row.order
            if order <= before and not (row.again and order == before):
                raise Doubtful
            before = order
            options = row.options
            if options is not None:
                # One whole Coding: this is most of all items, and where most of the time goes.
                try:
                    size, answers = len(entry), entry["answer"]
                    answer = answers[0]
                    coding = answer["valueCoding"]
                    option = options[coding["code"]]
                    chosen = option.alone
                    if (
                        len(answers) == 1 == len(answer)
                        and len(coding) == DISPLAYED
                        and coding["display"] == option.display
                        and coding["system"] == option.system
                        and (size == BARE or entry["text"] == row.text)
                        and (size <= WORDED or has_only_id(entry))
                    ) or (chosen := self._each_once(row.chosen(entry, option), row)):
                        codes[row.link_id] = chosen
                        continue
                except _DOUBTS:
                    pass
            elif row.is_plain_group and len(entry) == WORDED and entry.get("text") == row.text:
                self._group(Above(entry, row, index, above, at))
                continue
            self._item(Above(entry, row, index, above, at), close)

    def _item(self, here: Above, close: list[Node]) -> None:
        """Walk one item that was not settled at a glance."""
        entry, row = here.entry, here.row
        if "modifierExtension" in entry:
            raise Doubtful
        plain = (
            _ENTRY.issuperset(entry)
            and entry.get("text", row.text) == row.text
            and ("id" not in entry or PLAIN_ID.fullmatch(entry["id"]) is not None)
        )
        match row.item.type:
            case "group":
                if not plain or "answer" in entry or not row.is_plain_group:
                    raise Doubtful
                self._group(here)
            case "display":
                if not plain or not row.item.text or "answer" in entry or "item" in entry:
                    raise Doubtful
            case _:
                if not (plain and "item" not in entry and self._question(here)):
                    close.append(self._looked_at(here, plain=plain))

    def _group(self, here: Above) -> None:
        """Walk what stands below a group that is plain itself."""
        entry, row = here.entry, here.row
        known = len(self.codes) + self.answered
        if row.place is not None:
            self._items(entry["item"], row.place, here, None)
        self.stood.append(row.link_id)
        if row.item.required and known == len(self.codes) + self.answered:
            raise Doubtful

    def _question(self, here: Above) -> bool:
        """Whether a question is plain; then its answers are kept."""
        entry, row = here.entry, here.row
        if row.is_right is None or ("answer" not in entry and row.item.required):
            return False
        if "answer" not in entry:
            self.stood.append(row.link_id)
            self.entries.append((row.item, entry))
            return True
        answers = entry["answer"]
        if type(answers) is not list or not 0 < len(answers) <= (MANY if row.repeats else 1):
            return False
        try:
            alone = len(answers) == 1
            for answer in answers:  # all() over a generator takes twice the time
                if not row.is_plain(answer, alone=alone):
                    return False
        except _DOUBTS:
            return False
        self._keep(here, answers)
        if row.place is not None:
            self._nested(answers, row.place, here)
        return True

    def _nested(self, answers: list[Any], place: PlaceRows, here: Above) -> None:
        for at, answer in enumerate(answers):
            if "item" in answer:
                self._items(answer["item"], place, here, at)
            else:
                self._containers.append(((), place, here, at, []))

    def _keep(self, here: Above, answers: list[Any]) -> None:
        row = here.row
        chosen = [answer["valueCoding"]["code"] for answer in answers if "valueCoding" in answer]
        if row.codes is not None and len(chosen) == len(answers):
            self.codes[row.link_id] = self._each_once(chosen, row)
        else:
            self.answered += 1
            self.others.setdefault(row.link_id, []).extend(answers)
            self.entries.append((row.item, here.entry))

    def _each_once(self, codes: Sequence[str], row: ItemRow) -> Chosen:
        found = tuple(dict.fromkeys(codes))
        if len(found) > 1:
            self.several.append(row.link_id)
        return found

    def _looked_at(self, here: Above, *, plain: bool) -> Node:
        """The Node of a question that the checks shall judge; `plain`: but for its answers."""
        entry, row = here.entry, here.row
        answers = entry["answer"] if type(entry.get("answer")) is list else []
        if len(answers) > MANY:  # conditions look at them all, and only the tree has a clock
            raise Doubtful
        whole = [one for one in answers if type(one) is dict]
        if "item" in entry or any("item" in one or "modifierExtension" in one for one in whole):
            raise Doubtful
        self.entries.append((row.item, entry))
        self.others.setdefault(row.link_id, []).extend(answers)
        node, tree = self._node(here), self._close_look()
        self.answered += node.has_value
        tree.roots.append(node)
        tree.by_link_id.setdefault(row.link_id, []).append(node)
        if plain and are_codings(answers):
            tree.plain.add(id(node))
        return node

    def _close_look(self) -> Tree:
        self.tree = self.tree or Tree(self._form, self._response, partial=True)
        return self.tree

    def _node(self, here: Above) -> Node:
        if here.node is None:
            parent = None
            if here.above is not None:
                parent = self._node(here.above)
                self._close_look().above.add(id(parent))
            here.node = Node(here.entry, parent, here.at, here.index)
            here.node.item = here.row.item
        return here.node

    def answers_to(self, question: str) -> Sequence[JsonObject]:
        """The answers with a value to the question of this linkId."""
        found = self.others.get(question)
        if found is not None:
            return [answer for answer in found if value_key(answer)]
        item = self._form.by_link_id[question]
        codes = self.codes.get(question, ())
        return [{"valueCoding": item.codes[code]["valueCoding"]} for code in codes]

    def nests_little(self) -> bool:
        """Whether nothing that stands there is nested deeply: it is known, or looked at here."""
        around = {} if self.has_plain_head else {**self._response, "item": None}
        close = [] if self.tree is None else self.tree.close()
        return nests_at_most(around, 8) and all(nests_at_most(node.json, 8) for node in close)

    def settle(self, gates: Gates, required: frozenset[str] | None) -> None:
        """Find out what is not asked, and what is missing.

        Raises:
            Doubtful: it cannot be told what is asked.
        """
        closed = self.closed = gates.closed(self.codes, self.others, self.answers_to)
        if closed.undecided:
            raise Doubtful
        shut = closed.states.keys()
        if shut and not all(map(shut.isdisjoint, (self.codes.keys(), self.stood, self.others))):
            self.is_asked = False
            # Loaded only where something is answered that is not asked.
            from cds.forms.reader.unasked import look_at_unasked  # noqa: PLC0415

            look_at_unasked(self._close_look(), self._containers, shut, self._node)
        complete = required is not None and self._has_all(required)
        if complete and self.tree is None:
            return
        for items, place, above, at, close in self._containers:
            lacking = {node.item for node in close if node.item is not None}
            if not complete:
                here = {entry["linkId"] for entry in items}
                lacking.update(
                    item
                    for item in place.required
                    if item.link_id not in here and item.link_id not in shut
                )
            if lacking:
                self._want(lacking, above, at, close)

    def _has_all(self, required: frozenset[str]) -> bool:
        known, states = self.closed.known, self.closed.states
        needed = known.get("required") or known.setdefault("required", required.difference(states))
        missing = needed.difference(self.codes)  # as nearly always, none
        return not (missing and missing.difference(self.stood, self.others))

    def _want(
        self, items: set[Item], above: Above | None, at: int | None, close: list[Node]
    ) -> None:
        parent = None if above is None else self._node(above)
        here = ROOT if parent is None else parent.expression
        tree = self._close_look()
        if parent is not None:
            tree.above.add(id(parent))
        wanted = tuple(sorted(items, key=lambda item: item.order))
        place = here if at is None else f"{here}.answer[{at}]"
        tree.wanting.append(Wanting(parent, place, wanted, close))
