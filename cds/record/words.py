"""Values of the record in words that a clinician reads."""

from decimal import Decimal

MAX_NAME = 120


def clean(text: str) -> str:
    """Text of the record without control characters, and not longer than a line."""
    shown = text[: 4 * MAX_NAME]
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() else " " for c in shown)
    shown = " ".join(shown.split())
    return shown if len(shown) <= MAX_NAME else shown[: MAX_NAME - 1] + "…"


def on_date(text: str | None) -> str:
    """`on 2026-11-19 08:00+01:00`, or that there is no date.

    >>> on_date("2026-11-19T08:00:00Z")
    'on 2026-11-19 08:00 UTC'
    """
    if text is None:
        return "without a date"
    if len(text) <= len("2026-11-19"):
        return f"on {text}"
    clock, zone = text[11:16], text[16:].lstrip("0123456789:.")
    return f"on {text[:10]} {clock}{' UTC' if zone in {'Z', '+00:00'} else zone}"


def quantity(value: Decimal | str | None, unit: str | None, comparator: str | None = None) -> str:
    """`<2.5 mmol/L`, as the record prints it."""
    if value is None:
        return "without a value"
    if isinstance(value, str):
        return clean(value)
    return f"{comparator or ''}{value:f}{f' {clean(unit)}' if unit else ''}"
