"""`explain`: why a decision is what it is, and which answers would change it."""

from collections.abc import Iterator
from pathlib import Path

import click

from cds import wire
from cds.commands import completions
from cds.commands.assess import (
    NOW_OPTION,
    PACKS,
    RECORD_OPTION,
    SITE_CONFIG,
    headed,
    instant_of,
    read_records,
)
from cds.commands.decision import account_of, deviations, fault_lines, headline
from cds.commands.exits import Exit
from cds.commands.inputs import named_files, read_inputs
from cds.commands.layout import Style, wrapped
from cds.commands.output import colour_option, text_width, visible, wants_colour
from cds.commands.own_record import assess_beside
from cds.commands.site import site_of
from cds.core.conditions import Equals, HasFact, IsOpen, Leaf
from cds.core.model import Presence, State
from cds.core.why import Alternative
from cds.errors import UsageError
from cds.flows.explaining.explain import Branch, Explained, Explanation, as_document, explain
from cds.knowledge.read.tables import nearest
from cds.knowledge.shown.words import Words

TRUTHS = {True: "true", False: "false", None: "unknown"}
_MARKS = {True: "+", False: "-", None: "?"}
_COLOURS = {True: "yellow", False: None, None: "magenta"}


@click.command("explain")
@click.argument("file")
@click.option(
    "--rule", "only", metavar="ID", shell_complete=completions.rules, help="One rule only."
)
@RECORD_OPTION
@NOW_OPTION
@SITE_CONFIG
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option("--show-values", is_flag=True, help="Print answer values in text.")
@PACKS
@colour_option
def command(
    file: str,
    only: str | None,
    records: tuple[Path, ...],
    now: str | None,
    config: str | None,
    form: str,
    show_values: bool,  # noqa: FBT001
    packs: tuple[Path, ...],
    color: str,
) -> int:
    """Show every rule of the decision on FILE (- is stdin) with its values and sources.

    The end names the smallest change of answers that would lead to another level.
    """
    site = site_of(config, packs)
    style = Style(wants_colour(color), show_values, text_width())
    record = read_records(records)
    for heading, one in headed(
        read_inputs(named_files((file,)), resource_type="QuestionnaireResponse")
    ):
        if one.fault is not None:
            raise one.fault
        assessed = assess_beside(site.assessor, one, record, now=instant_of(now), where=one.where)
        explanation = explain(site.assessor, assessed)
        if only is not None:
            explanation = _only(explanation, only)
        if form == "json":
            click.echo(wire.write(as_document(explanation)))
        else:
            lines = wrapped([*heading, *_lines_of(explanation, style)], style.width)
            click.echo("\n".join(lines), color=style.colour)
    return Exit.OK


def _only(explanation: Explanation, rule: str) -> Explanation:
    kept = tuple(one for one in explanation.rules if one.rule.id == rule)
    if not kept:
        known = [one.rule.id for one in explanation.rules]
        raise UsageError("--rule", f"there is no rule {rule!r}.", nearest(rule, known))
    return Explanation(explanation.assessed, kept, explanation.higher, explanation.lower)


def _lines_of(explanation: Explanation, style: Style) -> Iterator[str]:
    """The explanation as text: what fired, what would change it, what is open; the rest shortly."""
    assessed = explanation.assessed
    words = Words(assessed.pack)
    yield headline(assessed.level, style)
    yield from deviations(assessed, style)
    yield from fault_lines(assessed, style)
    rules = explanation.rules
    whole = len(rules) == 1
    fired = [rule for rule in rules if rule.state is State.FLAGGED]
    silent = [rule for rule in rules if rule.state is State.OPEN and _waits_for_record(rule.tree)]
    waiting = [rule for rule in rules if rule.state is State.OPEN and rule not in silent]
    out = [rule for rule in rules if rule.state is State.RULED_OUT]
    yield from _rules("Rules that fire", fired, words, style)
    yield from ("", style.paint("What would change the level", bold=True))
    yield from _change("more urgent", explanation.higher, words, style)
    yield from _change("less urgent", explanation.lower, words, style)
    yield from _rules("Rules that wait for an answer", waiting, words, style)
    if assessed.facts.facts:
        yield from ("", style.paint("From the record", bold=True))
        yield from _facts(explanation, words, style)
    account = assessed.account
    if account is not None:
        yield from account_of(account, style, most=len(account.unheard))
    shown = _rules if whole else _titles
    yield from shown("Rules open only because the record does not say", silent, words, style)
    yield from shown("Ruled out by the answers", out, words, style)
    yield ""
    yield from style.hanging("", f"Intended use: {assessed.pack.wording.intended_use}")


