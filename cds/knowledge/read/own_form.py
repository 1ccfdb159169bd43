"""The form of an installed pack, read by itself: who validates needs no rule of the pack."""

from pathlib import Path
from typing import Any, NamedTuple

from cds import wire
from cds.errors import Unreadable
from cds.knowledge.read.own import OWN, RELEASED
from cds.knowledge.read.parsed import tables_in


class KeptForm(NamedTuple):
    """A form of a pack. `moved`: of each earlier version, by linkId where it had an item."""

    form: dict[str, Any]
    moved: tuple[dict[str, str], ...] = ()


def own_form(url: str, version: str | None = None) -> KeptForm | None:
    """The form with this canonical, where a pack of this program keeps it as questionnaire.json.

    `version`: one that it keeps as released.
    """
    pattern = "*" if version is None else f"*/{RELEASED}/*"
    for place in OWN:
        for file in sorted(place.glob(f"{pattern}/questionnaire.json")):
            if not (file.parent / "pack.toml").is_file() or version not in {None, file.parent.name}:
                continue
            try:
                form = wire.read(file.read_bytes(), where=file.name)
            except (OSError, Unreadable):
                continue
            if isinstance(form, dict) and form.get("url") == url:
                return KeptForm(form, _moved(file.parent / "pack.toml"))
    return None


def _moved(pack: Path) -> tuple[dict[str, str], ...]:
    """What stands elsewhere than before; a table that is not right tells nothing here."""
    try:
        earlier = tables_in(pack.read_bytes(), pack).get("earlier", [])
    except (OSError, ValueError):
        return ()
    moved = (one.get("moved") for one in earlier if isinstance(one, dict))
    return tuple(one for one in moved if isinstance(one, dict))
