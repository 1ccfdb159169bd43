"""`feedback`: whose cards are accepted and whose overridden, so that a site sees fatigue."""

import json
from typing import TYPE_CHECKING, Any

import click

from cds.commands.log import LOG_CONFIG, opened_log

if TYPE_CHECKING:
    from cds.store.model import Rate, Rates

HEADINGS = ("rule", "shown", "accepted", "overridden", "acceptance", "override", "reasons")


@click.command("feedback")
@LOG_CONFIG
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(config: str | None, form: str) -> None:
    """Acceptance and override rates per rule, from the decision log.

    The rates are of the cards that were answered: an ignored card is never reported.
    """
    with opened_log(config) as log:
        rates = log.rates()
    click.echo(json.dumps(_document(rates)) if form == "json" else _table(rates))


def _document(rates: "Rates") -> dict[str, Any]:
    return {
        "schema": "cramp-cds/feedback/1",
        "rules": [
            {
                "rule": rate.rule,
                "shown": rate.shown,
                "accepted": rate.accepted,
                "overridden": rate.overridden,
                "acceptanceRate": rate.acceptance,
                "overrideRate": rate.override,
                "reasons": [{"code": code, "count": count} for code, count in rate.reasons],
            }
            for rate in rates.rules
        ],
        "unknownCards": rates.unknown,
    }


def _table(rates: "Rates") -> str:
    rows = [HEADINGS, *(_row(rate) for rate in rates.rules)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "  ".join(
            # The first and the last column are words, the others numbers.
            cell.ljust(width) if column in {0, len(widths) - 1} else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    if rates.unknown:
        lines.append(f"Feedback on cards that this log does not hold: {rates.unknown}")
    return "\n".join(lines)


def _row(rate: "Rate") -> tuple[str, ...]:
    # A reason's code may be the client's own: what a terminal would obey is not printed.
    reasons = ", ".join(f"{_printable(code)} {count}" for code, count in rate.reasons)
    numbers = (str(rate.shown), str(rate.accepted), str(rate.overridden))
    return (rate.rule, *numbers, _percent(rate.acceptance), _percent(rate.override), reasons)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
