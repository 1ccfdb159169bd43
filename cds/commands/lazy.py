"""A command group that knows its commands by name and loads one only when it is called.

`--help` and completion answer from the table alone: loading every command would cost half a second
and the libraries of all of them.
"""

import gc
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

PROGRAM = "cramp-cds"
_WHOLE = 1000  # a summary is never cut: it may name a command, and click would cut it
COMPLETE_VARIABLE = (
    "_CRAMP_CDS_COMPLETE"  # click derives it from the name; the shell sets it to ask
)


class LazyGroup(click.Group):
    """A group whose `table` maps a command's name to its place ("module:attribute") and help."""

    def __init__(
        self, *args: object, table: Mapping[str, tuple[str, str]] | None = None, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # click checks
        self.table = dict(table or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table: as one works, not as one spells."""
        return [*self.table, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, loaded now; None if there is none of this name."""
        if cmd_name not in self.table:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self.table[cmd_name][0].partition(":")
        command: click.Command = getattr(_loaded(module), attribute)
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click hands it in
        formatter: click.HelpFormatter,
    ) -> None:
        """Print name and help from the table, without loading anything."""
        rows = list(self._summaries())
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def _summaries(self) -> Iterator[tuple[str, str]]:
        yield from ((name, summary) for name, (_, summary) in self.table.items())
        for name, command in self.commands.items():
            yield name, command.get_short_help_str(_WHOLE)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Complete a command's name from the table and the group, then the options."""
        return [
            *completing(self._summaries(), incomplete),
            *click.Command.shell_complete(self, ctx, incomplete),
        ]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of a call; a misspelt name gets the nearest right one."""
        name = args[0]
        if name not in self.table and name not in self.commands and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, self.list_commands(ctx), 1)
            hint = f" Did you mean {near[0]!r}?" if near else " `--help` lists the commands."
            ctx.fail(f"there is no command {name!r}.{hint}")
        return super().resolve_command(ctx, args)


def completing(words: Iterable[tuple[str, str]], incomplete: str) -> "list[CompletionItem]":
    """The words, each with its help, that begin as what is typed."""
    from click.shell_completion import CompletionItem  # only where a shell asks

    return [CompletionItem(name, help=text) for name, text in words if name.startswith(incomplete)]


def _loaded(name: str) -> ModuleType:
    """The module; while it loads, no garbage is looked for (see `__main__`)."""
    if name in sys.modules:
        return sys.modules[name]
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()
