"""Every item in its place.

Known linkId, right parent, order, nesting, groups, displays, repeats, texts.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise

from cds.forms.checks.context import Context, issue
from cds.forms.form import extensions as ext
from cds.forms.issues import Issue
from cds.forms.questionnaire import Item, Questionnaire
from cds.forms.response.tree import Node, value_key

# A likeness is looked for among few, short linkIds.
MAX_LIKENESS = 64
MAX_KNOWN = 500


def check_structure(context: Context) -> Iterator[Issue]:
    """All rules about where items and answers stand."""
    if context.tree.too_deep:
        yield issue(
            "tooCostly",
            context.tree.too_deep,
            "the response is nested too deeply; what lies below is not read",
        )
    for stray in context.tree.strays:
        yield issue("structure", stray, "an item must be an object")
    yield from _siblings([] if context.tree.partial else context.tree.roots)
    for node in context.timed(context.tree.nodes()):
        if node.fault:
            yield from _misplaced(node, context)
        elif node.item is not None:
            yield from _moved(node, node.item, context)
            yield from _node(node, node.item)
            yield from _text(node, node.item, context.questionnaire)
            if not node.children:
                continue
            # Those directly below it stand before those of its answers, which are in order.
            for siblings in node.by_answer.values():
                yield from _siblings(siblings)


def _may_be_of_a_sub_form(node: Node, context: Context) -> bool:
    """Whether the form leaves this place to one that is not at hand, which has been said."""
    form = context.questionnaire
    items = node.parent.item.children if node.parent and node.parent.item else form.items
    return any(ext.SUB_QUESTIONNAIRE in item.extensions for item in items)


def _misplaced(node: Node, context: Context) -> Iterator[Issue]:
    link_id = node.link_id
    if node.fault == "noLinkId":
        yield issue("noLinkId", node.expression, "an item has no linkId")
    elif node.item is not None:
        text = f"the item belongs under {_above(node.item)}"
        yield issue("wrongPlace", node.expression, text, item=node.item)
    elif not _may_be_of_a_sub_form(node, context):
        near = _nearest(link_id or "", context)
        yield issue(
            "invalidLinkId",
            node.expression,
            f"linkId '{(link_id or '')[:64]}' is not in the form",
            link_id=link_id,
            help_=near,
        )


def _moved(node: Node, item: Item, context: Context) -> Iterator[Issue]:
    """An item that stands where an earlier version had it; one that names this version is wrong."""
    if item.parent is (node.parent.item if node.parent else None):
        return
    named = str(context.response.get("questionnaire", "")).partition("#")[0].partition("|")[2]
    text = f"an earlier version of the form had the item here; it belongs under {_above(item)}"
    severity = "error" if named and named == context.questionnaire.version else None
    yield issue("earlierPlace", node.expression, text, item=item, severity=severity)


def _above(item: Item) -> str:
    return f"'{item.parent.link_id}'" if item.parent else "the top level of the form"


def _nearest(link_id: str, context: Context) -> str | None:
    known = context.questionnaire.by_link_id
    if len(link_id) > MAX_LIKENESS or len(known) > MAX_KNOWN or not context.hints:
        return None
    context.hints -= 1
    from difflib import get_close_matches  # noqa: PLC0415 - only for a message

    near = get_close_matches(link_id, list(known), n=1)
    return f"Did you mean '{near[0]}'?" if near else None


# What no item of a type may hold: the elements, the rule, and the words.
_FORBIDDEN: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "group": (("answer",), "groupShouldNotHaveAnswers", "a group must not have answers"),
    "display": (("answer", "item"), "displayAnswer", "a display must not have answers or items"),
    "question": (("linkId",), "invalidType", "the abstract type 'question' cannot be answered"),
}
_NESTING = "items below a question stand in answer.item, not in item.item"


def _node(node: Node, item: Item) -> Iterator[Issue]:
    if item.type in _FORBIDDEN:
        elements, rule, text = _FORBIDDEN[item.type]
        if any(element in node.json for element in elements):
            yield issue(rule, node.expression, text, item=item)
        return
    if "item" in node.json:
        yield issue("itemUnderQuestion", node.expression, _NESTING, item=item)
    if len(node.answers) > 1 and not item.repeats:
        given = sum(value_key(answer) is not None for answer in node.answers)
        if given > 1:
            text = f"one answer is allowed, {given} are given"
            yield issue("repeats", node.expression, text, item=item)


def _siblings(nodes: Sequence[Node]) -> Iterator[Issue]:
    """Order and repetition among the items of one container; of the order, the first fault."""
    placed = [(node, node.item) for node in nodes if node.item is not None and node.fault is None]
    seen: dict[str, int] = {}
    for node, item in placed:
        count = seen[item.link_id] = seen.get(item.link_id, 0) + 1
        if count == 2 and (item.type != "group" or not item.repeats):  # noqa: PLR2004 - the first repetition
            yield _repetition(node, item)
    yield from islice(_out_of_order(placed), 1)


def _repetition(node: Node, item: Item) -> Issue:
    if item.type == "group":
        return issue(
            "repeats",
            node.expression,
            "the group is repeated, but the form allows it only once",
            item=item,
        )
    text = (
        "the question is repeated; several answers belong in one item"
        if item.repeats
        else "the question is repeated"
    )
    return issue("repeats", node.expression, text, item=item)


def _out_of_order(placed: Sequence[tuple[Node, Item]]) -> Iterator[Issue]:
    """Every item that comes after a later one."""
    for (_, before), (node, item) in pairwise(placed):
        if before.order > item.order:
            text = f"comes after '{before.link_id}', but stands before it in the form"
            yield issue("order", node.expression, text, item=item)


def _text(node: Node, item: Item, form: Questionnaire) -> Iterator[Issue]:
    text = node.json.get("text")
    if text is None or text == item.text:
        return
    if not isinstance(text, str) or not item.text or _folded(text) == _folded(item.text):
        return
    if _folded(text) in _translations(item, form):
        return
    yield issue(
        "text", f"{node.expression}.text", "item.text differs from the text of the form", item=item
    )


def _folded(text: str) -> str:
    return " ".join(text.split())


def _translations(item: Item, form: Questionnaire) -> frozenset[str]:
    """The text of an item in other languages; found once: one item may be answered very often."""
    kept: dict[str, frozenset[str]] = form.compiled.setdefault("translations", {})
    found = kept.get(item.link_id)
    if found is None:
        found = kept[item.link_id] = _translated(item)
    return found


def _translated(item: Item) -> frozenset[str]:
    translations = ext.extensions_of(item.raw.get("_text")).get(ext.TRANSLATION, ())
    contents = (ext.part(extension, "content") for extension in translations)
    return frozenset(_folded(content) for content in contents if isinstance(content, str))
