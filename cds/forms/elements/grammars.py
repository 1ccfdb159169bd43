"""Codes of required value sets that are a grammar and not a list: languages, MIME types, units."""

import re
from collections.abc import Callable, Mapping

# RFC 5646, section 2.1; the tags that its grammar does not yield but keeps are named there.
_LANGUAGE = re.compile(
    r"(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})"
    r"(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+"
    r"|en-gb-oed|i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)"
    r"|sgn-(?:be-fr|be-nl|ch-de)|art-lojban|cel-gaulish|no-bok|no-nyn|zh-(?:guoyu|hakka|min|min-nan|xiang))\Z",
    re.IGNORECASE | re.ASCII,
)
# RFC 6838, section 4.2, with the parameters of RFC 2045.
_NAME = r"[A-Za-z0-9][A-Za-z0-9!#$&\-^_.+]{0,126}"
_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105 - a token of RFC 2045
_MIME = re.compile(
    rf'{_NAME}/{_NAME}(?:\s*;\s*{_TOKEN}\s*=\s*(?:{_TOKEN}|"(?:[^"\\\r\n]|\\.)*"))*\s*;?\Z',
    re.ASCII,
)
_CURRENCY = re.compile(r"[A-Z]{3}\Z")


def is_language(value: object) -> bool:
    """Whether a text is a language tag as BCP 47 writes them, registered or not.

    >>> is_language("zh-Hant-TW"), is_language("rm"), is_language("not a language")
    (True, True, False)
    """
    return isinstance(value, str) and _LANGUAGE.match(value) is not None


def is_mime_type(value: object) -> bool:
    """Whether a text is a MIME type as BCP 13 writes them, registered or not.

    >>> is_mime_type("text/plain; charset=utf-8"), is_mime_type("pdf")
    (True, False)
    """
    return isinstance(value, str) and _MIME.match(value) is not None


def _is_currency(value: object) -> bool:
    return isinstance(value, str) and _CURRENCY.match(value) is not None


GRAMMARS: Mapping[str, Callable[[object], bool]] = {
    "all-languages": is_language,
    "mimetypes": is_mime_type,
    "http://www.rfc-editor.org/bcp/bcp13.txt": is_mime_type,
    "currencies": _is_currency,
}
