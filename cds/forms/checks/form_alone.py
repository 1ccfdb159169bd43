"""A Questionnaire judged by itself, for its author: nothing of any response."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from cds.forms.checks.checks import MAX_ISSUES, all_issues, context_of
from cds.forms.checks.context import Context, clip, issue
from cds.forms.checks.form_expressions import check_expressions
from cds.forms.checks.form_invariants import problems_of
from cds.forms.checks.form_whole import check_whole
from cds.forms.checks.reachable import unreachable
from cds.forms.checks.shape import resource_issues
from cds.forms.clock import OutOfTime
from cds.forms.form import extensions as ext
from cds.forms.form.items import Item
from cds.forms.issues import Issue
from cds.forms.questionnaire import Questionnaire, compile_questionnaire
from cds.forms.response.tree import kind_of, value_key
from cds.forms.support import Support
from cds.forms.values.patterns import compile_pattern
from cds.forms.values.ucum import compare_quantities
from cds.wire import JsonObject

_ROOT = "Questionnaire"
_LIMITS = (
    (ext.MIN_VALUE, ext.MAX_VALUE),
    (ext.MIN_OCCURS, ext.MAX_OCCURS),
    (ext.MIN_QUANTITY, ext.MAX_QUANTITY),
)
# What an option must keep like any other answer.
_OF_A_VALUE = frozenset(
    {"maxLength", "minLength", "regex", "minValue", "maxValue", "maxDecimalPlaces"}
    | {"invalidAnswerType", "value", "structure", "fhirInvariant", "unknownCode"}
)
MAX_OPTIONS = 500


def form_issues(
    questionnaire: object, support: Support | None = None, fhir_version: str = "4.0"
) -> list[Issue]:
    """Every fault of a Questionnaire that can be seen without a response.

    An empty list means: checked, and nothing is wrong.
    """
    if not isinstance(questionnaire, dict) or questionnaire.get("resourceType") != _ROOT:
        text = "this is not a Questionnaire"
        return [issue("structure", _ROOT, text, severity="fatal", source="questionnaire")]
    form = compile_questionnaire(questionnaire)
    context = context_of({}, form, support or Support(), fhir_version)
    found = _within_time(context, form)
    return [one._replace(source="questionnaire") for one in islice(found, MAX_ISSUES)]


def _within_time(context: Context, form: Questionnaire) -> Iterator[Issue]:
    try:
        for check in _CHECKS:
            yield from check(context, form)
    except OutOfTime:
        yield issue("tooCostly", _ROOT, "the form could not be judged in time")
    finally:
        context.expressions.close()


def _shape(context: Context, form: Questionnaire) -> Iterator[Issue]:
    yield from resource_issues(form.raw, _ROOT, context, of_the_form=True)


def _faults(_: Context, form: Questionnaire) -> Iterator[Issue]:
    """What is only a warning beside a response is an error to who writes the form."""
    for fault in form.faults:
        yield fault if fault.code == "not-supported" else fault._replace(severity="error")


def _items(context: Context, form: Questionnaire) -> Iterator[Issue]:
    for item in context.timed(list(form.by_link_id.values())):
        for key, words in problems_of(item):
            yield _fault(item, f"{words} ({key})" if key else words)
        yield from _crossed(item)
        yield from _pattern(item)


def _crossed(item: Item) -> Iterator[Issue]:
    """Limits that no value keeps."""
    for least, most in _LIMITS:
        low, high = (ext.first_value(item.extensions, url) for url in (least, most))
        if _is_above(low, high):
            yield _fault(item, "the lower limit lies above the upper")
    if _is_above(ext.first_value(item.extensions, ext.MIN_LENGTH), item.raw.get("maxLength")):
        yield _fault(item, "the least length is above the greatest")


def _pattern(item: Item) -> Iterator[Issue]:
    """A pattern that is none, or that is not matched here: look-around, back-references."""
    source = ext.first_value(item.extensions, ext.REGEX)
    if not isinstance(source, str):
        return
    problem = compile_pattern(source).problem
    if problem:
        words = f"the pattern is not supported ({clip(problem, 100)})"
        yield issue("regexNotChecked", item.path, words, item=item, diagnostics=clip(source, 500))


def _is_above(low: Any, high: Any) -> bool:
    if isinstance(low, dict) or isinstance(high, dict):
        return compare_quantities(low, high) == 1
    if isinstance(low, bool) or isinstance(high, bool) or low is None or high is None:
        return False
    try:
        return bool(low > high)
    except TypeError:
        return False


def _reach(context: Context, form: Questionnaire) -> Iterator[Issue]:
    for item, why in unreachable(form, context.clock.look):
        yield _fault(item, f"this can never be asked: {why}")


def _options(context: Context, form: Questionnaire) -> Iterator[Issue]:
    """Options and initial values that the item's own type and limits refuse."""
    budget = MAX_OPTIONS
    offered = [one for one in form.by_link_id.values() if one.options or "initial" in one.raw]
    for item in context.timed(offered):
        alone = compile_questionnaire({"item": [_alone(item)]})
        initial = item.raw.get("initial")
        listed = {"answerOption": item.options, "initial": initial}
        for name, given in listed.items():
            for index, value in enumerate(
                given[:budget] if isinstance(given, list | tuple) else ()
            ):
                key = value_key(value) if isinstance(value, dict) else None
                refused = _refused(context, alone, item, key, value) if key else None
                if key and refused:
                    here = f"{item.path}.{name}[{index}].value.ofType({kind_of(key)})"
                    words = f"{_OFFERED[name]}: {refused.text}"
                    yield issue("questionnaireItem", here, words, item=item, severity="error")
        budget = max(0, budget - len(item.options))


_OFFERED = {
    "answerOption": "an option that can never be chosen",
    "initial": "an initial value that would be wrong as an answer",
}


def _refused(
    context: Context, alone: Questionnaire, item: Item, key: str, option: JsonObject
) -> Issue | None:
    """Why an option could not be answered."""
    given = {"linkId": item.link_id, "answer": [{key: option[key]}]}
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": [given]}
    for found in all_issues(response, alone, context.support, context.fhir_version):
        if found.rule in _OF_A_VALUE and found.severity == "error":
            return found if ".answer[0]" in found.expression else None
    return None


def _alone(item: Item) -> JsonObject:
    """The item without its conditions and what lies below it."""
    left_out = {"item", "enableWhen", "enableBehavior", "required"}
    return {name: value for name, value in item.raw.items() if name not in left_out}


def _fault(item: Item, text: str) -> Issue:
    return issue("questionnaireItem", item.path, text, item=item, severity="error")


_CHECKS: tuple[Callable[[Context, Questionnaire], Iterator[Issue]], ...] = (
    _shape,
    _faults,
    _items,
    _reach,
    _options,
    check_expressions,
    check_whole,
)
