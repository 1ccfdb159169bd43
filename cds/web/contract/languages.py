"""Which language a reader gets: the first that is wanted and offered, else the site's own."""

from collections.abc import Iterable, Iterator

from cds.wire import JsonObject

_MOST = 500  # characters of an Accept-Language header


def chosen(wanted: Iterable[str | None], offered: tuple[str, ...]) -> str:
    """The first wanted language that is offered (`es-MX` takes `es`); else the site's first."""
    for one in wanted:
        if not one:
            continue
        for tag in (one.lower(), one.lower().partition("-")[0]):
            if tag in offered:
                return tag
    return offered[0]


def accepted(header: str | None) -> list[str]:
    """The languages of an Accept-Language header, the most wanted first."""
    if not header:
        return []
    found: list[tuple[float, int, str]] = []
    for place, part in enumerate(header[:_MOST].split(",")):
        tag, _, quality = part.partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=")) if quality else 1.0
        except ValueError:
            continue
        if tag.strip() and weight > 0:
            found.append((-weight, place, tag.strip()))
    return [tag for _, _, tag in sorted(found)]


def preferred(patient: JsonObject) -> str:
    """The language that a Patient prefers, else any that the record names; empty if none."""
    listed = [one for one in _list(patient.get("communication")) if isinstance(one, dict)]
    for one in sorted(listed, key=lambda one: one.get("preferred") is not True):
        language = one.get("language")
        for coding in _list(language.get("coding") if isinstance(language, dict) else None):
            if isinstance(coding, dict) and isinstance(coding.get("code"), str):
                return str(coding["code"])
    return ""


def _list(value: object) -> Iterator[object]:
    return iter(value if isinstance(value, list) else ())
