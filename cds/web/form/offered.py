"""The forms that are offered: each made ready once in each language, with the data of its page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cds import wire
from cds.core.model import Cause
from cds.core.pack import Advice
from cds.flows.deciding.engine import Engine
from cds.forms.form import extensions as ext
from cds.forms.questionnaire import Questionnaire, compile_questionnaire
from cds.knowledge.read.spoken import form_in
from cds.knowledge.read.translations import (
    VOICES,
    Translation,
    base_language,
    read_translations,
    record_words,
)
from cds.phrases.say import Say
from cds.web.form.language import PageWords, all_words
from cds.web.form.options import with_options
from cds.web.form.pages import Asset, asset, static
from cds.web.form.tree import knowledge_of
from cds.wire import JsonObject

NOTHING_SAID = Translation("", "ltr", "", "", {})
SCRIPT_PREFIX = "globalThis.crampCds=Object.assign(globalThis.crampCds||{},"


@dataclass(frozen=True)
class Spoken:
    """One form in one language, with the site's emergency number filled in."""

    engine: Engine
    words: PageWords
    texts: Translation
    base: str  # the pack's own language
    number: str  # of the site; empty: none was named

    @property
    def language(self) -> str:
        """The code of the language."""
        return self.words.language

    @property
    def reviewed(self) -> bool:
        """Whether a clinician has reviewed these words."""
        return bool(self.texts.reviewed_by) or self.language == self.base

    @property
    def call(self) -> str:
        """Whom to call, in words."""
        return self.number or self.texts.emergency_number or "112 / 999 / 911"

    @cached_property
    def _listed(self) -> JsonObject:
        return with_options(self.engine.form.raw)

    @cached_property
    def asked(self) -> Questionnaire:
        """The form as the pack has it, every option listed: what answers are made of."""
        return compile_questionnaire(self._listed)

    @cached_property
    def form(self) -> Questionnaire:
        """The form in this language."""
        return compile_questionnaire(form_in(self._listed, self.language, self.texts))

    @cached_property
    def title(self) -> str:
        """The title of the form."""
        return str(self.form.raw.get("title", self.engine.form.id))

    def level(self, code: str, name: str) -> str:
        """What the level says: `word`, `display`, or the action in one of the voices."""
        level = self.engine.scorer.rules.level(code)
        own = level.action if name in VOICES else getattr(level, name)
        text = self.texts.text("level", code, name)
        if not text and name in VOICES:
            text = self.texts.text("level", code, "action")
        return (text or own).replace("{emergency-number}", self.call)

    def rule(self, identifier: str, name: str, own: str) -> str:
        """What a rule says."""
        return self.texts.text("rule", identifier, name, default=own)

    def wording(self, name: str) -> str:
        """One of the pack's own texts, such as `intended-use`."""
        own = getattr(self.engine.pack.wording, name.replace("-", "_"))
        return self.texts.text("wording", name, default=own)

    def cause(self, cause: Cause) -> str:
        """What a cause is called."""
        return self.texts.text("cause", cause.id, default=cause.display)

    def advice(self, advice: Advice) -> str:
        """What one is advised to do."""
        return self.texts.text("advice", advice.id, default=advice.text)

    def short(self, link_id: str) -> str:
        """A question in a word or two."""
        item = self.form.by_link_id.get(link_id)
        return item.prompt if item is not None else link_id

    def answer(self, link_id: str, code: str) -> str:
        """An option as the form shows it."""
        item = self.form.by_link_id.get(link_id)
        option = item.codes.get(code) if item is not None else None
        return str(option["valueCoding"].get("display", code)) if option else code

    def fact(self, identifier: str) -> str:
        """What the record may say, in words."""
        own = self.engine.pack.record.get("facts", {}).get(identifier, identifier)
        return self.texts.text("fact", identifier, default=str(own))

    @cached_property
    def say(self) -> Say:
        """The program's own sentences, but for the page's."""
        return Say(self.language)

    @cached_property
    def _record_words(self) -> dict[str, str]:
        return record_words(self.engine.pack.record, self.texts)

    def again(self, text: str) -> str:
        """What was said of the record, or of the response, where the language was not known."""
        return self.notes.get(text) or self.say.again(text, self._record_words)

    def part(self, text: str) -> str:
        """What stands within such a sentence: a name, a value and its date."""
        return self.say.part(text, self._record_words)

    @cached_property
    def notes(self) -> dict[str, str]:
        """The pack's notes, by their own text, in this language."""
        wording = self.engine.pack.wording
        said = {
            getattr(wording, name): self.texts.text("wording", name.replace("_", "-"))
            for name in ("free_text", "unfinished", "short_form")
        }
        said |= {
            rule.remark.text: self.texts.text("rule", rule.id, "note")
            for rule in self.engine.pack.rules.rules
            if rule.remark is not None
        }
        return {own: text for own, text in said.items() if text}

    @cached_property
    def page_texts(self) -> JsonObject:
        """What the script of the page says."""
        scorer = self.engine.scorer
        levels = scorer.rules.levels
        return {
            "step": self.words("page.step"),
            "open": self.words("result.not-answered"),
            "shorts": {
                item.link_id: item.prompt
                for item in self.form.by_link_id.values()
                if item.type not in {"group", "display"}
            },
            "rules": {
                one.rule.id: self.rule(one.rule.id, "title", one.rule.title)
                for one in scorer.applied
            },
            "facts": {one: self.fact(one) for one in self.engine.pack.record.get("facts", {})},
            "levels": {
                level.code: {
                    "symbol": level.symbol,
                    **{name: self.level(level.code, name) for name in ("word", "display", *VOICES)},
                }
                for level in levels
            },
        }

    @cached_property
    def knowledge(self) -> JsonObject:
        """The tree and the words, as the page's script takes them."""
        return {"knowledge": knowledge_of(self.engine, self._listed), "texts": self.page_texts}

    @cached_property
    def script(self) -> Asset:
        """All that the page runs, in one file: the engine, the knowledge, the page's own hand."""
        knowledge = f"{SCRIPT_PREFIX}{wire.write(self.knowledge).decode()});\n"
        body = "\n".join((static("engine.js"), knowledge, static("form.js")))
        return asset(f"{self.engine.form.id}-{self.language}.js", body.encode())

    @cached_property
    def has_files(self) -> bool:
        """Whether any question asks for a file."""
        return any(item.type == "attachment" for item in self.form.by_link_id.values())


