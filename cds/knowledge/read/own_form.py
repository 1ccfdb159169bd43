"""The form of an installed pack, read by itself: who validates needs no rule of the pack."""

from typing import Any

from cds import wire
from cds.errors import Unreadable
from cds.knowledge.read.own import OWN, RELEASED


def own_form(url: str, version: str | None = None) -> dict[str, Any] | None:
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
                return form
    return None
