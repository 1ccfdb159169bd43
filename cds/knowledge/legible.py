"""How hard the texts of a form are to read: a grade for English, the longest sentence elsewhere.

The grade is Flesch-Kincaid's, of a question with its options as one text, in which each option is a
sentence. The medical words that a pack lists are left out: they are asked about by name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from cds.core.pack import Pack
from cds.forms.form.every_item import every_item
from cds.knowledge.read.translations import Translation, base_language, read_translations

_ENGLISH = "en"
MOST_GRADE = 8.0
MOST_WORDS = 15
_SENTENCE = re.compile(r"(?<=[.!?:;])\s+")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_VOWELS = re.compile(r"[aeiouy]+")
# What is read to a person and by one. Words for clinicians may be longer.
_READ = {"item", "advice"}
_VOICES = {"you", "companion"}


class Legible(NamedTuple):
    """The grade of each English question by its linkId, and the longest sentence of each language.

    `long`: the sentences that are too long, each as `language key: its words`.
    """

    grades: Mapping[str, float]
    longest: Mapping[str, int]
    long: tuple[str, ...]

    @property
    def lines(self) -> Iterator[str]:
        """What `pack check` prints: the hardest question, the longest sentences, what is over."""
        if self.grades:
            hardest = max(self.grades, key=lambda link_id: self.grades[link_id])
            yield (
                f"reading grade at most {self.grades[hardest]:.1f} ({hardest});"
                f" {MOST_GRADE:g} is the most that is wanted."
            )
        for link_id, grade in self.grades.items():
            if grade > MOST_GRADE:
                yield f"warning: {link_id} has a reading grade of {grade:.1f}: say it more simply."
        for language, words in self.longest.items():
            yield f"{language}: at most {words} words in a sentence; {MOST_WORDS} are wanted."
        yield from (f"warning: a sentence is too long: {one}" for one in self.long)


def legible(pack: Pack, folder: Path) -> Legible:
    """Measure the pack in this folder."""
    found = read_translations(folder)
    own = found.get(base_language(pack))
    grades = {}
    if base_language(pack) == _ENGLISH:
        left_out = frozenset(own.medical_words if own else ())
        grades = {
            link_id: grade
            for link_id, texts in _questions(pack)
            if (grade := grade_of(texts, left_out)) is not None
        }
    longest, long = {}, []
    for language, translation in found.items():
        if language != _ENGLISH:
            counted = [(key, _words(text)) for key, text in _sentences_of(translation)]
            longest[language] = max((count for _, count in counted), default=0)
            long += [f"{language} {key}: {count}" for key, count in counted if count > MOST_WORDS]
    return Legible(grades, longest, tuple(long))


def grade_of(texts: Iterable[str], left_out: frozenset[str] = frozenset()) -> float | None:
    """Flesch-Kincaid's grade of these texts together; None where there is no word.

    >>> round(grade_of(["The cat sat on the mat."]), 1)
    -1.4
    """
    sentences = [_WORD.findall(one) for text in texts for one in _SENTENCE.split(text)]
    kept = [[word for word in sentence if word.lower() not in left_out] for sentence in sentences]
    kept = [one for one in kept if one]
    words = [word for one in kept for word in one]
    if not words:
        return None
    syllables = sum(map(syllables_of, words))
    return 0.39 * len(words) / len(kept) + 11.8 * syllables / len(words) - 15.59


def syllables_of(word: str) -> int:
    """The groups of vowels, a silent e at the end left out; rather one too many than too few.

    Hyphenation (pyphen) has one place too few for many words, such as `medicines`; a dictionary
    would have to be downloaded.

    >>> [syllables_of(word) for word in ("urine", "medicines", "table", "you", "area")]
    [2, 4, 2, 1, 2]
    """
    small = word.lower()
    count = len(_VOWELS.findall(small))
    silent = small.endswith("e") and not small.endswith(("le", "ee", "ye")) and count > 1
    return max(1, count - silent)


def _questions(pack: Pack) -> Iterator[tuple[str, list[str]]]:
    for item in every_item(pack.full.raw):
        options = [one.get("valueCoding", {}) for one in item.get("answerOption", ())]
        displays = [str(option["display"]) for option in options if "display" in option]
        if item.get("text") and item.get("type") != "group":  # a heading is no question
            yield str(item["linkId"]), [str(item["text"]), *displays]


def _sentences_of(translation: Translation) -> Iterator[tuple[str, str]]:
    for key, text in translation.texts.items():
        if key[0] in _READ or (key[0] == "level" and key[-1] in _VOICES):
            yield from ((".".join(key), one) for one in _SENTENCE.split(text))


def _words(text: str) -> int:
    return len(_WORD.findall(text))
