"""Which unit a quantity is in: as written, never guessed, never converted."""

from collections.abc import Mapping
from typing import Any

from cds.record.rules import Analyte, Limits, RecordRules


def unit_of(quantity: Mapping[str, Any], ucum: frozenset[str]) -> str | None:
    """The unit that counts: `code` if its system is UCUM, else `unit`, exactly as written."""
    code, system, unit = (quantity.get(key) for key in ("code", "system", "unit"))
    if isinstance(code, str) and code and isinstance(system, str) and system in ucum:
        return code
    return unit if isinstance(unit, str) and unit else None


def limits_of(quantity: Mapping[str, Any], analyte: Analyte, rules: RecordRules) -> Limits | None:
    """The limits in the unit of this quantity; None if it is not listed, or contradicts itself.

    A `code` and a `unit` that are both known and name different units contradict each other. An
    unknown spelling in the one that does not count contradicts nothing.
    """
    counted = unit_of(quantity, rules.ucum)
    limits = next((one for one in analyte.limits if counted in one.spellings), None)
    if limits is None:
        return None
    own = {spelling.casefold() for spelling in limits.spellings}
    for key in ("code", "unit"):
        said = quantity.get(key)
        if isinstance(said, str) and said != counted:
            folded = said.strip().casefold()
            if folded in rules.units and folded not in own:
                return None
    return limits
