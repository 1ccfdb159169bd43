"""Whom the form is for: below the age of the pack's table nothing of it reassures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cds.record.findings import Findings
from cds.record.tables import Reader
from cds.record.times import born_of, is_adult


@dataclass(frozen=True, slots=True)
class TooYoung:
    """The age in years below which `floor` holds, and what is said then."""

    years: int
    floor: str
    text: str


def too_young_of(record: Mapping[str, Any], reader: Reader) -> TooYoung | None:
    """The table [patient] of record.toml; None where a pack is for any age."""
    if "patient" not in record:
        return None
    table, where = reader.table(record, "patient"), "record.toml: patient"
    return TooYoung(
        years=reader.number(table, "under_years", where),
        floor=reader.text(table, "floor", where),
        text=reader.text(table, "note", where),
    )


def hear_age(
    birth_dates: Iterable[str | None], rule: TooYoung | None, now: datetime, out: Findings
) -> None:
    """Tell `out` of a person below that age; of several birth dates, or a partial one, the latest.

    No birth date says nothing: the form's own words say whom it is for.
    """
    born = [day for one in birth_dates if (day := born_of(one)) is not None]
    if rule is None or not born or is_adult(max(born), now.date(), rule.years):
        return
    out.floor(rule.floor, out.note("minor", "Patient", rule.text))
