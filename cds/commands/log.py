"""`log verify|export|head`: what an auditor asks of the decision log; `migrate|erase`."""

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cds.commands.exits import Exit
from cds.commands.lazy import LazyGroup
from cds.commands.progress import LateBar
from cds.errors import CdsError

if TYPE_CHECKING:
    from cds.store.decisions import DecisionLog

_PATIENCE_S = 60.0  # counting the rates of a log of years takes longer than an answer may
_FILE = click.Path(dir_okay=False, path_type=Path)
LOG_CONFIG = click.option("--config", metavar="FILE", help="The site's configuration (TOML).")


@contextmanager
def opened_log(config: str | None, *, create: bool = False) -> Iterator["DecisionLog"]:
    """The decision log of a configuration.

    Raises:
        UsageError: the configuration is faulty, or names no database.
        StoreError: the log cannot be read or written.
    """
    from cds.store.decisions import DecisionLog
    from cds.web.config import load

    url = load(config, os.environ).store.url
    with DecisionLog(url, create=create, timeout_s=_PATIENCE_S) as log:
        yield log


@click.group("log", cls=LazyGroup)
def command() -> None:
    """The decision log: verify, export and sign it."""


@command.command("verify")
@LOG_CONFIG
@click.option("--head", "heads", type=_FILE, multiple=True, help="A signed head kept elsewhere.")
@click.option("--public-key", type=_FILE, help="The Ed25519 public key (PEM) of the heads.")
@click.option("--resume", type=_FILE, help="Keep here how far it came, and go on from there.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def verify_log(
    config: str | None,
    heads: tuple[Path, ...],
    public_key: Path | None,
    resume: Path | None,
    form: str,
) -> int:
    """Walk the whole chain; exit 1 and name the first broken entry, if there is one.

    A log whose end was cut off is whole in itself: only a signed head (--head) finds that.
    """
    from cds.store.chain import canonical
    from cds.store.model import Broken
    from cds.store.progress_file import keep, reached_in
    from cds.store.verify import Reached
    from cds.store.verify import verify as walk

    if bool(heads) != (public_key is not None):
        message = "--head and --public-key belong together."
        raise click.UsageError(message)
    bar = LateBar(
        lambda rich: (
            rich.BarColumn(),
            rich.TextColumn("{task.completed:,.0f} of {task.total:,.0f} entries"),
            rich.TimeRemainingColumn(),
        )
    )
    with opened_log(config) as log, closing(bar):
        total = log.head().sequence

        def told(reached: Reached) -> None:
            bar.show("entries", reached.head.sequence, total)
            if resume is not None:
                keep(resume, reached)

        before = Reached() if resume is None else reached_in(resume)
        found = walk(log, _signed(heads, public_key), reached=before, told=told)
    if isinstance(found, Broken):
        facts: dict[str, Any] = {"whole": False, "broken": found.sequence, "why": found.why}
        line = f"BROKEN: entry {found.sequence} {found.why}"
    else:
        facts = {
            "whole": True,
            "entries": found.head.sequence,
            "erased": found.erased,
            "head": f"sha256:{found.head.hash}",
        }
        line = f"WHOLE: {found.head.sequence} entries, {found.erased} erased, head {facts['head']}"
    click.echo(canonical(facts) if form == "json" else line)
    return Exit.FINDINGS if isinstance(found, Broken) else Exit.OK


@command.command("export")
@LOG_CONFIG
@click.option(
    "--format",
    "form",
    type=click.Choice(["ndjson", "fhir"]),
    default="ndjson",
    help="ndjson: what is hashed, and the hash. fhir: R4 AuditEvents.",
)
@click.option("--show-values", is_flag=True, help="With the patient content (ndjson only).")
def export_entries(config: str | None, form: str, *, show_values: bool) -> None:
    """Print every entry, one per line, oldest first."""
    from cds.store.export import audit_events, ndjson

    if show_values and form == "fhir":
        message = "--show-values is for --format ndjson: an AuditEvent carries no answers."
        raise click.UsageError(message)
    with opened_log(config) as log:
        lines = audit_events(log) if form == "fhir" else ndjson(log, content=show_values)
        for line in lines:
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()


@command.command("head")
@LOG_CONFIG
@click.option("--key", type=_FILE, help="An Ed25519 private key (PEM) to sign the head with.")
def print_head(config: str | None, key: Path | None) -> None:
    """Print the last entry's hash as a line of JSON, signed with --key; keep it elsewhere."""
    from cds.store.chain import canonical
    from cds.store.heads import private_key, sign, statement

    now = datetime.now(UTC)
    with opened_log(config) as log:
        if key is None:
            line = canonical(statement(log.head(), now)).encode() + b"\n"
        else:
            line = sign(log.head(), now, private_key(key))
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()


@command.command("migrate")
@LOG_CONFIG
def migrate_log(config: str | None) -> None:
    """Make the tables, or bring them to this version; as the owner of the database."""
    with opened_log(config, create=True) as log:
        click.echo(f"Ready: {log.head().sequence} entries.", err=True)


@command.command("erase")
@LOG_CONFIG
@click.option("--sequence", "sequences", type=click.IntRange(1), multiple=True)
@click.option("--subject", help="Everything of one subject, named as the service names it.")
@click.option(
    "--why",
    required=True,
    help="Reason for the erasure (stored permanently; do not include patient data).",
)
def erase_entries(
    config: str | None, sequences: tuple[int, ...], subject: str | None, why: str
) -> None:
    """Erase the patient content of entries for good; the chain stays whole and says so."""
    if not sequences and subject is None:
        message = "Name what to erase: --sequence or --subject."
        raise click.UsageError(message)
    with opened_log(config) as log:
        for sequence in log.erase(datetime.now(UTC), why, sequences=sequences, subject=subject):
            click.echo(sequence)


def _signed(files: tuple[Path, ...], public: Path | None) -> dict[int, str]:
    from cds.store.heads import public_key, read_signed

    if public is None:
        return {}
    key = public_key(public)
    heads: dict[int, str] = {}
    for file in files:
        try:
            lines = file.read_bytes().splitlines()
        except OSError as error:
            raise CdsError(str(file), f"cannot be read ({error.strerror}).") from None
        for number, line in enumerate(lines, start=1):
            signed = read_signed(line, key, f"{file}:{number}")
            # Two heads that disagree on one entry: either will do, the chain fails one of them.
            heads.setdefault(signed.sequence, signed.hash)
    return heads
