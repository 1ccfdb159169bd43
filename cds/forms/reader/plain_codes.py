"""What is plain of a chosen option, and of free text beside options."""

from collections.abc import Callable
from typing import Any, Final

from cds.forms.form import extensions as ext
from cds.forms.form.items import Item
from cds.forms.values.texts import has_controls

ValueCheck = Callable[[Any], bool]
MAX_FREE: Final = 10_000
_TWO, _THREE = 2, 3  # system and code; with display
# The schemes of nearly all code systems; a system with none is no system, and the checks say so.
_ABSOLUTE: Final = frozenset(("http", "https", "urn"))
_BOUNDS: Final = (ext.MIN_VALUE, ext.MAX_VALUE, ext.MAX_DECIMAL_PLACES)
_FINER: Final = frozenset((*_BOUNDS, ext.MIN_LENGTH, ext.REGEX, ext.REFERENCE_RESOURCE))


class Unknown(Exception):
    """The form asks for something that only the full checks can judge."""


def plain_code(item: Item) -> tuple[ValueCheck, ValueCheck | None]:
    """The function that judges a Coding, and the one for free text beside the options.

    Raises:
        Unknown: only the checks can judge this item.
    """
    if not _FINER.isdisjoint(item.extensions) or len(item.codings) != len(item.options):
        raise Unknown
    if not _ABSOLUTE.issuperset((name or "").partition(":")[0] for name, _ in item.codings):
        raise Unknown
    free = _free_text(item) if item.type == "open-choice" else None
    return _coding(frozenset(item.codings)), free


def _free_text(item: Item) -> ValueCheck:
    """Free text that is not the name of an option."""
    if item.raw.get("maxLength") is not None:
        raise Unknown
    names = {code.strip().casefold() for code in item.codes}
    for option in item.options:
        display = option["valueCoding"].get("display")
        if isinstance(display, str):
            names.add(display.strip().casefold())
    is_text = text_check(MAX_FREE, one_line=True)
    return lambda value: is_text(value) and value.strip().casefold() not in names


def _coding(codings: frozenset[tuple[str | None, str]]) -> ValueCheck:
    def check(value: Any) -> bool:
        if (value["system"], value["code"]) not in codings:
            return False
        if len(value) == _TWO:
            return True
        return len(value) == _THREE and is_words(value["display"])

    return check


def is_words(value: object) -> bool:
    """Whether this is a text with more than spaces in it, and without control characters."""
    return type(value) is str and value != "" and not value.isspace() and not has_controls(value)


def text_check(most: int, *, one_line: bool) -> ValueCheck:
    """A text that is not blank, of a length, and perhaps without a line break."""

    def check(value: Any) -> bool:
        if type(value) is not str or not 0 < len(value) <= most or value.isspace():
            return False
        if has_controls(value):
            return False
        return not one_line or ("\n" not in value and "\r" not in value)

    return check


def in_other_words(coding: dict[str, Any], known: dict[str, Any]) -> bool:
    """Whether a Coding differs from the form's only in its display: left out, or in other words."""
    if coding["system"] != known["system"] or len(coding) > _THREE:
        return False
    return len(coding) == _TWO or is_words(coding["display"])


def nests_at_most(value: Any, levels: int) -> bool:
    """Whether JSON is nested in so many levels at most."""
    if type(value) is dict:
        return levels > 0 and all(nests_at_most(part, levels - 1) for part in value.values())
    if type(value) is list:
        return levels > 0 and all(nests_at_most(part, levels - 1) for part in value)
    return True
