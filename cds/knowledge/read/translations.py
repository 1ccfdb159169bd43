"""What a pack says in a language: `i18n/xx.toml`, read into one flat table, and checked.

A key is a path: `level.routine.action`, `item.<linkId>.text`, `item.<linkId>.option.<code>`. The
pack's own language needs only what the pack itself does not say: the words for the person.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cds.core.model import Rule
from cds.core.pack import Cards, Pack
from cds.core.scorer import natural
from cds.errors import Fault
from cds.forms.form import extensions as ext
from cds.forms.form.every_item import every_item
from cds.knowledge.read.tables import Faults, nearest, read_toml
from cds.wire import JsonObject

TextKey = tuple[str, ...]
_FOLDER = "i18n"
VOICES = ("you", "companion", "clinician")
# What a voice may leave to the page: the number to call is the site's.
NUMBER = "{emergency-number}"
_PLACE = re.compile(r"\{[a-z-]+\}")
_HEAD = ("direction", "reviewed-by", "emergency-number", "pack-version", "medical-words")


class Translation(NamedTuple):
    """The texts of one language. `reviewed_by` is empty until a clinician has reviewed them.

    `version`: of the pack that was translated; it may be ahead of the pack that is here.
    `medical_words`: those that a reading grade leaves out.
    `emergency_number`: how the local emergency number is called where the site names none.
    """

    language: str
    direction: str
    reviewed_by: str
    emergency_number: str
    texts: Mapping[TextKey, str]
    version: str = ""
    medical_words: tuple[str, ...] = ()

    def text(self, *key: str, default: str = "") -> str:
        """The text with this key, else the default."""
        return self.texts.get(key, default)


def base_language(pack: Pack) -> str:
    """The language in which the pack itself is written."""
    return str(pack.full.raw.get("language", "en"))


def read_translations(folder: Path, faults: Faults | None = None) -> dict[str, Translation]:
    """Every language of the pack in this folder, by its code."""
    noted = faults or Faults()
    return {path.stem: _read(path, noted) for path in sorted((folder / _FOLDER).glob("*.toml"))}


def _read(path: Path, faults: Faults) -> Translation:
    table = read_toml(path, faults)
    raw = {key: value for key, value in table.raw.items() if key not in _HEAD}
    return Translation(
        path.stem,
        table.text("direction", "ltr"),
        table.text("reviewed-by", ""),
        table.text("emergency-number"),
        dict(_flat(raw, ())),
        table.text("pack-version", ""),
        tuple(str(one).lower() for one in table.raw.get("medical-words", ())),
    )


def _flat(value: Mapping[str, Any], at: TextKey) -> Iterator[tuple[TextKey, str]]:
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from _flat(inner, (*at, key))
        elif isinstance(inner, str):
            yield (*at, key), inner


def _wanted(pack: Pack, language: str) -> dict[TextKey, str]:
    """Every text that a language must have, with the pack's own; a voice has none."""
    voices: dict[TextKey, str] = {
        ("level", level.code, voice): "" for level in pack.rules.levels for voice in VOICES
    }
    return voices if language == base_language(pack) else {**dict(pack_texts(pack)), **voices}


def pack_texts(pack: Pack) -> Iterator[tuple[TextKey, str]]:
    """The texts of the pack that a person or a clinician reads in a form, a card or a decision."""
    yield ("pack", "title"), pack.title
    yield ("form", "title"), pack.full.title
    for key, element, name in form_texts(pack.full.raw):
        if element.get(name):
            yield key, element[name]
    for level in pack.rules.levels:
        for name in ("display", "word", "action"):
            yield ("level", level.code, name), getattr(level, name)
    for rule in pack.rules.rules:
        yield from _rule(rule)
    yield from ((("cause", cause.id), cause.display) for cause in pack.rules.causes)
    yield from ((("advice", one.id), one.text) for one in pack.advice)
    yield from ((("option", option.name), option.text) for option in pack.rules.options)
    yield from _fields("wording", pack.wording._asdict())
    yield from _fields("cards", pack.cards._asdict())
    yield from (
        (("cards", "override", override.code), override.display)
        for override in pack.cards.overrides
    )
    yield from _short_words(pack.cards)
    yield from ((("reason", reason.coding.code), reason.text) for reason in pack.reasons)
    yield from _record(pack.record)


