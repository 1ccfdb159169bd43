"""Constraints that a form puts on its answers as FHIRPath.

Questionnaire-constraint and targetConstraint.
"""

from collections.abc import Iterator
from typing import NamedTuple

from cds.forms.checks.context import Context, clip, issue
from cds.forms.form import extensions as ext
from cds.forms.issues import Issue
from cds.forms.questionnaire import Item
from cds.forms.response.tree import ROOT, Node

_SEVERITIES = {
    "error": "error",
    "warning": "warning",
    "fatal": "error",
    "information": "information",
}


class Constraint(NamedTuple):
    """One constraint of a form."""

    key: str
    severity: str
    language: str
    expression: str
    human: str


def check_constraints(context: Context) -> Iterator[Issue]:
    """Judge the constraints of the form on the response, those of an item on each of its places."""
    for constraint in constraints_of(context.questionnaire.extensions):
        yield from _judge(context, constraint, None, None)
    for node in context.timed(context.live):
        item = node.item
        if item is not None and item.extensions:
            for constraint in constraints_of(item.extensions):
                yield from _judge(context, constraint, item, node)


def constraints_of(extensions: ext.Extensions) -> Iterator[Constraint]:
    """The constraints among some extensions; one without an expression has an empty one."""
    for url in (ext.CONSTRAINT, ext.TARGET_CONSTRAINT):
        for extension in extensions.get(url, ()):
            key, severity, human = (
                ext.part(extension, name) for name in ("key", "severity", "human")
            )
            language, text = ext.expression_of(ext.part(extension, "expression")) or ("", "")
            yield Constraint(
                key if isinstance(key, str) else "",
                _SEVERITIES.get(severity, "error") if isinstance(severity, str) else "error",
                language,
                text,
                human if isinstance(human, str) else "a constraint of the form does not hold",
            )


def _judge(
    context: Context, constraint: Constraint, item: Item | None, node: Node | None
) -> Iterator[Issue]:
    here = node.expression if node else ROOT
    coding = (context.questionnaire.url or "", constraint.key)
    outcome = context.expressions.value(item, node, constraint.language, constraint.expression)
    if outcome.problem:
        yield issue(
            "invariantExecution",
            here,
            f"constraint {clip(constraint.key, 40)} could not be evaluated ({outcome.problem})",
            item=item,
            diagnostics=constraint.expression,
            source="questionnaire" if outcome.is_fault else "response",
            constraint=coding,
            help_=outcome.help,
        )
    elif not outcome.holds:
        yield issue(
            "invariant",
            here,
            clip(constraint.human, 300),
            item=item,
            severity=constraint.severity,
            diagnostics=constraint.expression,
            constraint=coding,
        )
