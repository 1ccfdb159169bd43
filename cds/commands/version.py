"""`version`: what is installed here, for a bug report or an audit."""

from pathlib import Path
from typing import Any

import click

from cds.commands.assess import PACKS


@click.command("version")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@PACKS
def command(form: str, packs: tuple[Path, ...]) -> None:
    """Print what is installed: the software, Python, and each pack with its version and hash."""
    found = _installed(packs)
    if form == "json":
        from cds import wire

        click.echo(wire.write(found).decode())
        return
    click.echo(f"cramp-cds {found['version']}")
    click.echo(f"Python {found['python']} ({found['implementation']}), {found['platform']}")
    for pack in found["packs"]:
        click.echo(f"pack {pack['id']} {pack['version']} {pack['hash']}")


def _installed(packs: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Software, Python and packs.

    Raises:
        PackError: a pack has faults.
    """
    import platform

    from cds.knowledge.read.installed import every_pack
    from cds.version import VERSION

    found = every_pack(packs)
    return {
        "version": VERSION,
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packs": [{"id": one.id, "version": one.version, "hash": one.hash} for one in found],
    }
