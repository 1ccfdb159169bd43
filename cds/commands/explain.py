"""`explain`: why a decision is what it is, and which answers would change it."""

from collections.abc import Iterator
from pathlib import Path

import click

from cds import wire
from cds.commands.assess import CONFIG, NOW, PACKS, RECORD, instant_of, read_records
from cds.commands.decision import Style
from cds.commands.exits import Exit
from cds.commands.inputs import read_inputs
from cds.commands.output import colour_option, visible, wants_colour
from cds.commands.site import site_of
from cds.core.why import Alternative
from cds.errors import UsageError
from cds.flows.explain import Branch, Explained, Explanation, as_document, explain
from cds.knowledge.tables import nearest

TRUTHS = {True: "true", False: "false", None: "unknown"}
MARKS = {True: "+", False: "-", None: "?"}
COLOURS = {True: "yellow", False: None, None: "magenta"}


@click.command("explain")
@click.argument("file")
@click.option("--rule", "only", metavar="ID", help="One rule only.")
@RECORD
@NOW
@CONFIG
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option("--show-values", is_flag=True, help="Print answer values in text.")
@PACKS
@colour_option
def command(  # noqa: PLR0913 - one parameter an option
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
    style = Style(wants_colour(color), show_values)
    record = read_records(records)
    for one in read_inputs((file,), resource_type="QuestionnaireResponse"):
        if one.fault is not None:
            raise one.fault
        assessed = site.assessor.assess(
            one.value, now=instant_of(now), record=record, where=one.where
        )
        explanation = explain(site.assessor, assessed)
        if only is not None:
            explanation = _only(explanation, only)
        if form == "json":
            click.echo(wire.write(as_document(explanation)))
        else:
            click.echo("\n".join(lines_of(explanation, style)))
    return Exit.OK


def _only(explanation: Explanation, rule: str) -> Explanation:
    kept = tuple(one for one in explanation.rules if one.rule.id == rule)
    if not kept:
        known = [one.rule.id for one in explanation.rules]
        raise UsageError("--rule", f"there is no rule {rule!r}.", nearest(rule, known))
    return Explanation(explanation.assessed, kept, explanation.higher, explanation.lower)


def lines_of(explanation: Explanation, style: Style) -> Iterator[str]:
    """The explanation as text."""
    assessed = explanation.assessed
    level = assessed.level
    yield style.paint(f"{level.symbol} {level.word}: {level.display}", bold=True)
    for one in explanation.rules:
        yield ""
        yield from _rule(one, style)
    if assessed.facts.facts:
        yield ""
        yield style.paint("From the record", bold=True)
        yield from _facts(explanation, style)
    yield ""
    yield style.paint("What would change the level", bold=True)
    yield from _change("more urgent", explanation.higher)
    yield from _change("less urgent", explanation.lower)
    yield f"Intended use: {assessed.pack.wording.intended_use}"


def _rule(one: Explained, style: Style) -> Iterator[str]:
    rule = one.rule
    yield style.paint(f"{rule.id} {rule.title}: {one.state.value} [{one.level.code}]", bold=True)
    yield from _branch(one.tree, style, 1)
    sources = ", ".join(rule.sources) or "our own"
    yield f"    {rule.basis}, {sources}. {rule.reading}"


def _branch(branch: Branch, style: Style, depth: int) -> Iterator[str]:
    mark = style.paint(MARKS[branch.truth], fg=COLOURS[branch.truth])
    # Whether a leaf holds tells the answer, which is shown only where values are asked for.
    yield f"{'  ' * depth}{mark} {branch.what}: {TRUTHS[branch.truth]}"
    for part in branch.parts:
        yield from _branch(part, style, depth + 1)


def _facts(explanation: Explanation, style: Style) -> Iterator[str]:
    for fact in explanation.assessed.facts.facts.values():
        shown = f"  {fact.id}: {fact.presence.value}"
        for one in fact.evidence:
            value = (
                f" {one.value} {one.unit or ''}".rstrip() if style.show_values and one.value else ""
            )
            shown += f"; {visible(one.record)}{visible(value)} {visible(one.date or 'undated')}"
        yield shown + (f" ({visible(fact.reason)})" if fact.reason else "")


def _change(direction: str, alternative: Alternative | None) -> Iterator[str]:
    if alternative is None:
        yield f"  {direction}: no change of answers leads there"
        return
    steps = " and ".join(
        f"{link_id} were {', '.join(codes) or 'open'}" for link_id, codes in alternative.changes
    )
    yield f"  {direction}, {alternative.level.code}: if {steps}"
