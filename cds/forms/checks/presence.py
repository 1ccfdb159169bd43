"""What must be there is there: required items, required groups, and counts, after enablement."""

from collections.abc import Iterator, Sequence

from cds.forms.checks.bounds import not_worked_out, whole_of
from cds.forms.checks.context import Context, issue
from cds.forms.checks.modifiers import has_modifier, modified
from cds.forms.form import extensions as ext
from cds.forms.issues import Issue
from cds.forms.questionnaire import Item
from cds.forms.response.tree import ROOT, Node, Wanting, all_below, value_key

_Above = tuple[Node | None, int | None]  # an item, and which of its answers
_EMPTY = "the group is required, but nothing in it is answered"


def check_presence(context: Context) -> Iterator[Issue]:
    """Check every place that can hold items: the root, groups, answers with nested items."""
    live = {id(node) for node in context.live} | context.tree.above
    yield from _outermost(context)
    for node in context.timed(context.live):
        item = node.item
        if (
            item is None
            or not item.children
            or (node.parent is not None and id(node.parent) not in live)
        ):
            continue
        if item.type == "group":
            if not _empty_required(context, node, item):
                inside = (node, None)
                here = node.expression
                yield from _container(context, inside, here, item.children, node.children)
            continue
        by_answer = node.by_answer
        beside = by_answer.get(None, [])
        for at, answer in context.timed(enumerate(node.answers)):
            if value_key(answer) is not None:
                here = f"{node.expression}.answer[{at}]"
                below = [*beside, *by_answer.get(at, ())]
                yield from _container(context, (node, at), here, item.children, below)


def _outermost(context: Context) -> Iterator[Issue]:
    """The root; after a walk, each place that lacks something or holds what was not plain."""
    tree = context.tree
    root = Wanting(None, ROOT, context.questionnaire.items, tree.roots)
    for parent, here, items, nodes in tree.wanting if tree.partial else [root]:
        yield from _container(context, (parent, None), here, items, nodes)


def _container(
    context: Context, above: _Above, here: str, items: Sequence[Item], nodes: Sequence[Node]
) -> Iterator[Issue]:
    parent, answer = above
    present = _by_link_id(nodes)
    strays: list[tuple[float, float]] | None = None
    for item in context.timed(items):
        found = present.get(item.link_id, [])
        if (not found and not item.required) or not _may_be_demanded(context, item, found):
            continue
        if not found:
            strays = _strays(nodes) if strays is None else strays
        if not found and strays and _stands_for(strays, item):
            continue
        node = found[0] if found else None
        if context.enablement.at(item, parent, node, answer).enabled is not True:
            continue
        if item.type == "group":
            yield from _group(context, above, item, here, found)
        else:
            yield from _question(context, item, here, found)


def _by_link_id(nodes: Sequence[Node]) -> dict[str, list[Node]]:
    present: dict[str, list[Node]] = {}
    for node in nodes:
        if node.link_id is not None and node.fault is None:
            present.setdefault(node.link_id, []).append(node)
    return present


def _may_be_demanded(context: Context, item: Item, found: Sequence[Node]) -> bool:
    if item.type in {"display", "question"} or has_modifier(item.raw):
        return False
    return not (context.tree.modified and any(map(modified, found)))


def _strays(nodes: Sequence[Node]) -> list[tuple[float, float]]:
    """Where items of no known linkId stand: the orders of the known ones before and behind."""
    found: list[tuple[float, float]] = []
    before, waiting = -1.0, 0
    for node in nodes:
        if node.item is None:
            waiting += 1
        elif node.fault is None:
            here = float(node.item.order)
            found.extend([(before, here)] * waiting)
            before, waiting = here, 0
    return [*found, *[(before, float("inf"))] * waiting]


def _stands_for(strays: list[tuple[float, float]], item: Item) -> bool:
    """Whether an item of unknown linkId stands where this one is missing: one cause, one issue."""
    for place in strays:
        if place[0] < item.order < place[1]:
            strays.remove(place)
            return True
    return False


