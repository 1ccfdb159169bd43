"""`completion`: the script that lets a shell complete our commands and options."""

import click
from click.shell_completion import get_completion_class

_VARIABLE = "_CRAMP_CDS_COMPLETE"


@click.command
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a SHELL.

    For bash: eval "$(cramp-cds completion bash)"
    """
    script = get_completion_class(shell)
    if script is None:  # pragma: no cover - the choice above lists what click has
        message = f"There is no completion for {shell}."
        raise click.UsageError(message)
    program = "cramp-cds"
    click.echo(script(ctx.find_root().command, {}, program, _VARIABLE).source())
