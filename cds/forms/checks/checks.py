"""The families of checks, in one tuple, and how they are run: within limits of size and time."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from cds.forms.checks.attachments import check_attachments
from cds.forms.checks.calculated import check_calculated
from cds.forms.checks.constraints import check_constraints
from cds.forms.checks.context import Check, Context, issue
from cds.forms.checks.disabled import check_disabled
from cds.forms.checks.hl7_codes import check_hl7_codes
from cds.forms.checks.limits import check_limits
from cds.forms.checks.modifiers import check_modifiers, has_modifier, modified
from cds.forms.checks.options import check_options
from cds.forms.checks.presence import check_presence
from cds.forms.checks.quantities import check_quantities
from cds.forms.checks.references import check_references
from cds.forms.checks.shape import check_shape
from cds.forms.checks.structure import check_structure
from cds.forms.checks.terminology import check_terminology
from cds.forms.checks.text_values import SIMPLE, check_texts
from cds.forms.checks.types import check_types
from cds.forms.checks.which_form import check_form, find_form, is_other_form
from cds.forms.clock import Clock, OutOfTime
from cds.forms.fhirpath.expressions import Expressions
from cds.forms.issues import Issue
from cds.forms.questionnaire import Questionnaire, compile_questionnaire
from cds.forms.reader.gates import Closed
from cds.forms.reader.walk import Walk
from cds.forms.response.compare import MOMENTS, NUMBERS
from cds.forms.response.enablement import Enablement
from cds.forms.response.tree import MAX_RESPONSE_ITEMS, ROOT, Node, Tree, read_tree
from cds.forms.support import Support
from cds.wire import JsonObject

__all__ = ["CHECKS", "all_issues", "context_of", "find_form", "issues_without_form"]

MAX_ISSUES: Final = 1000

# A new check: a function, and its name here. `check_types` comes before those that look at answers.
CHECKS: Final[tuple[Check, ...]] = (
    check_shape,
    check_form,
    check_modifiers,
    check_structure,
    check_disabled,
    check_presence,
    check_types,
    check_options,
    check_texts,
    check_limits,
    check_quantities,
    check_attachments,
    check_references,
    check_terminology,
    check_hl7_codes,
    check_constraints,
    check_calculated,
)

# Those that look at answers of some types, and have nothing to say where there are none.
_OF_TYPES: Final[Mapping[Check, frozenset[str]]] = {
    check_texts: frozenset(SIMPLE),
    check_limits: frozenset((*NUMBERS, *MOMENTS, "Quantity")),
    check_quantities: frozenset(("Quantity",)),
    check_attachments: frozenset(("Attachment",)),
    check_references: frozenset(("Reference", "uri")),
    check_hl7_codes: frozenset(("Coding",)),
}

# What can be said where the items are not judged: a modifierExtension may change them, or they
# are of another form.
UNJUDGED: Final[tuple[Check, ...]] = (check_shape, check_form, check_modifiers)

# A check with the types of the answers that it looks at; None: whatever there is.
_Typed = tuple[Check, frozenset[str] | None]
_EVERY, _UNJUDGED = (
    tuple((check, _OF_TYPES.get(check)) for check in checks) for checks in (CHECKS, UNJUDGED)
)


def issues_without_form(
    response: JsonObject, missing: Issue | None, support: Support, fhir_version: str
) -> list[Issue]:
    """Why there is no form, and what can be said of the response by itself."""
    alone = context_of(response, compile_questionnaire({}), support, fhir_version)
    return [*([missing] if missing else []), *islice(_unjudged(alone), MAX_ISSUES)]


def _unjudged(context: Context) -> Iterator[Issue]:
    try:
        yield from check_shape(context)
    except OutOfTime:
        yield issue("tooCostly", ROOT, "the response could not be judged in time")


def all_issues(
    response: JsonObject,
    form: Questionnaire,
    support: Support,
    fhir_version: str = "4.0",
    walk: Walk | None = None,
    *,
    known: Enablement | None = None,
) -> list[Issue]:
    """What the full list of checks finds: after a walk, in what was not plain; else everywhere."""
    context = context_of(response, form, support, fhir_version, walk, known=known)
    found = _within_limits(context)
    try:
        issues = list(islice(found, MAX_ISSUES))
        if len(issues) == MAX_ISSUES and next(found, None) is not None:
            text = f"there are more than {MAX_ISSUES} issues; the others are left out"
            issues.append(issue("tooCostly", ROOT, text))
    finally:
        context.expressions.close()
    return issues


def _within_limits(context: Context) -> Iterator[Issue]:
    """The issues, unless the response or the form is larger than anything that people fill in."""
    if context.tree.too_many:
        most = f"{MAX_RESPONSE_ITEMS:,} items and answers"
        text = f"the response has more than {most} and was not judged"
        yield issue("tooCostly", ROOT, text)
        return
    faults = context.questionnaire.faults
    if faults and any(fault.code == "too-costly" for fault in faults):
        yield from faults
        yield issue(
            "tooCostly", ROOT, "the form is too large or too deep; the response was not judged"
        )
        return
    try:
        yield from _issues(context)
    except OutOfTime:
        yield issue(
            "tooCostly",
            ROOT,
            "the response could not be judged in time; not everything was checked",
        )


def context_of(
    response: JsonObject,
    form: Questionnaire,
    support: Support,
    fhir_version: str,
    walk: Walk | None = None,
    *,
    known: Enablement | None = None,
) -> Context:
    """What the checks look at; `expressions` is to be closed at the end.

    `known`: the tree of a response without a walk, where somebody has read it already.
    """
    clock = Clock()
    expressions = Expressions(response, form, clock, fhir_version)
    enablement: Enablement | Closed
    if walk is not None:
        tree, enablement = walk.tree or Tree(form, response, partial=True), walk.closed
    else:
        known = known or Enablement(read_tree(response, form))
        tree, enablement = known.tree, known.under(expressions.enables, clock.glance)
    return Context(tree, enablement, support, expressions)


def _issues(context: Context) -> Iterator[Issue]:
    yield from context.questionnaire.faults
    modified_all = has_modifier(context.response) or has_modifier(context.questionnaire.raw)
    if modified_all or is_other_form(context):
        yield from _all(_UNJUDGED, context)
        return
    context.live = list(_live(context, context.tree.roots))
    yield from _all(_EVERY, context)


def _all(checks: Sequence[_Typed], context: Context) -> Iterator[Issue]:
    for check, types in checks:
        if types is None or not types.isdisjoint(context.by_kind):
            yield from check(context)


def _live(context: Context, nodes: list[Node]) -> Iterator[Node]:
    """The items worth judging: in place, of a known definition, and not disabled."""
    for node in nodes:
        if node.item is None or node.fault or node.item.type == "display":
            continue
        if context.tree.modified and modified(node):
            continue
        if context.enablement.of(node).enabled is not False:
            yield node
            if node.children:
                yield from _live(context, node.children)
