"""A decision in another language: the same findings, with the words of the translated pack.

It is decided once, in the pack's own language, and then told: a translation cannot change a level.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from cds.core.model import Assessment, Deviation, Finding, Note
from cds.core.pack import Pack
from cds.flows.deciding.assessed import Assessed
from cds.knowledge.read.translated import translated
from cds.knowledge.read.translations import (
    Translation,
    base_language,
    read_translations,
    record_words,
)


class Translator:
    """One pack in one language; `same`: in its own, where nothing is to be said otherwise."""

    def __init__(self, pack: Pack, translation: Translation | None) -> None:
        """Translate the pack, once for all decisions. `translation` None: the pack's own."""
        self.language = translation.language if translation else base_language(pack)
        self.pack = translated(pack, translation) if translation else pack
        self.same = translation is None
        rules = self.pack.rules
        self._rules = {one.id: one for one in rules.rules}
        self._levels = {one.code: one for one in rules.levels}
        self._causes = {one.id: one for one in rules.causes}
        self._options = {one.name: one.text for one in rules.options}
        own, said = pack.wording, self.pack.wording
        self._notes = {
            getattr(own, name): getattr(said, name)
            for name in ("free_text", "unfinished", "short_form")
        }
        self._words = record_words(pack.record, translation) if translation else {}
        for rule in pack.rules.rules:
            remark = self._rules[rule.id].remark
            if rule.remark is not None and remark is not None:
                self._notes[rule.remark.text] = remark.text

    def assessed(self, assessed: Assessed) -> Assessed:
        """The decision in this language."""
        if self.same:
            return assessed
        return assessed._replace(assessment=self._assessment(assessed.assessment), pack=self.pack)

    def _assessment(self, assessment: Assessment) -> Assessment:
        return assessment._replace(
            level=self._levels[assessment.level.code],
            findings=tuple(map(self._finding, assessment.findings)),
            causes=tuple(
                one._replace(cause=self._causes[one.cause.id]) for one in assessment.causes
            ),
            notes=tuple(map(self._note, assessment.notes)),
            deviations=tuple(map(self._deviation, assessment.deviations)),
        )

    def _finding(self, finding: Finding) -> Finding:
        level = self._levels[finding.level.code]
        return finding._replace(rule=self._rules[finding.rule.id], level=level)

    def _note(self, note: Note) -> Note:
        again = self.pack.say.again
        return note._replace(text=self._notes.get(note.text) or again(note.text, self._words))

    def _deviation(self, one: Deviation) -> Deviation:
        text = self._options.get(one.option) or self.pack.say.again(one.text)
        return one._replace(text=text)


class Translators:
    """Every pack in every language that is offered; each made when it is first asked for."""

    def __init__(self, packs: Iterable[Pack], folders: Mapping[str, Path]) -> None:
        """Read the translations. `folders`: where the files of each pack lie, by its hash."""
        self._packs = {pack.hash: pack for pack in packs}
        self._found = {
            name: read_translations(folders[name]) for name in self._packs if name in folders
        }
        self._made: dict[tuple[str, str], Translator | None] = {}

    def languages(self, pack: Pack) -> tuple[str, ...]:
        """In which languages a pack is there: its own first."""
        own = base_language(pack)
        return own, *(one for one in self._found.get(pack.hash, ()) if one != own)

    def translator(self, pack: Pack, language: str) -> Translator | None:
        """The pack in a language; None where it is not there."""
        key = (pack.hash, language)
        if key not in self._made:
            self._made[key] = self._translator(pack, language)
        return self._made[key]

    def _translator(self, pack: Pack, language: str) -> Translator | None:
        if language not in self.languages(pack):
            return None
        own = language == base_language(pack)
        return Translator(pack, None if own else self._found[pack.hash][language])
