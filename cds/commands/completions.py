"""What a shell offers for the words of a command line: packs, forms, scenarios, rules.

Only a shell that asks loads any of it, and a pack with faults offers nothing.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cds.commands.lazy import completing

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_Offered = Iterable[tuple[str, str]]  # each with its help


def _offering(
    words: Callable[[click.Context], _Offered],
) -> "Callable[[click.Context, click.Parameter, str], list[CompletionItem]]":
    """What click asks for the rest of a word."""

    @wraps(words)
    def offered(
        context: click.Context, _: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        return completing(words(context), incomplete)

    return offered


@_offering
def packs(context: click.Context) -> _Offered:
    """The ids of the packs that are installed, and those in --packs."""
    from cds.knowledge.read.pack import pack_folders

    return ((name, "") for name in pack_folders(_extra(context)))


@_offering
def scenarios(context: click.Context) -> _Offered:
    """The scenarios of the pack that the command line names, or of the first that has any."""
    from cds.commands.scenarios import pack_with_scenarios
    from cds.errors import CdsError

    named = context.params.get("name")
    try:
        _, found = pack_with_scenarios(named if isinstance(named, str) else None, _extra(context))
    except CdsError:
        return ()
    return ((one.name, one.title) for one in found.values())


@_offering
def rules(context: click.Context) -> _Offered:
    """The ids of the rules of a pack: the one that the command line names, else of all."""
    from cds.errors import CdsError
    from cds.knowledge.read.pack import find_pack, pack_folders

    extra = _extra(context)
    named = context.params.get("pack")
    for name in [named] if isinstance(named, str) else sorted(pack_folders(extra)):
        with suppress(CdsError):
            yield from ((rule.id, rule.title) for rule in find_pack(name, extra).rules.rules)


@_offering
def issue_rules(_: click.Context) -> _Offered:
    """The rules of `validate`."""
    from cds.forms.checks.rules import RULES

    return ((name, rule.title) for name, rule in RULES.items())


def _extra(context: click.Context) -> tuple[Path, ...]:
    given = context.params.get("packs")
    return tuple(Path(one) for one in given) if isinstance(given, tuple | list) else ()
