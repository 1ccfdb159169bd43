"""`completion`: the script that lets a shell complete our commands and options."""

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from cds.commands.lazy import COMPLETE_VARIABLE, PROGRAM

_SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command
@click.argument("shell", type=click.Choice(list(_SHELLS)))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a SHELL.

    For bash: eval "$(cramp-cds completion bash)"
    """
    script = _SHELLS[shell](ctx.find_root().command, {}, PROGRAM, COMPLETE_VARIABLE)
    click.echo(script.source())
