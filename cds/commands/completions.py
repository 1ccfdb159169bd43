"""What a shell offers for the words of a command line: packs, forms, scenarios, rules.

Only a shell that asks loads any of it, and a pack with faults offers nothing.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Complete = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]


def packs(
    context: click.Context,
    parameter: click.Parameter,  # noqa: ARG001 - click hands it in
    incomplete: str,
) -> "list[CompletionItem]":
    """The ids of the packs that are installed, and those in --packs."""
    from cds.knowledge.read.pack import pack_folders

    return _items(((name, "") for name in pack_folders(_extra(context))), incomplete)


def scenarios(
    context: click.Context,
    parameter: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> "list[CompletionItem]":
    """The scenarios of the pack that the command line names, or of the first that has any."""
    from cds.commands.scenarios import pack_with_scenarios
    from cds.errors import CdsError

    named = context.params.get("name")
    try:
        _, found = pack_with_scenarios(named if isinstance(named, str) else None, _extra(context))
    except CdsError:
        return []
    return _items(((one.name, one.title) for one in found.values()), incomplete)


def rules(
    context: click.Context,
    parameter: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> "list[CompletionItem]":
    """The ids of the rules of a pack: the one that the command line names, else of all."""
    from cds.errors import CdsError
    from cds.knowledge.read.pack import find_pack, pack_folders

    extra = _extra(context)
    named = context.params.get("pack")
    found: list[tuple[str, str]] = []
    for name in [named] if isinstance(named, str) else sorted(pack_folders(extra)):
        try:
            found += ((rule.id, rule.title) for rule in find_pack(name, extra).rules.rules)
        except CdsError:
            continue
    return _items(found, incomplete)


def issue_rules(
    context: click.Context,  # noqa: ARG001
    parameter: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> "list[CompletionItem]":
    """The rules of `validate`."""
    from cds.forms.checks.rules import RULES

    return _items(((name, rule.title) for name, rule in RULES.items()), incomplete)


def _extra(context: click.Context) -> tuple[Path, ...]:
    given = context.params.get("packs")
    return tuple(Path(one) for one in given) if isinstance(given, tuple | list) else ()


def _items(found: Iterable[tuple[str, str]], incomplete: str) -> "list[CompletionItem]":
    from click.shell_completion import CompletionItem

    return [CompletionItem(name, help=text) for name, text in found if name.startswith(incomplete)]
