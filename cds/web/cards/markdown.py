"""Foreign text inside a card: shown as it is, never as markup, a link, HTML or a second line.

Cards are GitHub Flavored Markdown, and GFM lets HTML through and makes links of bare addresses.
"""

import re
from functools import lru_cache

# CommonMark lets every ASCII punctuation be escaped; these are the ones that can start something.
_MARKS = {ord(character): f"\\{character}" for character in r"\`*_{}[]()~|!@"}
_HTML = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
_ESCAPES = {**_MARKS, **_HTML}
# Our own texts need less: what a pack's author did not mean as markup.
_OURS = {ord(character): f"\\{character}" for character in r"\`*_[]"} | _HTML
_LINE_START = re.compile(r"^(\d+)([.)])|^([-+#=>])")
_AUTOLINK = re.compile(r"(?i)\bwww\.|://|\b(?:mailto|xmpp):")
# A date or a time: nothing in it can start anything, and every card tells one.
_DATE = re.compile(r"[0-9]{4}-[0-9T:.Z+-]*")
# C0, DEL, C1, line and paragraph separators, and the marks that reverse the direction of text.
_CONTROLS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+"
)


def one_line(text: str) -> str:
    """The text without control characters and line breaks, for places that are no markdown."""
    return text if text.isprintable() else _CONTROLS.sub(" ", text).strip()


def escaped(text: str) -> str:
    r"""The text, to be read as itself by any markdown reader.

    >>> escaped("[a](javascript:b) <b>")
    '\\[a\\]\\(javascript:b\\) &lt;b&gt;'
    """
    if _DATE.fullmatch(text):
        return text
    line = one_line(text).translate(_ESCAPES)
    line = _AUTOLINK.sub(_unlinked, line)
    return _LINE_START.sub(_not_a_list, line)


@lru_cache(maxsize=4096)
def ours(text: str) -> str:
    """A text of the pack, to be read as itself. Never a patient's: it is remembered."""
    return one_line(text).translate(_OURS)


def _unlinked(found: re.Match[str]) -> str:
    return found[0].replace(".", r"\.").replace(":", r"\:")


def _not_a_list(found: re.Match[str]) -> str:
    return f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[3]}"


def shortened(text: str, most: int) -> str:
    """At most `most` characters, cut at a word, with an ellipsis where something is missing."""
    text = one_line(text)
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > most // 2 else cut).rstrip(" ,;:.") + "…"
