"""One row a response: what a report counts, and what becomes a table. Its columns are declared."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from cds.fhir.decision_row import COLUMNS as DECISION_COLUMNS
from cds.flows.deciding.assessed import Assessed
from cds.wire import JsonObject

if TYPE_CHECKING:
    from cds.flows.bulk.beside import Beside
    from cds.flows.bulk.decide import Where

_SQL = {"string": "VARCHAR", "integer": "INTEGER", "boolean": "BOOLEAN", "string*": "VARCHAR[]"}
# Column → its type in SQL. Dates stay the text that was sent: a part of one is no day.
TABLE_COLUMNS: dict[str, str] = {
    "input": "VARCHAR",
    "line": "BIGINT",
    **{name: _SQL[kind] for name, kind in DECISION_COLUMNS.items()},
}
_BANDS = ((18, "0-17"), (40, "18-39"), (65, "40-64"), (80, "65-79"))
_LAST_BAND = "80 and over"
OF_RECORD = "record"  # what is open about the record: the decision names the resource
_MONTH, _DAY = len("2026-11"), len("2026-11-20")


def row_of(
    assessed: Assessed, document: JsonObject, beside: "Beside | None", where: "Where"
) -> JsonObject:
    """The row of a decision."""
    response, known = assessed.context.response, document["response"]
    authored = known.get("authored")
    return {
        "input": where.input,
        "line": where.line,
        "response": known.get("id"),
        "subject": _reference(response.get("subject")),
        "status": known.get("status"),
        "authored": authored,
        "month": _month(authored),
        "site": None if beside is None else beside.site(response),
        "age_band": None if beside is None else _age_band(beside.births, authored),
        "pack": document["pack"]["id"],
        "pack_version": document["pack"]["version"],
        "level": document["level"],
        "level_rank": assessed.level.rank,
        "complete": document["complete"],
        "valid": not assessed.invalid,
        "record": beside is not None,
        "rules": [one["rule"] for one in document["findings"]],
        "findings": _once([one["finding"] for one in document["findings"]]),
        "open": _once([one.get("linkId") or OF_RECORD for one in document["open"]]),
        "causes": [one["cause"] for one in document["causes"]],
        "issues": _once([one["rule"] for one in document["issues"]]),
        "notes": _once([one["code"] for one in document["notes"]]),
    }


def _once(values: list[str]) -> list[str]:
    return values if len(values) <= 1 else list(dict.fromkeys(values))


def _reference(value: object) -> str | None:
    found = value.get("reference") if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def _month(authored: str | None) -> str | None:
    """The year and month of a date that has them."""
    if authored is None or len(authored) < _MONTH:
        return None
    month = authored[:_MONTH]
    return month if month.replace("-", "").isdigit() else None


def _age_band(births: Iterable[str], authored: str | None) -> str | None:
    """How old the patient was when the response was given, in bands; None where nobody knows."""
    known = list(births)
    if len(known) != 1 or authored is None:
        return None
    try:
        born, day = date.fromisoformat(known[0]), date.fromisoformat(authored[:_DAY])
    except ValueError:
        return None
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    if age < 0:
        return None
    return next((band for under, band in _BANDS if age < under), _LAST_BAND)
