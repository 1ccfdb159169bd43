"""[cards] of pack.toml: what the cards of the hooks say and offer beside the findings."""

from cds.core.pack import Cards, Override
from cds.knowledge.read.rules import read_coding
from cds.knowledge.read.tables import Table

# CDS Hooks: a summary has fewer than 140 characters.
MAX_SUMMARY = 139


def read_cards(main: Table) -> Cards:
    """The words and offers for cards; a pack without the table leaves all of it to our words."""
    if not main.has("cards"):
        return Cards()
    table = main.table("cards")
    cards = Cards(
        facts=table.texts("facts"),
        orders=table.texts("orders"),
        due=_summary(table, "due"),
        due_text=table.optional("due-text"),
        order=_summary(table, "order"),
        order_text=table.optional("order-text"),
        task=table.optional("task"),
        form_label=table.optional("form-label"),
        labs_label=table.optional("labs-label"),
        overrides=tuple(_override(one) for one in table.tables("override", "code")),
        labs=tuple(read_coding(one) for one in table.tables("lab", "code")),
    )
    table.done()
    return cards


def _summary(table: Table, key: str) -> str | None:
    text = table.optional(key)
    if text is not None and len(text) > MAX_SUMMARY:
        problem = f"has {len(text)} characters; at most {MAX_SUMMARY} are shown."
        table.fault(key, problem, "Say the rest in the card's text.")
    return text


def _override(table: Table) -> Override:
    override = Override(table.text("code"), table.text("display"))
    table.done()
    return override
