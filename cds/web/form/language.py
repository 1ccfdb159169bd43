"""The words of the page, in each language that there is."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

_FOLDER = Path(__file__).parent / "words"


class PageWords(NamedTuple):
    """The page's own words in one language. `direction` is ltr or rtl."""

    language: str
    direction: str
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """A text with its places filled in."""
        text = self.texts[key]
        return text.format(**values) if values else text


@cache
def all_words() -> Mapping[str, PageWords]:
    """The words of every language, by its code."""
    return {path.stem: _read(path) for path in sorted(_FOLDER.glob("*.toml"))}


def _read(path: Path) -> PageWords:
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    texts = {f"{table}.{key}": text for table, of in tables.items() for key, text in of.items()}
    return PageWords(path.stem, texts["page.direction"], texts)
