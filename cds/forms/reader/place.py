"""Where a walk is: the item that it is in, and the items beside one another."""

from collections.abc import Sequence
from typing import Any

from cds.forms.reader.rows import ItemRow, PlaceRows
from cds.forms.response.tree import Node
from cds.wire import JsonObject


class Doubtful(Exception):
    """The places of the items are not as the form has them."""


class Above:
    """The item that the walk is in: what a Node for it is made of, when one is needed.

    `at` is the answer of the item above that this one hangs under, or None.
    """

    __slots__ = ("above", "at", "entry", "index", "node", "row")

    def __init__(
        self, entry: JsonObject, row: ItemRow, index: int, above: "Above | None", at: int | None
    ) -> None:
        """No Node is made yet."""
        self.entry, self.row, self.index, self.above, self.at = entry, row, index, above, at
        self.node: Node | None = None


# The items of one place, where it is (below which item, under which of its answers), and those of
# them that are looked at closely. A plain tuple: some are made for every response.
Container = tuple[Sequence[Any], PlaceRows, Above | None, int | None, list[Node]]
