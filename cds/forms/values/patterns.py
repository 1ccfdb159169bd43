"""Regular expressions of forms, matched in linear time, or refused in words.

google-re2 has no backtracking: no pattern and no text can make it run away. What it cannot express
(look-around, back-references, possessive quantifiers, huge counts) is refused, never approximated.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

_MAX_PATTERN = 10_000
MAX_TEXT = 100_000
_UNICODE_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u([0-9A-Fa-f]{4})")
_DELIMITED = re.compile(r"/(\^.*\$)/\Z", re.DOTALL)


class Pattern(NamedTuple):
    """A compiled pattern: `matches` judges a whole text; None if `problem` says why it cannot."""

    source: str
    matches: Callable[[str], bool] | None
    problem: str = ""


def compile_pattern(source: str) -> Pattern:
    r"""Compile a pattern of a form (XML Schema, Java or JavaScript flavour).

    >>> compile_pattern(r"\d{4}").matches("1234")
    True
    >>> compile_pattern(r"(?=a)b").matches is None
    True
    """
    if len(source) > _MAX_PATTERN:
        return Pattern(source[:200], None, "it is longer than 10,000 characters")
    if "&&" in source:
        # Java reads this inside brackets as an intersection, others as two ampersands.
        return Pattern(source, None, "'&&' means different things to different engines")
    import re2  # noqa: PLC0415 - a compiled library that most forms never need

    options = re2.Options()
    options.log_errors = False
    delimited = _DELIMITED.match(source)
    text = _UNICODE_ESCAPE.sub(r"\1\\x{\2}", delimited.group(1) if delimited else source)
    try:
        compiled = re2.compile(text, options)
    except (re2.error, UnicodeError, OverflowError) as error:
        return Pattern(source, None, _reason(error))
    return Pattern(source, lambda given: _full_match(compiled.fullmatch, given))


def _full_match(fullmatch: Callable[[str], object], text: str) -> bool:
    try:
        return fullmatch(text) is not None
    except UnicodeError:  # a lone surrogate in the text matches nothing that can be written
        return False


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else "unreadable"
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
