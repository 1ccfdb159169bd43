"""`pack watch`: check a pack again whenever one of its files is saved."""

import time
from pathlib import Path

import click

from cds.commands import completions
from cds.commands.assess import PACKS
from cds.commands.exits import Exit

_PAUSE_S = 0.3
WATCHED = (".toml", ".json")


@click.command("watch")
@click.argument("pack", shell_complete=completions.packs)
@click.option(
    "--page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also draw the pack's page anew there, as `pack publish --page` does.",
)
@click.option("--once", is_flag=True, help="Check once and stop: for a script.")
@PACKS
def command(pack: str, page: Path | None, once: bool, packs: tuple[Path, ...]) -> int:  # noqa: FBT001 - click hands in options by name
    """Check PACK, and again on every save, until Ctrl-C."""
    from cds.knowledge.read.pack import folder_of

    folder = folder_of(pack, packs)
    before: tuple[tuple[str, int, int], ...] = ()
    faults = False
    while True:
        now = _state_of(folder)
        if now != before:
            before = now
            faults = _look(folder, page)
        if once:
            return Exit.FINDINGS if faults else Exit.OK
        time.sleep(_PAUSE_S)


def _state_of(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of every file that an author edits."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix in WATCHED:
            try:
                there = path.stat()
            except OSError:  # it is being replaced just now
                continue
            found.append((str(path), there.st_mtime_ns, there.st_size))
    return tuple(found)


def _look(folder: Path, page: Path | None) -> bool:
    """Check once, and say what was found; whether there are faults."""
    from cds.commands.pack import tell
    from cds.flows.packs.check import check_pack

    checked = check_pack(folder)
    tell(f"{time.strftime('%H:%M:%S')} {folder.name}", checked)
    if page is not None and checked.pack is not None:
        from cds.commands.output import write_result
        from cds.flows.packs.page import reviewed_page
        from cds.flows.packs.publish import cases_of

        html = reviewed_page(checked.pack, cases_of(checked.pack, folder), folder)
        write_result(str(page), html.encode())
    return bool(checked.faults)
