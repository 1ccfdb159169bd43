"""What is plain of a narrative: what most systems write at a glance, any other by reading it."""

import re
from typing import Any

# A letter that is no mark of XML, and that XML may hold; one that is something to see.
_LETTER = r"[^<>&\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
_SEEN = r"[^\s<>&\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
_INSIDE = r"(p|b|i|em|strong|small|span|pre|h[1-6])"
_AT_A_GLANCE = re.compile(
    r'<div xmlns="http://www\.w3\.org/1999/xhtml"'
    r'(?: xml:lang="[A-Za-z\-]{2,20}")?(?: lang="[A-Za-z\-]{2,20}")?>'
    rf"{_LETTER}*(?:<{_INSIDE}>[ \n]*{_SEEN}{_LETTER}*</\1>{_LETTER}*)+</div>"
)
_STATUSES = frozenset(("generated", "extensions", "additional"))
_WHOLE = 2  # status and div


def is_plain_narrative(text: Any) -> bool:
    """Whether the checks have nothing to say of what stands under `text`."""
    if len(text) != _WHOLE or text["status"] not in _STATUSES:
        return False
    div = text["div"]
    if type(div) is not str:
        return False
    if _AT_A_GLANCE.fullmatch(div) is not None:
        return True
    # Loaded only where somebody writes more than words in paragraphs.
    from cds.forms.elements.narrative import narrative_problem  # noqa: PLC0415

    return div != "" and narrative_problem(div) == ""