def _short_words(cards: Cards) -> Iterator[tuple[TextKey, str]]:
    """The short words of cards, which stand for what is said at length elsewhere."""
    yield from ((("cards", "title", rule), text) for rule, text in cards.titles.items())
    yield from ((("cards", "sign", *key), text) for key, text in cards.signs.items())
    yield from ((("cards", "action", level), text) for level, text in cards.actions.items())


def _record(record: Mapping[str, Any]) -> Iterator[tuple[TextKey, str]]:
    """What the facts and tests of the record are called."""
    facts = record.get("facts", {})
    yield from ((("fact", fact), str(text)) for fact, text in facts.items())
    for one in record.get("analyte", ()):
        if "display" in one:
            yield ("analyte", str(one["id"])), str(one["display"])


def record_words(record: Mapping[str, Any], translation: Translation) -> dict[str, str]:
    """What the facts and tests of the record are called in a language, by their own words."""
    said = ((text, translation.text(*key)) for key, text in _record(record))
    return {own: text for own, text in said if text}


def _rule(rule: Rule) -> Iterator[tuple[TextKey, str]]:
    yield ("rule", rule.id, "title"), rule.title
    yield ("rule", rule.id, "action"), rule.action
    if rule.remark is not None:
        yield ("rule", rule.id, "note"), rule.remark.text


def _fields(table: str, values: Mapping[str, Any]) -> Iterator[tuple[TextKey, str]]:
    for name, value in values.items():
        if isinstance(value, str):
            yield (table, name.replace("_", "-")), value


def form_texts(form: Mapping[str, Any]) -> Iterator[tuple[TextKey, JsonObject, str]]:
    """Each text of the items of a form: its key, the element that says it, and its name there."""
    for item in every_item(form):
        at = ("item", str(item.get("linkId")))
        yield (*at, "text"), item, "text"
        for short in ext.extensions_of(item).get(ext.SHORT_TEXT, ()):
            yield (*at, "short"), short, "valueString"
        for option in item.get("answerOption", []):
            coding = option.get("valueCoding")
            if isinstance(coding, dict):
                yield (*at, "option", str(coding.get("code"))), coding, "display"


def check_translations(pack: Pack, folder: Path) -> Iterator[Fault]:
    """Each language whole: no text missing, none of nothing, every {place} where it belongs."""
    faults = Faults()
    found = read_translations(folder, faults)
    yield from faults.found
    for language, translation in found.items():
        yield from _check(pack, language, translation)


def _check(pack: Pack, language: str, translation: Translation) -> Iterator[Fault]:
    where = f"{_FOLDER}/{language}.toml"
    asked = _wanted(pack, language)
    allowed = asked.keys() | dict(pack_texts(pack)).keys()
    for key, own in asked.items():
        text = translation.texts.get(key)
        if text is None or not text.strip():
            said = f" It says: {own}" if own else ""
            yield Fault(f"{where}: {dotted(key)}", "is missing.", f"Translate it.{said}")
    ahead = natural(translation.version) > natural(pack.version)
    for key, text in translation.texts.items():
        if key not in allowed and ahead:
            continue
        if key not in allowed:
            known = [dotted(one) for one in allowed]
            yield Fault(
                f"{where}: {dotted(key)}", "is not a text of the pack.", nearest(dotted(key), known)
            )
            continue
        if set(_PLACE.findall(text)) - _places(key, asked.get(key, "")):
            problem = "has a placeholder in braces that nothing fills in."
            yield Fault(
                f"{where}: {dotted(key)}", problem, f"Only {NUMBER} is filled in, in a voice."
            )
    if translation.direction not in {"ltr", "rtl"}:
        yield Fault(f"{where}: direction", "is neither ltr nor rtl.", "Take one of the two.")


def _places(key: TextKey, own: str) -> set[str]:
    voice = key[0] == "level" and key[-1] in VOICES
    return {*_PLACE.findall(own), *([NUMBER] if voice else [])}


def dotted(key: TextKey) -> str:
    """A key as messages name it."""
    return ".".join(key)
