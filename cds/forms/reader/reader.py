"""A form compiled once, to walk all responses to it."""

from cds.forms.questionnaire import Questionnaire
from cds.forms.reader.gates import Gates, NotFlat
from cds.forms.reader.head import head_check
from cds.forms.reader.place import Doubtful
from cds.forms.reader.rows import PlaceRows
from cds.forms.reader.walk import NO_ITEMS, Walk
from cds.wire import JsonObject


class Reader:
    """A form, compiled to walk its responses."""

    def __init__(self, form: Questionnaire) -> None:
        """Compile the form; where only the tree will do, `gates` is None."""
        self.form = form
        self.gates: Gates | None = None
        modified = any("modifierExtension" in item.raw for item in form.by_link_id.values())
        if form.faults or modified or "modifierExtension" in form.raw:
            return
        try:
            self.gates = Gates(form)
        except NotFlat:
            return
        self.root = PlaceRows(form.items)
        self.has_plain_head = head_check(form)
        self.required = _required(self.root)

    def walk(self, response: JsonObject) -> "Walk | None":
        """What one walk finds; None where the whole response must be read as a tree."""
        if self.gates is None or "modifierExtension" in response or "contained" in response:
            return None  # a modifier changes everything; what is contained is meant from anywhere
        walk = Walk(self.form, response)
        try:
            walk.read(response.get("item", NO_ITEMS), self.root)
            walk.settle(self.gates, self.required)
        except Doubtful:
            return None
        walk.has_plain_head = self.has_plain_head(response)
        walk.plain = walk.tree is None and walk.has_plain_head
        if walk.tree is not None:
            walk.tree.has_plain_head = walk.has_plain_head
        return walk


def reader_of(form: Questionnaire) -> Reader:
    """The reader of a form, compiled once."""
    found: Reader | None = form.compiled.get("reader")
    if found is None:
        found = form.compiled["reader"] = Reader(form)
    return found


def _required(place: PlaceRows) -> frozenset[str] | None:
    """All that must be there; None where some of it must be there several times."""
    found = {item.link_id for item in place.required}
    for row in place.rows.values():
        if row.place is not None:
            below = _required(row.place)
            if below is None or (below and (row.again or row.item.type != "group")):
                return None
            found |= below
    return frozenset(found)
