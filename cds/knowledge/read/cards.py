"""[cards] of pack.toml: what the cards of the hooks say and offer beside the findings."""

from cds.core.pack import Cards, Override, Pack
from cds.forms.form.every_item import every_item
from cds.knowledge.read.rules import read_coding
from cds.knowledge.read.tables import Faults, Table, nearest

# A card is read in five seconds. (A label too long for a button gives way to our own words.)
MAX_SUMMARY = 90
MAX_TITLE = 60


def read_cards(main: Table) -> Cards:
    """The words and offers for cards; a pack without the table leaves all of it to our words."""
    if not main.has("cards"):
        return Cards()
    table = main.table("cards")
    cards = Cards(
        facts=table.texts("facts"),
        orders=table.texts("orders"),
        due=_short(table, "due", MAX_SUMMARY),
        due_text=table.optional("due-text"),
        order=_short(table, "order", MAX_SUMMARY),
        order_text=table.optional("order-text"),
        task=table.optional("task"),
        form_label=table.optional("form-label"),
        labs_label=table.optional("labs-label"),
        overrides=tuple(
            Override(one.text("code"), one.text("display"))
            for one in table.each("override", "code")
        ),
        labs=tuple(read_coding(one) for one in table.each("lab", "code")),
        source=_short(table, "source", MAX_TITLE),
        titles=_words(table, "title"),
        signs=_signs(table),
        actions=_words(table, "action"),
    )
    table.done()
    return cards


def check_cards(pack: Pack, faults: Faults) -> None:
    """Note every rule, level, question or answer that [cards] names and the pack does not have."""
    known = (
        ("title", pack.cards.titles, {rule.id for rule in pack.rules.rules}),
        ("action", pack.cards.actions, {level.code for level in pack.rules.levels}),
    )
    for key, named, there in known:
        for name in named:
            if name not in there:
                where = f"pack.toml: cards: {key}: {name}"
                faults.add(where, f"is not a {_KINDS[key]}.", nearest(name, there))
    answers = {
        (item.get("linkId"), option.get("valueCoding", {}).get("code"))
        for item in every_item(pack.full.raw)
        for option in item.get("answerOption", ())
    }
    for question, code in pack.cards.signs:
        if (question, code) not in answers:
            codes = [one for link_id, one in answers if link_id == question and one]
            where = f"pack.toml: cards: sign: {question}: {code}"
            faults.add(where, "is not an answer of the form.", nearest(code, codes))


_KINDS = {"title": "rule", "action": "level"}


def _short(table: Table, key: str, most: int) -> str | None:
    text = table.optional(key)
    if text is not None and len(text) > most:
        problem = f"has {len(text)} characters; at most {most} are shown."
        table.fault(key, problem, "Say the rest in the card's text.")
    return text


def _words(table: Table, key: str) -> dict[str, str]:
    if not table.has(key):
        return {}
    inner = table.table(key)
    return {name: _short(inner, name, MAX_SUMMARY) or "" for name in inner.raw}


def _signs(table: Table) -> dict[tuple[str, str], str]:
    """[cards.sign."linkId"] code = "short words"."""
    if not table.has("sign"):
        return {}
    inner = table.table("sign")
    return {
        (link_id, code): words
        for link_id in inner.raw
        for code, words in _words(inner, link_id).items()
    }
