"""`call`: act as an EHR, send a hook to a running service, draw the cards that it answers with."""

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from cds import wire
from cds.commands import completions
from cds.commands.assess import PACKS
from cds.commands.exits import Exit
from cds.commands.output import colour_option, text_width, visible, wants_colour
from cds.commands.sample import LIST, SCENARIO
from cds.commands.scenarios import list_scenarios, pack_with_scenarios
from cds.core.pack import Pack
from cds.errors import CdsError, Unreadable
from cds.flows.assess import Assessor
from cds.flows.synthetic.hook_samples import SAMPLED_HOOKS, hook_request, moved
from cds.flows.synthetic.samples import Scenario, samples

OK = 200
FIRST_SERVER_ERROR = 500
_SYMBOLS = {"critical": ("!!", "red"), "warning": ("!", "yellow"), "info": ("i", "cyan")}


@click.command("call")
@click.argument("name", metavar="PACK", shell_complete=completions.packs)
@click.option(
    "--hook", type=click.Choice(SAMPLED_HOOKS), default=SAMPLED_HOOKS[0], show_default=True
)
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="The service.")
@SCENARIO
@LIST
@click.option(
    "--prefetch",
    "given",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The prefetch to send: an object of keys, or a whole request body.",
)
@click.option("--drop", multiple=True, metavar="KEY", help="Leave a prefetch key out.")
@click.option("--null", multiple=True, metavar="KEY", help="Send a prefetch key as null.")
@click.option("--failed", multiple=True, metavar="KEY", help="Send a key as a failed query.")
@click.option(
    "--key",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Sign with this private key (PEM).",
)
@click.option(
    "--iss", default="https://ehr.example.org", show_default=True, help="Issuer, with --key."
)
@click.option("--kid", default="key-1", show_default=True, help="Id of the key, with --key.")
@click.option("--tenant", default="", help="Tenant, with --key.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@PACKS
@colour_option
def command(
    name: str,
    hook: str,
    url: str,
    scenario: str | None,
    listing: bool,  # noqa: FBT001 - click hands in options by name
    given: Path | None,
    drop: tuple[str, ...],
    null: tuple[str, ...],
    failed: tuple[str, ...],
    key: Path | None,
    iss: str,
    kid: str,
    tenant: str,
    form: str,
    packs: tuple[Path, ...],
    color: str,
) -> int:
    """Send HOOK for a sample patient of PACK to a service, and draw its cards.

    Exit 1 when the service refuses, 3 when none answers.
    """
    from cds.commands.caller import Signer, altered, send_call

    if listing:
        list_scenarios(pack_with_scenarios(name, packs)[1])
        return Exit.OK
    pack, body = _body(name, hook, scenario, given, packs)
    signer = Signer(key, iss, kid, tenant) if key else None
    address = f"{url.rstrip('/')}/cds-services/{pack.id}-{hook}"
    status, answer = send_call(address, altered(body, drop, null, failed), signer)
    if form == "json":
        click.echo(wire.write(answer, indent=True))
    elif status == OK and answer is not None:
        _draw(answer.get("cards", []), colour=wants_colour(color))
    else:
        _refused(status, answer)
    if status >= FIRST_SERVER_ERROR:
        return Exit.UNREADABLE
    return Exit.OK if status == OK else Exit.FINDINGS


def _body(
    name: str, hook: str, scenario: str | None, given: Path | None, packs: tuple[Path, ...]
) -> tuple[Pack, dict[str, Any]]:
    pack, scenarios = pack_with_scenarios(name, packs)
    instance = str(uuid.uuid4())
    chosen = scenario or _alarming(pack, scenarios)
    sample = next(samples(scenarios, pack, chosen, 1, 0))
    by = datetime.now(UTC).replace(microsecond=0) - sample.now
    patient = sample.response["subject"]["reference"].partition("/")[2]
    resources = [moved(one, by) for one in (sample.patient, sample.response, *sample.record)]
    body = hook_request(pack, hook, resources, patient=patient, instance=instance)
    return pack, _with(body, given, instance) if given else body


def _alarming(pack: Pack, scenarios: dict[str, Scenario]) -> str:
    """Without a choice: the scenario of the highest level, which one wants to see drawn."""
    assessor = Assessor([pack])
    ranks = {
        name: assessor.assess(one.response, now=one.now, record=list(one.record)).level.rank
        for name in scenarios
        if scenarios[name].valid
        for one in samples(scenarios, pack, name, 1, 0)
    }
    return max(ranks, key=ranks.__getitem__)


def _with(body: dict[str, Any], given: Path, instance: str) -> dict[str, Any]:
    try:
        value = wire.read(given.read_bytes(), where=str(given))
    except OSError as error:
        raise CdsError(str(given), f"cannot be opened: {error.strerror}.") from error
    if not isinstance(value, dict):
        raise Unreadable(
            str(given), "is not a JSON object.", "Give prefetch keys, or a request body."
        )
    if "prefetch" in value and "context" in value:
        return {**value, "hookInstance": instance}
    return {**body, "prefetch": value}


def _draw(cards: list[dict[str, Any]], *, colour: bool) -> None:
    """The cards as an EHR would show them: a box each."""
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.panel import Panel

    from cds.web.cards.markdown import escaped

    console = Console(
        force_terminal=colour, no_color=not colour, width=text_width(), highlight=False, emoji=False
    )
    if not cards:
        console.print("No card: the assessment finished and found nothing to say.", markup=False)
    for card in cards:
        symbol, tone = _SYMBOLS.get(card["indicator"], ("?", "white"))
        lines = [f"**{escaped(card['summary'])}**\n\n{card.get('detail', '')}"]
        lines += [f"- [ ] {visible(one['label'])}" for one in card.get("suggestions", [])]
        lines += [f"- link: {visible(one['label'])}" for one in card.get("links", [])]
        detail = "\n\n".join(lines[:1]) + "\n\n" + "\n".join(lines[1:])
        console.print(
            Panel(
                Markdown(detail, hyperlinks=False),
                title=f"{symbol} {card['indicator'].upper()}",
                title_align="left",
                subtitle=visible(card["source"]["label"]).replace("[", "\\["),
                subtitle_align="right",
                border_style=tone,
            )
        )


def _refused(status: int, answer: dict[str, Any] | None) -> None:
    click.echo(f"Refused: HTTP {status}")
    for issue in (answer or {}).get("issue", []):
        text = visible(str(issue.get("details", {}).get("text", "")))
        click.echo(f"  {visible(str(issue.get('diagnostics', '')))}: {text}")
