"""What is said where a name stands for no pack."""

from collections.abc import Iterable
from pathlib import Path

from cds.errors import UsageError
from cds.knowledge.read.tables import nearest

MAIN = "pack.toml"


def no_pack(name: str, known: Iterable[str]) -> UsageError:
    """No pack has this id; where it is a folder or a file, what is missing there."""
    place = Path(name)
    if place.is_dir():
        hint = f"A pack is a folder with a {MAIN}; `pack new` writes one."
        return UsageError("pack", f"the folder {name} holds no {MAIN}.", hint)
    if place.is_file():
        return UsageError("pack", f"{name} is a file.", f"Name the folder that holds {MAIN}.")
    return UsageError("pack", f"there is no pack {name!r}.", nearest(name, known))


def without_pack(place: Path) -> str:
    """What is wrong with a folder of packs that holds none; an empty text where it holds one."""
    if any(place.glob(f"*/{MAIN}")):
        return ""
    if (place / MAIN).is_file():
        return f"{place} is a pack itself: name the folder that it lies in."
    return f"{place} holds no pack: a pack is a folder in it, with a {MAIN}."
