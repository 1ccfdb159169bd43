"""rules.toml read: rules, causes, advice, complications, in the values of `core`."""

from cds.core.conditions import Condition
from cds.core.model import Cause, Level, Remark, Rule, Switch, VerifiedCode
from cds.core.pack import Advice, Complication
from cds.knowledge.read.grammar import Vocabulary, read_condition
from cds.knowledge.read.tables import Faults, Table, nearest

BASES = ("seed", "external", "engineering")


def read_level(table: Table, rank: int) -> Level:
    """One level; `rank` grows with urgency."""
    level = Level(
        code=table.text("code"),
        display=table.text("display"),
        rank=rank,
        word=table.text("word"),
        symbol=table.text("symbol"),
        colour=table.text("colour"),
        indicator=table.text("indicator"),
        priority=table.optional("priority"),
        category=table.optional("category"),
        alert=table.flag("alert"),
        reassures=table.flag("reassures"),
        action=table.text("action"),
    )
    if level.indicator not in {"critical", "warning", "info"}:
        table.fault("indicator", "must be critical, warning or info.")
    if level.priority not in {None, "routine", "urgent", "asap", "stat"}:
        table.fault("priority", "must be routine, urgent, asap or stat.")
    if level.alert and not (level.priority and level.category):
        table.fault("alert", "an alerting level needs a priority and a category.")
    basis_of(table)
    table.texts("sources")
    table.optional("reading")
    table.done()
    return level


def read_rule(table: Table, words: Vocabulary, faults: Faults) -> Rule:
    """One rule."""
    return Rule(
        id=table.text("id"),
        finding=table.text("finding"),
        title=table.text("title"),
        level=table.text("level"),
        basis=basis_of(table),
        sources=table.texts("sources"),
        when=read_when(table, words, faults),
        reading=table.text("reading", ""),
        action=table.text("action", ""),
        derived=table.flag("derived", default=False),
        group=table.optional("group"),
        advice=table.texts("advice"),
        outcome=_codings(table, "outcome"),
        remark=_remark(table),
        switch=_switch(table),
    )


def read_cause(table: Table, words: Vocabulary, faults: Faults) -> Cause:
    """One cause with the findings that support it."""
    supported = table.raw.get("supported-by")
    table.has("supported-by")
    if not isinstance(supported, list) or not supported:
        table.fault("supported-by", "must be a list with at least one condition.")
        supported = []
    return Cause(
        id=table.text("id"),
        display=table.text("display"),
        basis=basis_of(table),
        sources=table.texts("sources"),
        supported_by=tuple(
            read_condition(raw, f"{table.where}: supported-by[{number}]", words, faults)
            for number, raw in enumerate(supported)
        ),
        reading=table.text("reading", ""),
        codings=_codings(table, "codings"),
    )


def read_advice(table: Table, words: Vocabulary, faults: Faults) -> Advice:
    """One piece of advice."""
    return Advice(
        id=table.text("id"),
        text=table.text("text"),
        basis=basis_of(table),
        sources=table.texts("sources"),
        levels=table.texts("levels", None),
        contradicts=table.texts("contradicts"),
        yields_to=table.texts("yields-to"),
        when=read_when(table, words, faults) if table.has("when") else None,
        reading=table.text("reading", ""),
    )


def read_complication(table: Table) -> Complication:
    """One complication that the source names."""
    return Complication(
        table.text("id"), table.text("display"), table.texts("sources"), _codings(table, "codings")
    )


def basis_of(table: Table) -> str:
    """seed, external or engineering; anything else is a fault."""
    basis = table.text("basis")
    if basis and basis not in BASES:
        table.fault("basis", f"{basis!r} is not a basis.", nearest(basis, BASES))
    return basis


def read_coding(table: Table) -> VerifiedCode:
    """A coding with all three of its parts."""
    return VerifiedCode(table.text("system"), table.text("code"), table.text("display"))


def read_when(table: Table, words: Vocabulary, faults: Faults, *, of: str = "A rule") -> Condition:
    """The condition of a rule, or of what has one like it."""
    if not table.has("when"):
        table.fault("when", "is missing.", f"{of} needs a condition.")
    return read_condition(table.raw.get("when", {"any": []}), f"{table.where}: when", words, faults)


def _codings(table: Table, key: str) -> tuple[VerifiedCode, ...]:
    return tuple(read_coding(one) for one in table.each(key, "code"))


def _remark(table: Table) -> Remark | None:
    if not table.has("note"):
        return None
    inner = table.table("note")
    remark = Remark(inner.text("code"), inner.text("text"))
    inner.done()
    return remark


def _switch(table: Table) -> Switch | None:
    if not table.has("option"):
        return None
    inner = table.table("option")
    switch = Switch(
        name=inner.text("name"),
        value=inner.flag("value"),
        level=inner.optional("level"),
        off=inner.flag("off", default=False),
        floor=inner.optional("floor"),
    )
    if switch.off == (switch.level is not None):
        inner.fault("level", "an option either gives another level, or switches the rule off.")
    inner.done()
    return switch
