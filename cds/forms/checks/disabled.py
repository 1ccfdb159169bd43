"""What is disabled carries no answer; what nobody can decide is said, and not guessed."""

from collections.abc import Iterator
from typing import Any

from cds.forms.checks.context import Context, issue
from cds.forms.checks.types import allowed
from cds.forms.form.items import ORDERLESS, ORDERS
from cds.forms.issues import Issue
from cds.forms.questionnaire import EnableWhen, Item, Questionnaire
from cds.forms.response.states import EnabledState
from cds.forms.response.tree import Node, kind_of, value_key


def check_disabled(context: Context) -> Iterator[Issue]:
    """Report the topmost disabled item that stands in the response with content."""
    yield from _below(context, context.tree.roots)
    yield from _undecided(context)


def _below(context: Context, nodes: list[Node]) -> Iterator[Issue]:
    for node in nodes:
        if node.item is None or node.fault:
            continue
        state = context.enablement.of(node)
        if state.enabled is False:
            if _is_answered(node.json) and not _hangs_on_a_fault(context, state):
                yield _not_enabled(node, node.item, state)
        else:
            yield from _below(context, node.children)


def _is_answered(item: dict[str, Any]) -> bool:
    """Whether an item holds an answer, at any depth: a group without any says nothing."""
    if item.get("answer"):
        return True
    below = item.get("item")
    return isinstance(below, list) and any(
        isinstance(one, dict) and _is_answered(one) for one in below
    )


def _hangs_on_a_fault(context: Context, state: EnabledState) -> bool:
    """Whether a controlling answer is of a wrong type: that is the cause, and is reported there."""
    known: dict[str, bool] = context.scratch.setdefault("faulty", {})
    for when in state.unmet:
        if when.question not in known:
            sources = context.tree.by_link_id.get(when.question, [])
            known[when.question] = any(map(_has_wrong_type, sources))
    return any(known[when.question] for when in state.unmet)


def _has_wrong_type(node: Node) -> bool:
    kinds = allowed(node.item) if node.item else frozenset()
    keys = (value_key(answer) for answer in node.answers)
    return bool(kinds) and any(key is not None and kind_of(key) not in kinds for key in keys)


def _not_enabled(node: Node, item: Item, state: EnabledState) -> Issue:
    why = (
        "; ".join(_said(when) for when in state.unmet)
        or state.expression
        or "a group above it is disabled"
    )
    return issue(
        "notEnabled",
        node.expression,
        "answered although the form does not ask it here",
        item=item,
        diagnostics=f"{item.path}: not met: {why}",
    )


def _said(when: EnableWhen) -> str:
    answer = when.answer
    if isinstance(answer, dict):
        answer = answer.get("code") or answer.get("value") or answer.get("reference")
    return f"{when.question} {when.operator} {str(answer)[:100]}"


def _doubtful(form: Questionnaire) -> Iterator[Item]:
    """The items whose conditions may be undecidable: an expression, or a fault of the form."""
    for item in form.by_link_id.values():
        ambiguous = len(item.enable_when) > 1 and item.enable_behavior not in {"any", "all"}
        if (
            ambiguous
            or item.enable_expression is not None
            or any(
                when.question not in form.by_link_id
                or when.kind in _UNSETTLED
                or (when.operator in ORDERS and when.kind in ORDERLESS)
                for when in item.enable_when
            )
        ):
            yield item


# Of these, an answer may be given less exactly than the condition asks for.
_UNSETTLED = frozenset(("date", "dateTime", "Quantity"))


def _without(context: Context, item: Item) -> Iterator[tuple[Node | None, int | None]]:
    """The places where the item could stand and does not: under which item, and its answer.

    Under None is the root.
    """
    if item.parent is None:
        if item.link_id not in context.tree.by_link_id:
            yield None, None
        return
    for node in context.tree.by_link_id.get(item.parent.link_id, ()):
        if node.fault is None:
            there = {child.at for child in node.children if child.item is item}
            answers = (None,) if item.parent.type == "group" else range(len(node.answers))
            yield from ((node, at) for at in answers if at not in there)


def _undecided(context: Context) -> Iterator[Issue]:
    """One notice for each definition whose state cannot be told, where it matters."""
    form = context.questionnaire
    doubtful: list[Item] = form.compiled.get("doubtful", [])
    if "doubtful" not in form.compiled:
        doubtful = form.compiled["doubtful"] = list(_doubtful(form))
    for item in doubtful:
        present = context.tree.by_link_id.get(item.link_id, [])
        if not (present or item.required):
            continue
        places = [node for node in present if node.fault is None]
        states = [context.enablement.of(node) for node in places]
        if item.required:
            lacking = context.timed(_without(context, item))
            states += [context.enablement.at(item, node, answer=at) for node, at in lacking]
        if any(state.enabled is None and state.because == item.link_id for state in states):
            reason = context.expressions.problems.get(item.link_id)
            rule = "enableWhenExpression" if item.enable_expression is not None else "enableWhen"
            text = "it cannot be decided whether this is asked" + (f" ({reason})" if reason else "")
            here = places[0].expression if places else "QuestionnaireResponse"
            yield issue(
                rule,
                here,
                text,
                item=item,
                diagnostics=item.enable_expression[1] if item.enable_expression else None,
            )