def _waits_for_record(tree: Branch) -> bool:
    """Whether no answer could settle it: all that is unknown is a fact of the record."""
    if tree.leaf is not None:
        return tree.truth is not None or isinstance(tree.leaf, HasFact)
    return all(_waits_for_record(part) for part in tree.parts)


def _rules(title: str, rules: list[Explained], words: Words, style: Style) -> Iterator[str]:
    if rules:
        yield from ("", style.paint(title, bold=True))
    for rule in rules:
        yield from _rule(rule, words, style)


def _titles(title: str, rules: list[Explained], words: Words, style: Style) -> Iterator[str]:
    del words  # as `_rules`, in short
    if rules:
        yield from ("", style.paint(f"{title} (--rule ID shows one whole)", bold=True))
    for rule in rules:
        named = f"{rule.rule.title}: {rule.state.value} [{rule.level.code}]"
        yield from style.hanging(f"  {rule.rule.id:<4}", named)


def _rule(one: Explained, words: Words, style: Style) -> Iterator[str]:
    rule = one.rule
    named = style.paint(f"  {rule.id:<4}", bold=True)
    yield from style.hanging(named, f"{rule.title}: {one.state.value} [{one.level.code}]")
    yield from _branch(one.tree, words, style, 3)
    sources = ", ".join(rule.sources) or "our own"
    yield from style.hanging("      source  ", f"{rule.basis}, {sources}")
    if rule.reading:
        yield from style.hanging("      reading ", rule.reading)


def _branch(branch: Branch, words: Words, style: Style, depth: int) -> Iterator[str]:
    indent = "  " * depth
    mark = style.paint(_MARKS[branch.truth], fg=_COLOURS[branch.truth])
    said = branch.what if branch.leaf is None else _leaf(branch.leaf, words)
    yield from style.hanging(f"{indent}{mark} ", f"{said}: {TRUTHS[branch.truth]}")
    for part in branch.parts:
        yield from _branch(part, words, style, depth + 1)


def _leaf(leaf: Leaf, words: Words) -> str:
    """What a part of a rule asks, in the words of the form; whether it holds tells the answer."""
    match leaf:
        case Equals(question, codes):
            named = " or ".join(f"“{words.answer(question, code)}”" for code in codes)
            return f"{words.question(question)} {named} ({question} = {' or '.join(codes)})"
        case IsOpen(question, wanted):
            state = "open" if wanted else "settled"
            return f"{words.question(question)} ({question} is {state})"
        case HasFact(names):
            named = " or ".join(words.facts.get(name, name) for name in names)
            return f"in the record: {named} ({', '.join(names)})"


def _facts(explanation: Explanation, words: Words, style: Style) -> Iterator[str]:
    """What the record says; of what it does not say, only the names."""
    silent = []
    for fact in explanation.assessed.facts.facts.values():
        named = words.facts.get(fact.id, fact.id)
        if fact.presence is Presence.UNKNOWN and not fact.evidence and not fact.reason:
            silent.append(fact.id)
            continue
        shown = f"{named} ({fact.id}): {fact.presence.value}"
        for one in fact.evidence:
            value = f" {one.value} {one.unit or ''}".rstrip() if one.value is not None else ""
            shown += f"; {visible(one.record)}{visible(value) if style.show_values else ''}"
            shown += f" {visible(one.date or 'undated')}"
        if fact.reason and style.show_values:
            shown += f"; {visible(fact.reason)}"
        yield from style.hanging("  ", shown, deeper=4)
    if silent:
        yield from style.hanging("  ", f"The record does not say: {', '.join(silent)}", deeper=4)


def _change(
    direction: str, alternative: Alternative | None, words: Words, style: Style
) -> Iterator[str]:
    if alternative is None:
        yield f"  {direction}: no change of answers would do this"
        return
    yield f"  {direction}, {alternative.level.code}: if these answers were different"
    for link_id, codes in alternative.changes:
        named = " and ".join(f"“{words.answer(link_id, code)}”" for code in codes)
        said = f"{named} ({link_id} = {', '.join(codes)})" if codes else f"left out ({link_id})"
        yield from style.hanging("    ", f"{words.question(link_id)} {said}", deeper=6)
