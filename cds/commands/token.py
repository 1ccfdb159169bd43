"""`token`: why a token is refused, offline; a key pair for a trial."""

import re
import sys
from pathlib import Path

import click

from cds.commands.exits import Exit
from cds.commands.lazy import LazyGroup
from cds.errors import UsageError

NEW_KEY_MODE = 0o600


@click.group("token", cls=LazyGroup)
def command() -> None:
    """Explain a token, or make the keys of a client."""


@command.command("check")
@click.argument("words", nargs=-1, metavar="[FILE]")
@click.option("--config", required=True, metavar="FILE", help="The site's configuration (TOML).")
@click.option(
    "--url", metavar="ADDRESS", help="The address that is called; by default the one in aud."
)
@click.option("--jwks", metavar="FILE", help="The client's JWK Set (or PEM), for the signature.")
def check_token(words: tuple[str, ...], config: str, url: str | None, jwks: str | None) -> int:
    """Say what is wrong with the token in FILE (- is standard input). Nothing leaves this machine.

    Exit code 0: it would be taken, as far as can be told offline; 1: it would be refused.
    """
    from cds.web.explaining import explained

    file = _file(words, config, url, jwks)
    text = (sys.stdin.buffer.read() if file == "-" else _bytes(file)).decode("ascii", "replace")
    found = explained(text.strip(), config, url, _bytes(jwks) if jwks else None)
    for line in found.lines:
        click.echo(line)
    return Exit.OK if found.good else Exit.FINDINGS


@command.command("keys")
@click.option(
    "-o", "--output", default=".", metavar="DIR", type=click.Path(file_okay=False, path_type=Path)
)
@click.option("--alg", type=click.Choice(["ES384", "RS384"]), default="ES384", show_default=True)
@click.option("--kid", default="key-1", show_default=True, help="The name of the key.")
def make_keys(output: Path, alg: str, kid: str) -> int:
    """Make a key pair: DIR/private.pem to sign with, DIR/jwks.json to publish or to pin."""
    from cds import wire
    from cds.flows.output_folder import made
    from cds.web.explaining import new_pair

    private, public = new_pair(alg, kid)
    made(output)
    target = output / "private.pem"
    if target.exists():
        raise UsageError(str(target), "is already there.", "Choose another folder with -o.")
    target.touch(NEW_KEY_MODE)
    target.write_bytes(private)
    (output / "jwks.json").write_bytes(wire.write(public, indent=True) + b"\n")
    click.echo(f"{target}  keep it secret: whoever has it can call as this client", err=True)
    click.echo(
        f"{output / 'jwks.json'}  public: jwks_file of [[client]], or behind jwks_url", err=True
    )
    return Exit.OK


def _file(words: tuple[str, ...], *options: str | None) -> str:
    """The file that is named; a token in its place is refused, and no message repeats it."""
    if any(looks_like_token(one) for one in (*words, *options) if one is not None):
        hint = "Give it on standard input, so that it stays out of the history of the shell."
        raise UsageError("FILE", "is a token, not the name of a file.", hint)
    if len(words) > 1:
        raise UsageError("FILE", "is named more than once.", "Give one file, or -.")
    return words[0] if words else "-"


def looks_like_token(text: str) -> bool:
    """Whether this is a JWT, also after `Bearer`: its first part is a JSON object in base64url."""
    import base64

    first, point, _ = text.rpartition(" ")[2].partition(".")
    if not point or not re.fullmatch(r"[\w-]{4,}", first, re.ASCII):
        return False
    opened = base64.urlsafe_b64decode(first[: len(first) // 4 * 4])
    return re.match(rb'\{\s*"', opened) is not None


def _bytes(name: str) -> bytes:
    from cds.commands.inputs import read_bytes

    return read_bytes(name, max_bytes=1_000_000)
