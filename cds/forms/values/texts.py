"""Which characters a text may hold; the usual decision needs no more of the datatypes than this."""

import re

# What no text of FHIR may hold, and XML cannot: control characters but tab and line breaks.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def has_controls(text: str) -> bool:
    r"""Whether a text holds control characters that FHIR forbids.

    >>> has_controls("a\tb"), has_controls("a\x0bb")
    (False, True)
    """
    return not text.isprintable() and _CONTROLS.search(text) is not None
