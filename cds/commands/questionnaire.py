"""`questionnaire`: what forms are installed, and one of them as text or FHIR JSON."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cds import wire
from cds.commands.assess import PACKS
from cds.commands.exits import Exit
from cds.commands.layout import wrapped
from cds.commands.lazy import LazyGroup
from cds.commands.output import text_width
from cds.core.pack import Form
from cds.errors import UsageError
from cds.knowledge.read.installed import every_pack
from cds.knowledge.read.tables import nearest

FORMAT = click.option(
    "--format", "kind", type=click.Choice(["text", "fhir"]), default="text", show_default=True
)


@click.group("questionnaire", cls=LazyGroup)
def command() -> None:
    """List or show the questionnaires of the installed packs."""


@command.command("list")
@FORMAT
@PACKS
def list_(kind: str, packs: tuple[Path, ...]) -> int:
    """List the forms: id, version, canonical, title."""
    forms = _forms_of(packs)
    if kind == "fhir":
        entries = [{"fullUrl": form.url, "resource": form.raw} for form in forms]
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
        click.echo(wire.write(bundle))
        return Exit.OK
    width = max((len(form.id) for form in forms), default=0)
    for form in forms:
        click.echo(f"{form.id:<{width}}  {form.version}  {form.url}  {form.title}")
    return Exit.OK


@command.command("show")
@click.argument("identifier", metavar="ID")
@FORMAT
@PACKS
def show_form(identifier: str, kind: str, packs: tuple[Path, ...]) -> int:
    """Show the form ID (its id or canonical)."""
    forms = _forms_of(packs)
    found = next(
        (form for form in forms if identifier in {form.id, form.url, f"{form.url}|{form.version}"}),
        None,
    )
    if found is None:
        hint = nearest(identifier, [form.id for form in forms])
        raise UsageError("questionnaire", f"there is no form {identifier!r}.", hint)
    if kind == "fhir":
        click.echo(wire.write(found.raw, indent=True))
    else:
        click.echo("\n".join(wrapped(_lines(found), text_width())))
    return Exit.OK


def _forms_of(packs: tuple[Path, ...]) -> list[Form]:
    """Every form of every installed pack."""
    return [form for pack in every_pack(packs) for form in pack.forms]


def _lines(form: Form) -> Iterator[str]:
    yield f"{form.title} ({form.url}|{form.version})"
    yield from _items(form.raw.get("item", []), 0)


def _items(items: list[dict[str, Any]], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for item in items:
        marks = [
            word
            for word, holds in (
                ("required", item.get("required")),
                ("several answers", item.get("repeats") and item.get("type") != "group"),
                ("or free text", item.get("type") == "open-choice"),
            )
            if holds
        ]
        told = f" ({', '.join(marks)})" if marks else ""
        named = ": ".join(filter(None, (item.get("linkId"), item.get("text"))))
        yield f"{indent}{named}{told}"
        if item.get("enableWhen"):
            joined = f" {'and' if item.get('enableBehavior') == 'all' else 'or'} ".join(
                f"{one.get('question')} {one.get('operator')} {_value(one)}"
                for one in item["enableWhen"]
            )
            yield f"{indent}    asked if {joined}"
        for option in item.get("answerOption", []):
            coding = option.get("valueCoding", {})
            yield f"{indent}    [{coding.get('code', '')}] {coding.get('display', '')}"
        yield from _items(item.get("item", []), depth + 1)


def _value(condition: dict[str, Any]) -> str:
    for key, value in condition.items():
        if key.startswith("answer"):
            return str(value.get("code", value)) if isinstance(value, dict) else str(value)
    return ""
