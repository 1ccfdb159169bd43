"""What else is wrong with a form by itself: its name and address, what its extensions lack."""

import re
from collections.abc import Iterator, Mapping

from cds.forms.checks.context import Context, clip, issue
from cds.forms.elements.invariants import has_scheme
from cds.forms.form import extensions as ext
from cds.forms.form.items import Item
from cds.forms.issues import Issue
from cds.forms.questionnaire import Questionnaire
from cds.forms.support import contained
from cds.forms.values.ucum import UCUM
from cds.forms.values.ucum_codes import is_unit_code
from cds.wire import objects

_ROOT = "Questionnaire"
_NAME = re.compile(r"[A-Z][A-Za-z0-9_]{0,254}")
# What a constraint of a form must say of itself.
_OF_A_CONSTRAINT = ("key", "severity", "human", "expression")


def check_whole(context: Context, form: Questionnaire) -> Iterator[Issue]:
    """Judge the head of a form, and what hangs on one item at a time."""
    yield from _head(form)
    yield from _extensions(None, _ROOT, form.extensions)
    for item in context.timed(list(form.by_link_id.values())):
        yield from _extensions(item, item.path, item.extensions)
        yield from _item(item, form)


def _head(form: Questionnaire) -> Iterator[Issue]:
    name, url = form.raw.get("name"), form.raw.get("url")
    if isinstance(name, str) and not _NAME.fullmatch(name):
        text = "the name is not usable by programs: a capital, then letters, digits and _ (que-0)"
        yield _warning(None, f"{_ROOT}.name", text)
    if isinstance(url, str) and url and not has_scheme(url):
        text = "the url is not absolute, so that no response can name this form"
        yield _warning(None, f"{_ROOT}.url", text)


def _extensions(item: Item | None, here: str, extensions: ext.Extensions) -> Iterator[Issue]:
    for extension in extensions.get(ext.CONSTRAINT, ()):
        given = {one.get("url") for one in objects(extension.get("extension"))}
        missing = [part for part in _OF_A_CONSTRAINT if part not in given]
        if missing:
            yield _warning(item, here, f"a constraint has no {' and no '.join(missing)}")
    for extension in extensions.get(ext.VARIABLE, ()):
        expression = extension.get("valueExpression")
        if isinstance(expression, Mapping) and not expression.get("name"):
            yield _warning(item, here, "a variable has no name, so that nothing can use it")
    for extension in extensions.get(ext.UNIT_OPTION, ()):
        coding = extension.get("valueCoding")
        if (
            isinstance(coding, Mapping)
            and coding.get("system") == UCUM
            and isinstance(coding.get("code"), str)
            and not is_unit_code(coding["code"])
        ):
            yield _warning(item, here, f"the unit {clip(coding['code'], 40)} is not a code of UCUM")


def _item(item: Item, form: Questionnaire) -> Iterator[Issue]:
    raw = item.raw
    longest, canonical = raw.get("maxLength"), raw.get("answerValueSet")
    if isinstance(longest, int) and not isinstance(longest, bool) and longest <= 0:
        yield _warning(item, item.path, "a maxLength below 1 allows no answer, and is not applied")
    inside = canonical if isinstance(canonical, str) and canonical.startswith("#") else ""
    if inside and contained(form.raw, inside, "ValueSet") is None:
        text = f"the form contains no ValueSet with the id {clip(inside[1:], 60)}"
        yield issue("questionnaireItem", item.path, text, item=item, severity="error")
    if "answerConstraint" in raw and not (item.options or "answerValueSet" in raw):
        text = "answerConstraint without options or a value set constrains nothing (que-14)"
        yield _warning(item, item.path, text)


def _warning(item: Item | None, here: str, text: str) -> Issue:
    return issue("questionnaireItem", here, text, item=item, severity="warning")
