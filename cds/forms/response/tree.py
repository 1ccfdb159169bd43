"""A response read as a tree.

Every item with its place, its definition, and what is wrong with the place.

Works on any JSON: what is not an item is left to the structure check, indexes stay those of the
input.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from cds.forms.questionnaire import MAX_DEPTH, Item, Questionnaire
from cds.wire import JsonObject

MAX_RESPONSE_ITEMS: Final = 40_000  # items and answers together
ROOT: Final = "QuestionnaireResponse"
_BESIDE: Final = -1  # in the place of an answer: directly under the item


class Node:
    """One item of a response.

    `item` is its definition, or None if the form has none. `fault` names the rule that its place
    breaks (`noLinkId`, `invalidLinkId`, `wrongPlace`); such a node has no children here: one cause,
    one issue. `at` is the answer of `parent` it hangs under, or None.
    """

    __slots__ = (
        "_below",
        "_expression",
        "answers",
        "at",
        "children",
        "fault",
        "index",
        "item",
        "json",
        "link_id",
        "parent",
    )

    def __init__(self, json: JsonObject, parent: "Node | None", at: int | None, index: int) -> None:
        """Keep where the item stands; `Tree` fills in the rest."""
        self.json = json
        self.parent = parent
        self.at = at
        self.index = index
        self.item: Item | None = None
        link_id = json.get("linkId")
        self.link_id: str | None = link_id if isinstance(link_id, str) else None
        self.fault: str | None = None
        self.children: list[Node] = []
        answers = json.get("answer")
        self.answers: list[Any] = answers if isinstance(answers, list) else []
        self._below: dict[tuple[str, int | None], list[Node]] | None = None
        self._expression: str | None = None

    @property
    def expression(self) -> str:
        """The FHIRPath of this item in the input."""
        if self._expression is None:
            above = ROOT if self.parent is None else self.parent.expression
            at = "" if self.at is None else f".answer[{self.at}]"
            self._expression = f"{above}{at}.item[{self.index}]"
        return self._expression

    @property
    def has_value(self) -> bool:
        """Whether any answer holds a value."""
        return any(value_key(answer) for answer in self.answers)

    def below(self, link_id: str, answer: int | None = None) -> "list[Node]":
        """Every item with this linkId under this one, in document order.

        Of one `answer`, those under it; where it has none, what stands beside all answers.
        """
        if self._below is None:
            self._below = {}
            for child in self.children:
                under = _BESIDE if child.at is None else child.at
                for node in all_below([child]):
                    if node.link_id is not None:
                        self._below.setdefault((node.link_id, None), []).append(node)
                        self._below.setdefault((node.link_id, under), []).append(node)
        found = self._below.get((link_id, answer))
        return found if found is not None else self._below.get((link_id, _BESIDE), [])

    @property
    def by_answer(self) -> "dict[int | None, list[Node]]":
        """The items below by the answer that they hang under; None: directly under this item."""
        found: dict[int | None, list[Node]] = {}
        for child in self.children:
            found.setdefault(child.at, []).append(child)
        return found


def all_below(nodes: list[Node]) -> Iterator[Node]:
    """These nodes and all below them, in document order."""
    for node in nodes:
        yield node
        if node.children:
            yield from all_below(node.children)


def value_key(answer: object) -> str | None:
    """The name of the `value[x]` of an answer (`valueCoding`), or None if it has no value.

    What only has an extension (`_valueString`, or a Coding that says why it is absent) is none. Of
    two, which is a fault, it is the first by name: members of an object have no order.
    """
    if not isinstance(answer, dict):
        return None
    found: str | None = None
    for key, value in answer.items():
        if key.startswith("value") and value is not None and value != []:
            if isinstance(value, dict) and value.keys() <= _BARE:
                continue
            found = str(key) if found is None else min(found, str(key))
    return found


_BARE: Final = frozenset(("id", "extension"))


def kind_of(key: str) -> str:
    """The FHIR type of a `value[x]` key as FHIRPath spells it.

    `valueString` is string, `valueCoding` Coding.
    """
    return _KINDS.get(key) or key.removeprefix("value")


_KINDS: Final = {
    f"value{name[0].upper()}{name[1:]}": name
    for name in ("boolean", "decimal", "integer", "date", "dateTime", "time", "string", "uri")
}


class Wanting(NamedTuple):
    """Items of the form that one place lacks, or that stand there as `nodes` and not plainly."""

    parent: Node | None
    here: str
    items: tuple[Item, ...]
    nodes: list[Node]


class Tree:
    """A response against its form.

    `too_deep` is the first place that is nested too deeply to be read. A `partial` one has as roots
    the items that are not plain, wherever they stand, and in `wanting` their places; `above` are
    the ids of the Nodes around them, `plain` those of roots that are as FHIR has them.
    """

    too_deep: str | None = None
    count = 0
    too_many = False
    modified = False  # a modifierExtension stands somewhere
    has_plain_head = False  # of a partial one: nothing is to be said of what is no item

    def __init__(
        self, questionnaire: Questionnaire, json: JsonObject, *, partial: bool = False
    ) -> None:
        """Nothing is read yet."""
        self.questionnaire = questionnaire
        self.json = json
        self.partial = partial
        self.roots: list[Node] = []
        self.by_link_id: dict[str, list[Node]] = {}
        self.strays: list[str] = []  # places in `item` that hold no object
        self.misplaced: set[str] = set()  # linkIds in a wrong place
        self.wanting: list[Wanting] = []
        self.above: set[int] = set()
        self.plain: set[int] = set()

    def nodes(self) -> Iterator[Node]:
        """Every node in document order."""
        return all_below(self.roots)

    def close(self) -> list[Node]:
        """The roots of a partial one that FHIR itself may have something to say of."""
        return [node for node in self.roots if id(node) not in self.plain]

    def around(self, item: Item) -> Node | None:
        """The first item of the response, from within, that an item of the form belongs under.

        A group of which nothing is answered is left out: then it is the one around that group.
        """
        for above in reversed(item.ancestors):
            for node in self.by_link_id.get(above.link_id, ()):
                if node.fault is None:
                    return node
        return None


def read_tree(response: JsonObject, questionnaire: Questionnaire) -> Tree:
    """Read the items of a response."""
    tree = Tree(questionnaire, response)
    tree.roots = _read(tree, response.get("item"), None, None, 0)
    tree.too_many = tree.count > MAX_RESPONSE_ITEMS
    return tree


def _read(tree: Tree, raw: object, parent: Node | None, at: int | None, depth: int) -> list[Node]:
    if not isinstance(raw, list):
        return []
    if depth > MAX_DEPTH:
        tree.too_deep = tree.too_deep or (parent.expression if parent else ROOT)
        return []
    nodes: list[Node] = []
    for index, entry in enumerate(raw):
        tree.count += 1
        if tree.count > MAX_RESPONSE_ITEMS:
            tree.too_many = True
            return nodes
        if isinstance(entry, dict):
            node = Node(entry, parent, at, index)
            tree.count += len(node.answers)
            place(tree, node, depth)
            tree.modified = tree.modified or _carries_modifier(node)
            nodes.append(node)
        else:
            above = ROOT if parent is None else parent.expression
            tree.strays.append(f"{above}{'' if at is None else f'.answer[{at}]'}.item[{index}]")
    return nodes


def _carries_modifier(node: Node) -> bool:
    """Whether a modifierExtension stands on the item, its definition or one of its answers."""
    defined = node.item is not None and "modifierExtension" in node.item.raw
    return (
        defined
        or "modifierExtension" in node.json
        or any(isinstance(one, dict) and "modifierExtension" in one for one in node.answers)
    )


def place(tree: Tree, node: Node, depth: int) -> None:
    """Find the definition of a node and read what lies below it."""
    link_id = node.link_id
    if link_id is None:
        node.fault = "noLinkId"
        return
    item = tree.questionnaire.by_link_id.get(link_id)
    if item is None:
        node.fault = "invalidLinkId"
        return
    node.item = item
    tree.by_link_id.setdefault(link_id, []).append(node)
    owner = node.parent.item if node.parent else None
    if not tree.questionnaire.has(item, owner):
        node.fault = "wrongPlace"
        tree.misplaced.add(link_id)
        return
    node.children = _read(tree, node.json.get("item"), node, None, depth + 1)
    for at, answer in enumerate(node.answers):
        if isinstance(answer, dict) and "item" in answer:
            node.children.extend(_read(tree, answer["item"], node, at, depth + 1))
