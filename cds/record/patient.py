"""Whom the form is for: that a person is below the age of the pack's table is a fact."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cds.core.model import Evidence
from cds.record.findings import Findings
from cds.record.tables import TableReader
from cds.record.times import Born, is_adult

# The reference to a Patient; the date of birth as written, and the days that it can mean; the sex.
BornAs = tuple[str, str | None, Born | None, str | None]


@dataclass(frozen=True, slots=True)
class TooYoung:
    """The age in years below which `fact` is present."""

    years: int
    fact: str


def too_young_of(record: Mapping[str, Any], reader: TableReader) -> TooYoung | None:
    """The table [patient] of record.toml; None where a pack does not ask for the age."""
    if "patient" not in record:
        return None
    table, where = reader.table(record, "patient"), "record.toml: patient"
    years = reader.number(table, "under_years", where)
    return TooYoung(years, reader.text(table, "fact", where))


def hear_age(
    patients: Iterable[BornAs],
    rule: TooYoung | None,
    now: datetime,
    out: Findings,
) -> None:
    """Tell `out` of a person below that age; of a partial birth date, the younger reading counts.

    Without a birth date nothing is said.
    """
    if rule is None:
        return
    for record, _, born, _ in patients:
        if born is not None and not is_adult(born[1], now.date(), rule.years):
            out.present(rule.fact, Evidence(record))
