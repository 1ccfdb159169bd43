"""What an unknown code may be about, by the words that stand beside it.

Words never make a fact. They say whether something that was not understood could matter here: then
it is told by name instead of passing in silence.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_EDGE = r"(?<![\w/-]){}(?![\w/-])"
# Before a name, as IUPAC has it: the specimen, here blood or a part of it, and a dash.
_NAMED = r"(?:(?<![\w/-])(?:(?:f?[abpsv]|vb|ab|kb|pt)-)?)(?P<name>{})(?![\w/-])"
# What makes a name another thing stands in the same sentence: a letter may speak of urine as well.
_SENTENCE = re.compile(r"[;\n]|[.!?]\s")
_JOINED = re.compile(r"(?<=[^\W\d_]{2})-(?=[^\W\d_]{2})")
_HYPHENS = re.compile("[\u2010-\u2013\u2212]")
_AFTER = re.compile(r"\s*[\[(,].*")  # "Potassium [Moles/volume] in Blood" is about potassium


@dataclass(frozen=True, slots=True)
class Interest:
    """The names that the pack has for what it asks for, as whole words, with their facts."""

    names: re.Pattern[str]
    facts: Mapping[str, tuple[str, ...]]
    never: re.Pattern[str]  # words that make it another thing, such as another specimen
    signs: Mapping[str, tuple[str, ...]]  # names that are one only where nothing else stands

    def named_in(self, texts: Iterable[str]) -> tuple[str, ...]:
        """The facts whose names stand in one of the texts."""
        return tuple(dict.fromkeys(fact for of in self.names_in(texts).values() for fact in of))

    def names_in(self, texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The names that stand in one of the texts, in lower case, with their facts."""
        found: dict[str, tuple[str, ...]] = {}
        for folded in _sentences(texts):
            sign = folded.strip()
            if not (sign in self.signs or self.names.search(folded)) or self.never.search(folded):
                continue
            if sign in self.signs:
                found[sign] = self.signs[sign]
            for match in self.names.finditer(folded):
                name = match["name"]
                found[name] = self.facts.get(name) or self._begun(name)
        return found

    def _begun(self, word: str) -> tuple[str, ...]:
        """The facts of the longest listed beginning of a word."""
        lengths = range(len(word), 0, -1)
        return next(
            (self.facts[f"{word[:n]}*"] for n in lengths if f"{word[:n]}*" in self.facts), ()
        )


def _sentences(texts: Iterable[str]) -> Iterator[str]:
    """The sentences of texts in lower case; of joined words ("haemo-dialysis") as one word too."""
    for text in dict.fromkeys(texts):
        folded = text.casefold()
        if not folded.isascii():
            folded = _HYPHENS.sub("-", folded.replace("\u00ad", ""))
        for part in _SENTENCE.split(folded):
            yield part
            if "-" in part and (joined := _JOINED.sub("", part)) != part:
                yield joined


def interest_of(
    named: Iterable[tuple[str, tuple[str, ...]]],
    never: Iterable[str] = (),
    signs: Iterable[tuple[str, tuple[str, ...]]] = (),
) -> Interest:
    """Compile (name, facts); a longer name goes before one that it begins with.

    A name with a star at its end is the beginning of a word, as in languages that join words.
    """
    facts: dict[str, dict[str, None]] = {}
    for name, of in named:
        folded = _AFTER.sub("", name.casefold()).strip()
        if folded:
            facts.setdefault(folded, {}).update(dict.fromkeys(of))
    every = sorted(facts, key=lambda name: (-len(name), name))
    return Interest(
        re.compile(_NAMED.format(_either(every))),
        {name: tuple(of) for name, of in facts.items()},
        re.compile(_EDGE.format(_either(word.casefold() for word in never))),
        {sign.casefold(): of for sign, of in signs},
    )


def _either(words: Iterable[str]) -> str:
    found = "|".join(
        rf"{re.escape(word[:-1])}\w*" if word.endswith("*") else re.escape(word) for word in words
    )
    return f"(?:{found})" if found else r"(?!)"


def displays(table: Mapping[str, Any], keys: Iterable[str]) -> Iterable[str]:
    """The displays of the codes that a table of record.toml lists under these keys."""
    for key in keys:
        listed = table.get(key)
        if isinstance(listed, Mapping):
            yield from (str(one) for one in listed.values())
