"""Which unit a quantity is in: as written, never guessed, never converted."""

import re
from collections.abc import Mapping
from typing import Any

from cds.record.rules import Analyte, Limits, RecordRules
from cds.record.systems import Addresses

# UCUM: what stands in braces is a remark, and changes no unit (mmol/L{serum} is mmol/L).
_ANNOTATION = re.compile(r"\{[^{}]*\}")


def counting_unit(quantity: Mapping[str, Any], ucum: Addresses) -> str | None:
    """The unit that counts: `code` if its system is UCUM, else `unit`, exactly as written."""
    code, unit = quantity.get("code"), quantity.get("unit")
    if isinstance(code, str) and code and quantity.get("system") in ucum:
        return code
    return unit if isinstance(unit, str) and unit else None


def written_unit(quantity: Mapping[str, Any], ucum: Addresses) -> str | None:
    """The unit to show, also one that counts for nothing because its code system is not UCUM."""
    counted = counting_unit(quantity, ucum)
    code = quantity.get("code")
    return counted or (code if isinstance(code, str) and code else None)


def without_remarks(unit: str | None) -> str | None:
    """The unit without what UCUM lets one remark beside it, and without blanks around it."""
    return None if unit is None else _ANNOTATION.sub("", unit).strip()


def is_spelled(unit: str | None, spellings: frozenset[str]) -> bool:
    """Whether the unit is one of these spellings, with or without a remark."""
    return unit in spellings or without_remarks(unit) in spellings


def limits_of(
    quantity: Mapping[str, Any], counted: str | None, analyte: Analyte, rules: RecordRules
) -> Limits | None:
    """The limits in the unit that counts; None if it is not listed, or contradicts itself.

    A `code` and a `unit` that are both known and name different units contradict each other. An
    unknown spelling in the one that does not count contradicts nothing, and neither does a code of
    another system than UCUM, which means whatever that system says.
    """
    for limits in analyte.limits:
        if is_spelled(counted, limits.spellings):
            said = [quantity.get("unit")]
            system = quantity.get("system")
            if system is None or system in rules.ucum:
                said.append(quantity.get("code"))
            return None if any(_contradicts(one, limits, rules) for one in said) else limits
    return None


def _contradicts(said: object, limits: Limits, rules: RecordRules) -> bool:
    """Whether this is the known spelling, in any case, of another unit."""
    if not isinstance(said, str) or is_spelled(said, limits.spellings):
        return False
    folded = (without_remarks(said.strip()) or "").casefold()
    return folded in rules.units and folded not in {one.casefold() for one in limits.spellings}
