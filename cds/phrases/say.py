"""The program's own sentences in one language: `say("Not read: {what}.", what=name)`.

English stands where it is said. Each other language is a file beside this one, with the English
sentence as its key; `tests/phrases` holds every file to every sentence. A sentence that a language
does not have is said in English.
"""

from collections.abc import Callable, Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import re

    Template = tuple[re.Pattern[str], str]

FOLDER = Path(__file__).parent
BASE = "en"
_NO_WORDS: Mapping[str, str] = MappingProxyType({})
UNREVIEWED = "Translation not reviewed by a clinician."
# Set by a catalogue: whether nouns keep their capital letter within a sentence.
_LANGUAGE = "language"
# Its table of sentences that are made where nobody knows the language.
_MADE = "made"
# And of what stands within these: never looked for by itself.
_PARTS = "parts"
_PLACE = r"\\\{([a-z_]+)\\\}"  # as `re.escape` writes it


class Say:
    """One language. `reviewed`: whether a clinician has looked at the words of the pack in it."""

    def __init__(self, language: str = BASE, *, reviewed: bool = True) -> None:
        """Read the catalogue; of a language that has none, everything is said in English."""
        self.language = language
        self.reviewed = reviewed
        tables = {} if language == BASE else _catalogue(language)
        self._made = tables.get(_MADE, {})
        self._within = tables.get(_PARTS, {})
        self._capitals = tables.get(_LANGUAGE, {}).get("nouns") == "capital"
        self._texts: dict[str, str] = {
            text: said
            for name, table in tables.items()
            if name not in {_LANGUAGE, _PARTS}
            for text, said in table.items()
        }

    def __reduce__(self) -> tuple[Any, ...]:
        """A worker reads the catalogue by itself."""
        return _made_again, (self.language, self.reviewed)

    def __call__(self, text: str, **places: object) -> str:
        """The sentence, its places in braces filled in."""
        said = self._texts.get(text, text)
        return _gapped(said) % places if places else said

    def again(self, text: str, words: Mapping[str, str] = _NO_WORDS) -> str:
        """A sentence that was made where the language was not known; English if it is none of ours.

        Its template is found by its words, and filled in anew. `words`: what else may stand in it,
        such as the tests and facts of a pack, by their English.
        """
        if not self._texts or text in self._texts:
            return self(text)
        return _filled(text, self._templates, lambda value: self.part(value, words)) or text

    def part(self, text: str, words: Mapping[str, str] = _NO_WORDS) -> str:
        """What stood in a place: a word, one with a value behind it, or made of parts itself."""
        known = words.get(text) or self._texts.get(text) or self._within.get(text)
        if known is not None:
            return known
        made = _filled(text, self._part_templates, lambda value: self.part(value, words))
        if made is not None:
            return made
        first = max((one for one in words if text.startswith(f"{one} ")), key=len, default="")
        return f"{words[first]}{text[len(first) :]}" if first else text

    @cached_property
    def _templates(self) -> "list[Template]":
        return _templates_of(self._made)

    @cached_property
    def _part_templates(self) -> "list[Template]":
        return _templates_of(self._within)

    def lower(self, text: str) -> str:
        """As it stands within a sentence: a small first letter, unless it is an abbreviation."""
        if self._capitals or not (text[1:2].islower() or text[1:2] == " "):
            return text
        return text[:1].lower() + text[1:]

    @property
    def unreviewed(self) -> str:
        """That no clinician has reviewed the translation; empty where one has."""
        return "" if self.reviewed else self(UNREVIEWED)


@lru_cache(maxsize=1024)  # there are not so many with places
def _gapped(said: str) -> str:
    """The sentence with its places as `%` fills them, in a quarter of the time of `format`."""
    pieces = said.replace("%", "%%").split("{")
    return pieces[0] + "".join([f"%({piece.replace('}', ')s', 1)}" for piece in pieces[1:]])


def _templates_of(table: Mapping[str, str]) -> "list[Template]":
    """Those with places, as patterns of the English ones; longer ones first."""
    import re  # noqa: PLC0415 - English needs neither this nor a file

    templates = [(text, said) for text, said in table.items() if "{" in text]
    templates.sort(key=lambda one: -len(one[0]))
    return [
        (re.compile(re.sub(_PLACE, r"(?P<\1>.+?)", re.escape(text)), re.DOTALL), said)
        for text, said in templates
    ]


def _filled(text: str, templates: "list[Template]", part: Callable[[str], str]) -> str | None:
    """The first template that fits, in the other language, its places said by `part`."""
    for pattern, said in templates:
        found = pattern.fullmatch(text)
        if found is not None:
            return said.format(**{name: part(value) for name, value in found.groupdict().items()})
    return None


def _made_again(language: str, reviewed: bool) -> Say:  # noqa: FBT001 - pickle hands values over by place
    return Say(language, reviewed=reviewed)


def languages() -> tuple[str, ...]:
    """The languages in which the program's own sentences are there."""
    return BASE, *sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def _catalogue(language: str) -> dict[str, dict[str, str]]:
    import tomllib  # noqa: PLC0415 - as above

    path = FOLDER / f"{language}.toml"
    if language not in languages():
        return {}
    tables: dict[str, dict[str, str]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return tables


ENGLISH = Say()
