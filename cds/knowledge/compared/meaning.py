"""Texts that differ between two versions: no proof weighs them, a clinician has to.

A code stays what it is while the words before it change, so no decision of the solver shows such a
change. It is enough that a help text stands beside a question, or one more option among the others,
for the same answer to say something else.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cds.core.pack import Pack
from cds.forms.form.every_item import every_item
from cds.knowledge.read.translations import TextKey, Translation, dotted, pack_texts

_Texts = Mapping[TextKey, str]


class Reworded(NamedTuple):
    """One text. `old` or `new` is None where it stands in one version only."""

    place: str  # such as item.safety.urine.text, or [de] level.urgent.action
    old: str | None
    new: str | None

    def __str__(self) -> str:
        """One line."""
        if self.old is None:
            return f"{self.place}: added: “{self.new}”"
        if self.new is None:
            return f"{self.place}: removed: “{self.old}”"
        return f"{self.place}: “{self.old}” → “{self.new}”"


def reworded(old: Pack, new: Pack) -> Iterator[Reworded]:
    """Every text that a person reads and that differs, as far as it belongs to what both have."""
    before, after = dict(pack_texts(old)), dict(pack_texts(new))
    beside = (_asked(old) & _asked(new)) | _explaining(old) | _explaining(new)
    for key, was, now in _differing(before, after):
        both = was is not None and now is not None
        # An option that came or went, or a help text, changes what stands beside it; what belongs
        # to a new question or rule is among the other changes.
        if both or (key[0] == "item" and key[1] in beside):
            yield Reworded(dotted(key), was, now)


def translated_changes(
    old: Mapping[str, Translation], new: Mapping[str, Translation]
) -> Iterator[Reworded]:
    """The same of the languages that both versions have."""
    for language in sorted(old.keys() & new.keys()):
        for key, was, now in _differing(old[language].texts, new[language].texts):
            if was is not None and now is not None:
                yield Reworded(f"[{language}] {dotted(key)}", was, now)


def _differing(before: _Texts, after: _Texts) -> Iterator[tuple[TextKey, str | None, str | None]]:
    for key in (*before, *(key for key in after if key not in before)):
        was, now = before.get(key), after.get(key)
        if was != now:
            yield key, was, now


def _asked(pack: Pack) -> set[str]:
    """The questions and their groups, by linkId."""
    return {item["linkId"] for item in every_item(pack.full.raw) if item["type"] != "display"}


def _explaining(pack: Pack) -> set[str]:
    """The texts that ask nothing: help, instructions, what to do now."""
    return {item["linkId"] for item in every_item(pack.full.raw) if item["type"] == "display"}
