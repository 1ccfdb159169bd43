"""A pack in another language: the same rules under the same ids and hash, with translated words.

What a translation does not say stays in the pack's own language. Codes keep the names under which
they are published. Nothing here decides: a decision is made with the pack as it is, and then told.
"""

from collections.abc import Mapping
from typing import Any

from cds.core.model import Level, Rule
from cds.core.pack import Cards, Form, Pack
from cds.knowledge.read.spoken import form_in
from cds.knowledge.read.translations import Translation
from cds.phrases.say import Say


def translated(pack: Pack, translation: Translation) -> Pack:
    """The pack with the words of a translation."""
    say = Say(translation.language, reviewed=bool(translation.reviewed_by))
    text = translation.text
    rules = pack.rules
    option = tuple(
        one._replace(text=text("option", one.name, default=one.text)) for one in rules.options
    )
    return pack._replace(
        title=text("pack", "title", default=pack.title),
        forms=tuple(_form(form, translation) for form in pack.forms),
        rules=rules._replace(
            levels=tuple(_level(level, translation) for level in rules.levels),
            rules=tuple(_rule(rule, translation) for rule in rules.rules),
            causes=tuple(
                cause._replace(display=text("cause", cause.id, default=cause.display))
                for cause in rules.causes
            ),
            options=option,
        ),
        wording=pack.wording._replace(**_fields(pack.wording._asdict(), "wording", translation)),
        advice=tuple(
            one._replace(text=text("advice", one.id, default=one.text)) for one in pack.advice
        ),
        reasons=tuple(
            reason._replace(text=text("reason", reason.coding.code, default=reason.text))
            for reason in pack.reasons
        ),
        record=_record(pack.record, translation),
        cards=_cards(pack, translation),
        say=say,
        displays={level.code: level.display for level in rules.levels},
    )


def _form(form: Form, translation: Translation) -> Form:
    raw = form_in(form.raw, translation.language, translation)
    return form._replace(title=str(raw.get("title", form.title)), raw=raw)


def _level(level: Level, translation: Translation) -> Level:
    return level._replace(
        display=translation.text("level", level.code, "display", default=level.display),
        word=translation.text("level", level.code, "word", default=level.word),
        action=translation.text("level", level.code, "action", default=level.action),
    )


def _rule(rule: Rule, translation: Translation) -> Rule:
    remark = rule.remark
    if remark is not None:
        note = translation.text("rule", rule.id, "note", default=remark.text)
        remark = remark._replace(text=note)
    return rule._replace(
        title=translation.text("rule", rule.id, "title", default=rule.title),
        action=translation.text("rule", rule.id, "action", default=rule.action),
        remark=remark,
    )


def _fields(values: Mapping[str, Any], table: str, translation: Translation) -> dict[str, Any]:
    """The fields that are texts, as the translation says them."""
    return {
        name: translation.text(table, name.replace("_", "-"), default=value)
        for name, value in values.items()
        if isinstance(value, str)
    }


def _cards(pack: Pack, translation: Translation) -> Cards:
    cards, text = pack.cards, translation.text
    return cards._replace(
        **_fields(cards._asdict(), "cards", translation),
        overrides=tuple(
            override._replace(
                display=text("cards", "override", override.code, default=override.display)
            )
            for override in cards.overrides
        ),
        titles={
            rule: text("cards", "title", rule, default=own) for rule, own in cards.titles.items()
        },
        signs={
            (question, code): text("cards", "sign", question, code, default=own)
            for (question, code), own in cards.signs.items()
        },
        actions={
            level: text("cards", "action", level, default=own)
            for level, own in cards.actions.items()
        },
    )


def _record(record: Mapping[str, Any], translation: Translation) -> Mapping[str, Any]:
    """The names of facts and tests; what finds them stays as it is."""
    facts = {
        fact: translation.text("fact", fact, default=own)
        for fact, own in record.get("facts", {}).items()
    }
    analytes = [
        {**one, "display": translation.text("analyte", one["id"], default=one["display"])}
        for one in record.get("analyte", ())
        if "display" in one
    ]
    return {**record, "facts": facts, "analyte": analytes} if record else record
