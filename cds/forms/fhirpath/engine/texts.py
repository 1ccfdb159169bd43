"""The functions of FHIRPath over texts. None where the result is empty."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from cds.forms.fhirpath.engine.values import Failed, Refused

_MAX_PATTERN = 1_000


def _substring(text: str, start: Any, length: Any = None) -> str | None:
    if not isinstance(start, int) or (length is not None and not isinstance(length, int)):
        raise Failed("a whole number is expected")
    if not 0 <= start < len(text):
        return None
    end = len(text) if length is None else start + max(length, 0)
    return text[start:end]


@lru_cache(maxsize=256)
def _pattern(source: str) -> re.Pattern[str]:
    """A regular expression; one that Python does not read alike is refused."""
    if len(source) > _MAX_PATTERN or re.search(
        r"\\[pPkRXhHVGZz]|\(\?[^:=!]|\[\[|&&|[*+?}]\+", source
    ):
        raise Refused("the regular expression is of a kind that is not run here")
    try:
        return re.compile(source, re.DOTALL)
    except (re.error, OverflowError, RecursionError):
        raise Refused("the regular expression cannot be read") from None


def _replaced(text: str, source: str, substitution: str) -> str:
    if "\\" in substitution or re.search(r"\$(?!\d)", substitution):
        raise Refused("the substitution is of a kind that is not run here")
    return _pattern(source).sub(re.sub(r"\$(\d+)", r"\\g<\1>", substitution), text)


# The function, and how many texts it takes.
TEXT_FUNCTIONS: Mapping[str, tuple[Callable[..., Any], tuple[int, ...]]] = {
    "indexOf": (lambda text, other: text.find(other), (1,)),
    "lastIndexOf": (lambda text, other: text.rfind(other), (1,)),
    "substring": (_substring, (1, 2)),
    "startsWith": (lambda text, other: text.startswith(other), (1,)),
    "endsWith": (lambda text, other: text.endswith(other), (1,)),
    "contains": (lambda text, other: other in text, (1,)),
    "upper": (lambda text: text.upper(), (0,)),
    "lower": (lambda text: text.lower(), (0,)),
    "replace": (lambda text, old, new: text.replace(old, new), (2,)),
    "matches": (lambda text, source: _pattern(source).search(text) is not None, (1,)),
    "matchesFull": (lambda text, source: _pattern(source).fullmatch(text) is not None, (1,)),
    "replaceMatches": (
        lambda text, source, new: text if source == "" else _replaced(text, source, new),
        (2,),
    ),
    "length": (len, (0,)),
    "toChars": (list, (0,)),
    "trim": (lambda text: text.strip(), (0,)),
    "split": (lambda text, by: text.split(by) if by else list(text), (1,)),
}
