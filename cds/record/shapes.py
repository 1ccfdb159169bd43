"""What JSON of a resource holds, whatever shape it is really in."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

CodedTriple = tuple[str | None, str, str | None]  # system, code, display
Codings = list[CodedTriple]
_MAX_EXPONENT = 40


def as_list(value: object) -> list[Any]:
    """A list as it is; anything else is an empty one."""
    return value if isinstance(value, list) else []


def as_many(value: object) -> list[Any]:
    """What repeats, however often it is written: a single one need not stand in a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def as_object(value: object) -> Mapping[str, Any]:
    """A JSON object as it is; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def text_at(node: Mapping[str, Any], key: str) -> str | None:
    """The text at this key; None if there is none, or something else."""
    found = node.get(key)
    return found if isinstance(found, str) and found else None


def codings_of(concept: object) -> Codings:
    """(system, code, display) of every coding that has a code; no code has blanks around it."""
    if not isinstance(concept, dict):
        return []
    found: Codings = []
    coding = concept.get("coding")
    if not coding:
        return found
    for one in coding if isinstance(coding, list) else [coding]:
        if not isinstance(one, dict):
            continue
        written = one.get("code")
        code = written.strip() if isinstance(written, str) else None
        if code:
            system, display = one.get("system"), one.get("display")
            found.append(
                (
                    system if isinstance(system, str) else None,
                    code,
                    display if isinstance(display, str) and display else None,
                )
            )
    return found


def number_of(value: object) -> Decimal | None:
    """A JSON number with its digits; anything else is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    # No measurement needs more; a number such as 1E+999999 could not even be printed.
    return number if number.is_finite() and abs(number.adjusted()) <= _MAX_EXPONENT else None


def texts_of(concept: object) -> list[str]:
    """All that a concept says in words."""
    said = displays_of(concept)
    text = text_at(as_object(concept), "text")
    return said if text is None else [text, *said]


def displays_of(concept: object) -> list[str]:
    """The displays of its codings, of those without a code too."""
    coding = as_object(concept).get("coding")
    if not coding:
        return []
    listed = [one for one in as_many(coding) if isinstance(one, dict)]
    return [shown for one in listed if (shown := text_at(one, "display")) is not None]


def tail_of(reference: str) -> str:
    """Type and id of what a reference leads to, without its address and version."""
    return "/".join(reference.split("/_history/", maxsplit=1)[0].split("/")[-2:])
