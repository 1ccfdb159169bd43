r"""Text inside a card: shown as it is, never as markup, a link, HTML or a second line.

Cards are GitHub Flavored Markdown, which lets HTML through and makes links of bare addresses; some
EHRs draw no markdown at all. So a backslash stands only where a common reader (marked, micromark,
markdown-it) would otherwise change the text.
"""

import re
from functools import lru_cache

# Between two letters or digits `_` is itself, and so is what stands between two spaces.
_ALONE = r"(?:(?<=[^\W_])_(?=[^\W_])|(?<= )[*_~`](?= ))"
_MARK = re.compile(
    rf"(?P<alone>{_ALONE})"
    r"|(?P<mark>[*_~`\[]|\](?=\()|(?<=\])\()"
    r"|(?P<slash>\\(?=[!-/:-@\[-`{-~]|\Z))"
    r"|(?P<entity>&(?=#?[0-9A-Za-z]+;))"
    r"|(?P<tag><(?=[A-Za-z/!?]))"
    r"|(?P<mail>(?<=[\w.+-])@(?=[\w-]))"
    r"|(?P<link>www\.|://|(?:mailto|xmpp):)",
    re.IGNORECASE,
)
# Most texts hold none of these, and need no closer look.
_ANY = re.compile(r"[*_~`\[\]\\&<@:]")
# What begins a list, a heading, a quotation, a rule or a fence where a line begins.
_START = re.compile(r"(?P<number>\d{1,9})(?P<dot>[.)])(?= |$)|(?P<sign>[-+*#>=|~`:])")
# C0, DEL, C1, line and paragraph separators, and the marks that reverse the direction of text.
_CONTROLS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+"
)


def one_line(text: str) -> str:
    """The text without control characters and line breaks, for places that are no markdown."""
    if not text.isprintable():
        text = _CONTROLS.sub(" ", text)
    elif "  " not in text and text.strip() == text:  # printable, it has no other space
        return text
    return " ".join(text.split())


@lru_cache(maxsize=4096)
def ours(text: str) -> str:
    """A text of the pack inside a line, to be read as itself. Never a patient's: it is kept."""
    return escaped(text)


def escaped(text: str) -> str:
    r"""The text inside a line, to be read as itself by any markdown reader.

    >>> escaped("[a](javascript:b) <b> strict_seed 2~3")
    '\\[a\\]\\(javascript:b) &lt;b> strict_seed 2\\~3'
    """
    line = one_line(text)
    return _MARK.sub(_unmarked, line) if _ANY.search(line) or "www." in line.lower() else line


def line_begin(line: str) -> str:
    r"""An escaped text as the begin of a line, where more would be markup.

    >>> line_begin("10. March"), line_begin("# 5 tablets")
    ('10\\. March', '\\# 5 tablets')
    >>> line_begin("1.5 mg"), line_begin("-5 degrees")
    ('1.5 mg', '\\-5 degrees')
    """
    return _START.sub(_not_begun, line, count=1) if _START.match(line) else line


def _unmarked(found: re.Match[str]) -> str:
    text = found[0]
    match found.lastgroup:
        case "alone":
            return text
        case "tag":
            return "&lt;"
        case "link":
            return text.replace(".", r"\.").replace(":", r"\:")
        case _:
            return f"\\{text}"


def _not_begun(found: re.Match[str]) -> str:
    return f"{found['number']}\\{found['dot']}" if found["number"] else f"\\{found['sign']}"


def shortened(text: str, most: int) -> str:
    """At most `most` characters, cut at a word, with an ellipsis where something is missing."""
    text = one_line(text)
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > most // 2 else cut).rstrip(" ,;:.·") + "…"
