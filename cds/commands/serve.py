"""`serve`: the CDS Hooks service, until it is told to stop."""

from pathlib import Path

import click


@click.command("serve")
@click.option("--host", metavar="ADDRESS", help="Where to listen (127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="The port (8000; 0 takes a free one).")
@click.option("--config", metavar="FILE", help="The site's configuration (TOML).")
@click.option(
    "--demo", is_flag=True, help="No file, no tokens, loopback only, a log that is not kept."
)
@click.option(
    "--now", metavar="INSTANT", help="With --demo: the time at which the clock stands still."
)
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes."
)
@click.option(
    "--packs",
    "packs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="A folder with further packs.",
)
@click.option(
    "--check-config",
    is_flag=True,
    help="Read all that a start would read, say what is wrong, and end.",
)
def command(
    host: str | None,
    port: int | None,
    config: str | None,
    demo: bool,  # noqa: FBT001 (click hands in options by position of their names)
    now: str | None,
    workers: int,
    packs: tuple[Path, ...],
    check_config: bool,  # noqa: FBT001
) -> None:
    """Run the CDS Hooks service.

    Discovery is at /cds-services. Without --config and --demo it listens on loopback and takes
    calls without tokens, which is for trying it out and for nothing else.
    """
    from cds.commands.assess import instant_of
    from cds.web.server import Order, serve_until_told

    if now is not None and not demo:
        raise click.BadParameter(
            "needs --demo: only a demonstration may stand still.", param_hint="--now"
        )
    order = Order(
        config=config,
        host=host,
        port=port,
        demo=demo,
        packs=tuple(str(pack) for pack in packs),
        workers=workers,
        now="" if now is None else instant_of(now).isoformat(),
    )
    if check_config:
        from cds.web.checking import check_site

        for line in check_site(order):
            click.echo(line)
        return
    serve_until_told(order, lambda text: click.echo(text, err=True))
