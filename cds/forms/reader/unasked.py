"""What a response holds although the form does not ask it: each topmost item as a tree."""

from collections.abc import Callable, Sequence
from collections.abc import Container as Holds

from cds.forms.reader.place import Above, Container
from cds.forms.response.tree import Node, Tree, place

Position = tuple[tuple[int, int], ...]


def look_at_unasked(
    tree: Tree,
    containers: Sequence[Container],
    shut: Holds[str],
    node_of: Callable[[Above], Node],
) -> None:
    """Put what is not asked (`shut`: linkIds) among the roots of a partial tree, in their order.

    What was to be looked at closely below such an item stands in the tree of that item then.
    """
    inside: set[int] = set()
    found: list[Node] = []
    for items, _, above, at, close in containers:
        if above is not None and above.row.link_id in shut:
            inside.update(map(id, close))
            close.clear()
            continue
        known = {node.index for node in close}
        for index, entry in enumerate(items):
            if entry["linkId"] in shut and index not in known:
                parent = None if above is None else node_of(above)
                found.append(Node(entry, parent, at, index))
                if parent is not None:
                    tree.above.add(id(parent))
    for node in found:
        if inside:
            place(tree, node, len(_position(node.parent)))
        else:  # nobody needs to know what stands below it
            node.item = tree.questionnaire.by_link_id[str(node.link_id)]
            tree.plain.add(id(node))
    roots = [node for node in tree.roots if id(node) not in inside]
    tree.roots[:] = sorted([*roots, *found], key=_position)


def _position(node: Node | None) -> Position:
    """Where an item stands: from the outermost item in, under which answer, and as which item."""
    if node is None:
        return ()
    return (*_position(node.parent), (-1 if node.at is None else node.at, node.index))
