"""Options and faults in words: what an option is called, what is wrong with an answer."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cds.forms.form import extensions as ext
from cds.forms.issues import Issue
from cds.forms.questionnaire import Item
from cds.web.form.language import PageWords

_LIMITS = {
    "minValue": ext.MIN_VALUE,
    "maxValue": ext.MAX_VALUE,
    "minLength": ext.MIN_LENGTH,
    "maxDecimalPlaces": ext.MAX_DECIMAL_PLACES,
    "maxAttachmentSize": ext.MAX_SIZE,
}
_PREFIX = ext.CORE + "questionnaire-optionPrefix"


def message(issue: Issue, item: Item, words: PageWords) -> str:
    """An issue in words for the person who typed, with the limit that the form sets."""
    if issue.rule == "exclusiveAnswerOption":
        alone = next((one for one in item.options if is_exclusive(one)), {})
        return words("fault.exclusiveAnswerOption", option=label_of_option(alone))
    limit = item.raw.get("maxLength")
    if issue.rule in _LIMITS:
        limit = ext.first_value(item.extensions, _LIMITS[issue.rule])
    if isinstance(limit, dict):
        limit = " ".join(str(limit[one]) for one in ("value", "unit") if one in limit)
    # What has no words of its own is mostly a value that is none of its type.
    for name in (issue.rule, item.type, "other"):
        if f"fault.{name}" in words.texts:
            return words(f"fault.{name}", limit=limit)
    return words("fault.other")


def label_of_option(option: Mapping[str, Any]) -> str:
    """An option as it is shown."""
    _, value = ext.value_of(option) or ("", "")
    if isinstance(value, dict):
        prefix = ext.first_value(ext.extensions_of(option), _PREFIX)
        shown = str(value.get("display", value.get("code", value.get("reference", ""))))
        return f"{prefix} {shown}" if isinstance(prefix, str) else shown
    return str(value.normalize()) if isinstance(value, Decimal) else str(value)


def is_exclusive(option: Mapping[str, Any]) -> bool:
    """Whether an option can stand beside no other."""
    return ext.first_value(ext.extensions_of(option), ext.OPTION_EXCLUSIVE) is True