def spoken_of(engine: Engine, folder: Path | None, language: str, number: str) -> Spoken | None:
    """One form in one language; None where our words or the pack's are not there."""
    base = base_language(engine.pack)
    words = all_words().get(language)
    translations = read_translations(folder) if folder is not None else {}
    there = (
        language in translations or language == base or language in languages_in(engine.form.raw)
    )
    if words is None or not there:
        return None
    return Spoken(engine, words, translations.get(language, NOTHING_SAID), base, number)


def offered(
    engines: Mapping[str, tuple[Engine, ...]],
    folders: Mapping[str, Path],
    languages: Iterable[str],
    number: str,
) -> dict[str, dict[str, Spoken]]:
    """Form id or pack id → language → the form. A language needs our words and the pack's."""
    wanted = list(languages)
    found: dict[str, dict[str, Spoken]] = {}
    for listed in engines.values():
        engine = listed[0]
        folder = folders.get(engine.pack.id)
        spoken = {
            code: made
            for code in wanted
            if (made := spoken_of(engine, folder, code, number)) is not None
        }
        if not spoken:
            made = spoken_of(engine, folder, base_language(engine.pack), number)
            spoken = {made.language: made} if made is not None else {}
        if spoken:
            found[engine.form.id] = spoken
    for listed in engines.values():
        full = listed[0].pack.full.id
        if full in found:
            found.setdefault(listed[0].pack.id, found[full])
    return found


def languages_in(value: object) -> set[str]:
    """The languages of the translation extensions anywhere in a form."""
    if isinstance(value, list):
        return set().union(*(languages_in(one) for one in value)) if value else set()
    if not isinstance(value, dict):
        return set()
    own: set[str] = set()
    if value.get("url") == ext.TRANSLATION:
        lang = ext.part(value, "lang")
        own = {lang.lower()} if isinstance(lang, str) else set()
    return own.union(*(languages_in(one) for one in value.values())) if value else own
