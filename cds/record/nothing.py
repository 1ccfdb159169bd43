"""Entries that say that there is none of their kind, or that nothing is known: no entry at all."""

from collections.abc import Iterable
from enum import Enum

from cds.record.rules import Nothing
from cds.record.shapes import Codings


class NothingSaid(Enum):
    """What such an entry says."""

    NONE = "none"  # that there is none
    NO_INFORMATION = "no-information"  # that nothing is known, so nothing follows


def said_nothing(codings: Codings, texts: Iterable[str], nothing: Nothing) -> NothingSaid | None:
    """What an entry says of there being none; None if it is an entry like any other."""
    codes = [code for _, code, _ in codings]
    if not nothing.no_information.isdisjoint(codes):
        return NothingSaid.NO_INFORMATION
    if not nothing.none.isdisjoint(codes):
        return NothingSaid.NONE
    words = (" ".join(text.split()).strip(" .").casefold() for text in texts)
    return NothingSaid.NONE if any(word in nothing.words for word in words) else None
