"""Which unit a quantity is in: as written, never guessed, never converted."""

from collections.abc import Mapping
from typing import Any

from cds.record.rules import Analyte, Limits, RecordRules


def unit_of(quantity: Mapping[str, Any], ucum: frozenset[str]) -> str | None:
    """The unit that counts: `code` if its system is UCUM, else `unit`, exactly as written."""
    code, system, unit = quantity.get("code"), quantity.get("system"), quantity.get("unit")
    if isinstance(code, str) and code and isinstance(system, str) and system in ucum:
        return code
    return unit if isinstance(unit, str) and unit else None


def limits_of(
    quantity: Mapping[str, Any], counted: str | None, analyte: Analyte, rules: RecordRules
) -> Limits | None:
    """The limits in the unit that counts; None if it is not listed, or contradicts itself.

    A `code` and a `unit` that are both known and name different units contradict each other. An
    unknown spelling in the one that does not count contradicts nothing.
    """
    for limits in analyte.limits:
        if counted in limits.spellings:
            said = (quantity.get("code"), quantity.get("unit"))
            return None if any(_contradicts(one, limits, rules) for one in said) else limits
    return None


def _contradicts(said: object, limits: Limits, rules: RecordRules) -> bool:
    """Whether this is the known spelling, in any case, of another unit."""
    if not isinstance(said, str) or said in limits.spellings:
        return False
    folded = said.strip().casefold()
    return folded in rules.units and folded not in {one.casefold() for one in limits.spellings}
