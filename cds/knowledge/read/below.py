"""Which questions of a form a list of linkIds means: those named, and those in a group named."""

from collections.abc import Iterator
from typing import Any


def below(
    items: list[dict[str, Any]], chosen: frozenset[str], *, all_of: bool = False
) -> Iterator[str]:
    """The questions that are chosen, or lie in a chosen group."""
    for item in items:
        inside = all_of or item.get("linkId") in chosen
        if inside and item.get("type") not in {"group", "display"}:
            yield item["linkId"]
        yield from below(item.get("item", []), chosen, all_of=inside)
