"""FHIR's primitive types: what may stand in a string, a dateTime, an id, in XHTML or Markdown.

Everything that comes from outside (a patient's name, a value of the record) passes one of these.
"""

import re
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Final

from cds.forms.values.dates import INSTANT_AT_A_GLANCE

_MAX_TEXT: Final = 1_000
MAX_ID: Final = 64

# Compiled when first used, and then at hand: a text decision needs none of the patterns here.
pattern = cache(re.compile)

_ID: Final = r"[A-Za-z0-9\-.]{1,64}"
_URI: Final = r"\S{1,2048}"
# Neither FHIR nor XML has a form for control characters, halves of surrogate pairs, U+FFFE, U+FFFF;
# marks that turn the direction of writing can show a reader another text than the one given.
_ILLEGAL: Final = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_MARKS: Final = "\\`*_[]<>|~"
_MARKUP: Final = r"[\\`*_\[\]<>|~]"
# Addresses that some readers turn into links, and what opens a heading or a list.
_AUTOMATIC: Final = r"(?<=:)//|\bwww(?=\.)|^[#+=-]"
# R4's patterns; `datetime` then knows which days and times exist, and takes no leap second.
_DATE_TIME: Final = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
)
_DATE: Final = r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?"
_OPENERS: Final = ("#", "+", "=", "-")
_ZERO_OFFSETS: Final = ("+00:00", "-00:00")


def legal_string(value: object) -> str | None:
    """The text as a FHIR string without what no reader should meet; None if nothing is left."""
    if not isinstance(value, str):
        return None
    text = value
    if not (text.isascii() and text.isprintable()):
        text = pattern(_ILLEGAL).sub(_REPLACEMENT, text)
    text = text.strip()
    if len(text) > _MAX_TEXT:
        text = shorten(text, _MAX_TEXT)
    return text or None


def legal_id(value: object) -> str | None:
    """The value if it is a resource id."""
    if type(value) is not str:
        return None
    # A pattern takes twice as long; most ids are made of letters, digits and hyphens.
    if len(value) <= MAX_ID and value.replace("-", "").isalnum() and value.isascii():
        return value
    return value if pattern(_ID).fullmatch(value) else None


def legal_uri(value: object) -> str | None:
    """The value if it can stand as an absolute URI."""
    if not isinstance(value, str) or ":" not in value or not pattern(_URI).fullmatch(value):
        return None
    return None if pattern(_ILLEGAL).search(value) else value


def legal_date_time(value: object) -> str | None:
    """The value if it is a dateTime of a day that exists, with `Z` for no offset; else None."""
    if type(value) is not str:
        return None
    if INSTANT_AT_A_GLANCE.fullmatch(value):
        return value if value[-1] == "Z" else _with_z(value)
    try:
        if pattern(_DATE_TIME).fullmatch(value):
            datetime.fromisoformat(value)
            return value if value[-1] == "Z" else _with_z(value)
        if pattern(_DATE).fullmatch(value):
            date.fromisoformat(value + "-01-01"[len(value) - 4 :])
            return value
    except ValueError:
        pass
    return None


def _with_z(value: str) -> str:
    return value[:-6] + "Z" if value.endswith(_ZERO_OFFSETS) else value


@lru_cache(maxsize=16)
def instant(moment: datetime) -> str:
    """A FHIR instant in UTC, with `Z`, to the millisecond at most."""
    finest = "milliseconds" if moment.microsecond else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=finest).replace("+00:00", "Z")


def xml(text: str) -> str:
    """The text as XHTML shows it, letter by letter."""
    if not (text.isascii() and text.isprintable()):
        text = pattern(_ILLEGAL).sub(_REPLACEMENT, text)
    # Quotes need no escape: nothing from outside ever stands in an attribute.
    if "&" in text or "<" in text or ">" in text:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text


def markdown(text: str) -> str:
    """The text as Markdown shows it: no markup, no link, one paragraph."""
    if not (text.isascii() and text.isprintable()):
        text = pattern(_ILLEGAL).sub(_REPLACEMENT, text)
        text = " ".join(text.split())
    text = text.strip()
    # Ten searches for one character are faster than one for ten.
    if any(map(text.__contains__, _MARKS)):
        text = pattern(_MARKUP).sub(r"\\\g<0>", text)
    if "://" in text or "www." in text or text[:1] in _OPENERS:
        text = pattern(_AUTOMATIC).sub(_escaped, text)
    return text


def _escaped(found: re.Match[str]) -> str:
    return "www\\" if found[0] == "www" else "\\" + found[0]


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, ending in an ellipsis where something was cut off."""
    if len(text) <= limit:
        return text
    return text[: max(limit - 1, 0)].rstrip() + "…"
