"""`pack publish`: the knowledge as a FHIR package, and as a page for a clinical reviewer."""

from pathlib import Path

import click

from cds.commands import completions
from cds.commands.assess import PACKS
from cds.commands.exits import Exit
from cds.errors import CdsError


@click.command("publish")
@click.argument("pack", shell_complete=completions.packs)
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder to write to; made if it is not there.",
)
@click.option("--page", is_flag=True, help="Also write index.html: the pack for a reviewer.")
@click.option("--proofs", is_flag=True, help="Prove first and show the result on the page.")
@PACKS
def command(pack: str, output: Path, page: bool, proofs: bool, packs: tuple[Path, ...]) -> int:  # noqa: FBT001 - click hands in options by name
    """Write PACK to DIR: package.tgz, and each resource, example and view as a file of its own.

    The same pack gives the same bytes. PACK is the id of an installed pack or a folder.
    """
    from cds.flows.packs.publish import cases_of, publish_pack
    from cds.flows.packs.publishing.archive import file_json, file_name
    from cds.knowledge.read.pack import find_pack, folder_of

    found, folder = find_pack(pack, packs), folder_of(pack, packs)
    published = publish_pack(found, folder)
    try:
        _write(output, {"package.tgz": published.package()})
        for folder_name, one in (
            *(("resources", resource) for resource in published.resources),
            *(("examples", example) for _, example in published.examples),
            ("views", published.view),
        ):
            _write(output / folder_name, {file_name(one): file_json(one)})
        if page:
            from cds.flows.packs.page import reviewed_page

            html = reviewed_page(found, cases_of(found, folder), folder, prove=proofs)
            _write(output, {"index.html": html.encode()})
    except OSError as error:
        raise CdsError(str(output), f"cannot be written: {error.strerror}.") from error
    click.echo(
        f"{found.id} {found.version}: {len(published.resources)} resources,"
        f" {len(published.examples)} examples in {output}",
        err=True,
    )
    return Exit.OK


def _write(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
