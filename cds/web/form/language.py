"""The words of the page, in each language that there is, and which language a person gets."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "words"
BASE = "en"


class Words(NamedTuple):
    """The page's own words in one language. `direction` is ltr or rtl."""

    language: str
    direction: str
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """A text with its places filled in."""
        text = self.texts[key]
        return text.format(**values) if values else text


@cache
def all_words() -> Mapping[str, Words]:
    """The words of every language, by its code."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.toml"))}


def _read(path: Path) -> Words:
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    texts = {f"{table}.{key}": text for table, of in tables.items() for key, text in of.items()}
    return Words(path.stem, texts["page.direction"], texts)


def chosen(wanted: Iterable[str | None], offered: tuple[str, ...]) -> str:
    """The first wanted language that is offered (`es-MX` takes `es`); else the site's first."""
    for one in wanted:
        if not one:
            continue
        for tag in (one.lower(), one.lower().partition("-")[0]):
            if tag in offered:
                return tag
    return offered[0]


def accepted(header: str | None) -> list[str]:
    """The languages of an Accept-Language header, the most wanted first."""
    found: list[tuple[float, int, str]] = []
    for place, part in enumerate((header or "")[:500].split(",")):
        tag, _, quality = part.partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=")) if quality else 1.0
        except ValueError:
            continue
        if tag.strip() and weight > 0:
            found.append((-weight, place, tag.strip()))
    return [tag for _, _, tag in sorted(found)]
