"""The expressions of a form judged without any response: whether they are expressions at all.

They are run on nothing, and on made-up answers of the right types to every question: an element
that a type does not have is met only where something stands.
"""

import re
from collections.abc import Iterator, Mapping

from cds.forms.checks.checks import context_of
from cds.forms.checks.constraints import constraints_of
from cds.forms.checks.context import Context, clip, issue
from cds.forms.form import extensions as ext
from cds.forms.form.items import Item
from cds.forms.issues import Issue
from cds.forms.questionnaire import Questionnaire
from cds.wire import JsonObject

_ROOT = "Questionnaire"
_EXPRESSIONS = (
    *ext.ENABLE_WHEN_EXPRESSIONS,
    ext.CALCULATED_EXPRESSION,
    ext.ANSWER_EXPRESSION,
    ext.VARIABLE,
)
_MAX_ITEMS = 1_000  # of a made-up response


def check_expressions(context: Context, form: Questionnaire) -> Iterator[Issue]:
    """Judge every expression that the form has."""
    filled = context_of(_filled(form), form, context.support, context.fhir_version)
    try:
        yield from _each(context, filled, form)
    finally:
        filled.expressions.close()


def _each(context: Context, filled: Context, form: Questionnaire) -> Iterator[Issue]:
    whole = not any(ext.SUB_QUESTIONNAIRE in one.extensions for one in form.by_link_id.values())
    for item, here, language, text in _written(form):
        outcome = context.expressions.value(item, None, language, text)
        if not outcome.problem:
            nodes = filled.tree.by_link_id.get(item.link_id, []) if item else []
            node = nodes[0] if nodes else None
            answered = filled.expressions.value(item, node, language, text)
            # What fails on made-up answers may well do on others.
            outcome = answered if answered.kind == "fault" else outcome
        if outcome.problem and outcome.is_fault:
            words = f"the expression is not right: {outcome.problem}"
            yield issue(
                "questionnaireItem",
                here,
                words,
                item=item,
                severity="error",
                diagnostics=clip(text, 500),
            )
        for link_id in dict.fromkeys(_LINK_ID.findall(text) if whole else ()):
            if link_id not in form.by_link_id:
                words = f"the expression looks for the linkId {clip(link_id, 60)}, and none is so"
                yield issue(
                    "questionnaireItem", here, words, item=item, diagnostics=clip(text, 500)
                )


# A linkId that an expression compares with, written without escapes.
_LINK_ID = re.compile(r"\blinkId\s*=\s*'([^'\\]*)'")


def _written(form: Questionnaire) -> Iterator[tuple[Item | None, str, str, str]]:
    """Every expression of the form, with its item and place."""
    owners: list[tuple[Item | None, str, ext.Extensions]] = [(None, _ROOT, form.extensions)]
    owners += [(item, item.path, item.extensions) for item in form.by_link_id.values()]
    for item, here, extensions in owners:
        for constraint in constraints_of(extensions):
            yield item, here, constraint.language, constraint.expression
        for url in _EXPRESSIONS:
            for extension in extensions.get(url, ()):
                read = ext.expression_of(extension.get("valueExpression"))
                if read is not None:
                    yield item, here, *read


# An answer of each type, of which only the type matters.
_MADE_UP: Mapping[str, JsonObject] = {
    "boolean": {"valueBoolean": True},
    "decimal": {"valueDecimal": 1},
    "integer": {"valueInteger": 1},
    "date": {"valueDate": "2026-01-31"},
    "dateTime": {"valueDateTime": "2026-01-31T10:30:00Z"},
    "time": {"valueTime": "10:30:00"},
    "string": {"valueString": "x"},
    "text": {"valueString": "x"},
    "url": {"valueUri": "http://example.org/x"},
    "reference": {"valueReference": {"reference": "Patient/1"}},
    "attachment": {"valueAttachment": {"url": "http://example.org/x"}},
    "quantity": {"valueQuantity": {"value": 1}},
}
_CODED: JsonObject = {"valueCoding": {"system": "http://example.org/s", "code": "x"}}


def _filled(form: Questionnaire) -> JsonObject:
    """A response in which every question has an answer of its type."""
    if len(form.by_link_id) > _MAX_ITEMS:
        return {}
    items = [_answered(item) for item in form.items]
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": items}


def _answered(item: Item) -> JsonObject:
    below = [_answered(child) for child in item.children]
    made: JsonObject = {"linkId": item.link_id}
    if item.type in {"group", "display"}:
        return {**made, "item": below} if below else made
    answer = _MADE_UP.get(item.type, _CODED)
    if item.options:
        first = item.options[0]
        answer = {key: first[key] for key in first if key.startswith("value")} or answer
    return {**made, "answer": [{**answer, "item": below} if below else answer]}
