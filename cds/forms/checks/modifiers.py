"""modifierExtensions: elements that carry one are not checked, and a warning says so."""

from collections.abc import Iterator, Mapping
from typing import Any

from cds.forms.checks.context import Context, issue
from cds.forms.issues import Issue
from cds.forms.response.tree import ROOT, Node


def modified(node: Node) -> bool:
    """Whether an item of the response, or its definition, carries a modifierExtension."""
    return has_modifier(node.json) or (node.item is not None and has_modifier(node.item.raw))


def has_modifier(element: Mapping[str, Any]) -> bool:
    """Whether an element carries any modifierExtension; none is known here."""
    return bool(element.get("modifierExtension"))


def check_modifiers(context: Context) -> Iterator[Issue]:
    """Name what is not judged; the whole response if it or its form is modified."""
    if has_modifier(context.response):
        yield issue("modifierExtension", ROOT, "the response carries an unknown modifierExtension")
    if context.response.get("implicitRules") is not None:
        here, text = f"{ROOT}.implicitRules", "the response was written under rules not known here"
        yield issue("modifierExtension", here, text)
    if has_modifier(context.questionnaire.raw):
        text = "the form carries an unknown modifierExtension"
        yield issue("modifierExtension", ROOT, text, source="questionnaire")
    if context.tree.modified:
        yield from _below(context.tree.roots)


def _below(nodes: list[Node]) -> Iterator[Issue]:
    for node in nodes:
        if modified(node):
            text = "there is an unknown modifierExtension here"
            yield issue(
                "modifierExtension", node.expression, text, item=node.item, link_id=node.link_id
            )
            continue
        for at, answer in enumerate(node.answers):
            if isinstance(answer, dict) and has_modifier(answer):
                here = f"{node.expression}.answer[{at}]"
                yield issue(
                    "modifierExtension",
                    here,
                    "there is an unknown modifierExtension here",
                    item=node.item,
                )
        yield from _below(node.children)
