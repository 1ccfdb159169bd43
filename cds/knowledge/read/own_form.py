"""The form of an installed pack, read by itself: who validates needs no rule of the pack."""

from typing import Any

from cds import wire
from cds.errors import Unreadable
from cds.knowledge.read.own import OWN


def own_form(url: str) -> dict[str, Any] | None:
    """The form with this canonical, where a pack of this program keeps it as questionnaire.json."""
    for place in OWN:
        for file in sorted(place.glob("*/questionnaire.json")):
            if not (file.parent / "pack.toml").is_file():
                continue
            try:
                form = wire.read(file.read_bytes(), where=file.name)
            except (OSError, Unreadable):
                continue
            if isinstance(form, dict) and form.get("url") == url:
                return form
    return None