def _group(
    context: Context, above: _Above, item: Item, here: str, found: Sequence[Node]
) -> Iterator[Issue]:
    if not found:
        if _demanded(context, item) and _answerable(context, above, item):
            yield _missing(context, item, here, _EMPTY)
        return
    yield from _counts(context, item, found[0], len(found), here)
    for node in found:
        if _empty_required(context, node, item):
            yield _missing(context, item, node.expression, _EMPTY)


def _question(context: Context, item: Item, here: str, found: Sequence[Node]) -> Iterator[Issue]:
    given = sum(value_key(answer) is not None for node in found for answer in node.answers)
    if not given and item.required:
        if _demanded(context, item) and not any(map(_is_empty, found)):
            yield _missing(
                context, item, found[0].expression if found else here, "an answer is required"
            )
        return
    if not found:
        return
    yield from _counts(context, item, found[0], given, here)


def _is_empty(node: Node) -> bool:
    """Whether it stands there with nothing in its answers, which the shape reports."""
    return node.json.get("answer") == [] or {} in node.answers


def _demanded(context: Context, item: Item) -> bool:
    """Whether the item must be answered here.

    Not if it is hidden, nor if it was found (and reported) in another place.
    """
    return not _is_hidden(item) and item.link_id not in context.tree.misplaced


def _is_hidden(item: Item) -> bool:
    """Whether nobody gets to see it: what hides a group hides all below it."""
    return item.hidden or any(above.hidden for above in item.ancestors)


def _missing(context: Context, item: Item, here: str, text: str) -> Issue:
    status = context.response.get("status")
    why = f" because the response is '{status}'" if context.complete else ""
    evidence = f"{item.path} (linkId '{item.link_id}'): required=true" + (
        _enabling(item) if item.enable_when else ""
    )
    severity = None if context.complete else "warning"
    return issue("required", here, text + why, item=item, severity=severity, diagnostics=evidence)


def _enabling(item: Item) -> str:
    parts = [f"{when.question} {when.operator}" for when in item.enable_when]
    return f"; enabled by a condition on {', '.join(parts)}"


def _empty_required(context: Context, node: Node, item: Item) -> bool:
    """Whether a required group has no answered item although one could be answered."""
    if (
        not item.required
        or _is_hidden(item)
        or any(child.has_value for child in all_below(node.children))
    ):
        return False
    # What stands below and is refused for its place is reported there.
    return not any(child.fault or child.at is not None for child in node.children) and _answerable(
        context, (node, None), item
    )


def _answerable(context: Context, above: _Above, item: Item) -> bool:
    """Whether the form asks anything in this group, which is the node or is missing below it."""
    node, answer = above
    for child in item.children:
        if (
            child.type in {"display", "question"}
            or context.enablement.at(child, node, answer=answer).enabled is not True
        ):
            continue
        if child.type != "group" or _answerable(context, above, child):
            return True
    return False


def _counts(context: Context, item: Item, node: Node, given: int, here: str) -> Iterator[Issue]:
    if ext.MIN_OCCURS not in item.extensions and ext.MAX_OCCURS not in item.extensions:
        return
    least, most = None, None
    if ext.MIN_OCCURS in item.extensions:
        least = whole_of(context, node, item, ext.MIN_OCCURS)
        if least is None:
            yield from not_worked_out(context, item, node.expression, "minOccurs")
    if ext.MAX_OCCURS in item.extensions:
        most = whole_of(context, node, item, ext.MAX_OCCURS)
        if most is None:
            yield from not_worked_out(context, item, node.expression, "maxOccurs")
    place = node.expression if item.type != "group" else here
    what = "repetitions" if item.type == "group" else "answers"
    if least is not None and given < least and context.complete:
        yield issue(
            "minCount", place, f"at least {least} {what} are needed, {given} given", item=item
        )
    # Without `repeats` the form allows one, and the rule `repeats` has said so.
    if most is not None and given > most and (item.repeats or most > 1):
        yield issue(
            "maxCount", place, f"at most {most} {what} are allowed, {given} given", item=item
        )
