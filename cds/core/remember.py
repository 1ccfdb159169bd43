"""What was found out once and may be asked again: kept within bounds."""

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def remember(kept: dict[K, V], key: K, value: V, most: int) -> V:
    """Keep at most so many values; clearing everything is simpler than evicting."""
    if len(kept) >= most:
        kept.clear()
    kept[key] = value
    return value
