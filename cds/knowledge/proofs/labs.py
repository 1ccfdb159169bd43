"""Law g: a laboratory value farther from normal never lowers the level.

A value lies in one of five regions (critical, abnormal, normal, abnormal, critical). The facts that
hold are the same in all of a region, so finitely many cases are all values. The far side is taken
at its weakest: a critical value is only sure to be critical, nothing else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from cds.knowledge.proofs.claims import Claim, Group, falls, ranks
from cds.knowledge.proofs.scope import Scope, free
from cds.knowledge.proofs.terms import FALSE, TRUE, Key, Term
from cds.knowledge.proofs.worlds import World

_SIDES = ("low", "high")


@dataclass(frozen=True, slots=True)
class AnalyteLimits:
    """The facts that a laboratory test may support, and its limits per unit."""

    id: str
    signs: frozenset[str]
    limits: tuple[Mapping[str, Any], ...]


def declared_analytes(record: Mapping[str, Any]) -> tuple[AnalyteLimits, ...]:
    """The laboratory tests that record.toml declares."""
    return tuple(
        AnalyteLimits(str(one["id"]), frozenset(one.get("signs", ())), tuple(one.get("limits", ())))
        for one in record.get("analyte", ())
    )


def sided_of(record: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each fact of a critical value whose side is always known, with the facts of its sides.

    A flag that says critical and no side would leave it open.
    """
    policy = record.get("labs", {})
    known = {*policy.get("low_flags", ()), *policy.get("high_flags", ())}
    for one in record.get("analyte", ()):
        sides = [
            f"critical-{side}" for side in _SIDES if f"critical-{side}" in one.get("signs", ())
        ]
        if sides and set(one.get("flags", ())) <= known:
            yield f"{one['id']}.critical", tuple(f"{one['id']}.{side}" for side in sides)


def lab_claims(scope: Scope, analytes: tuple[AnalyteLimits, ...]) -> Iterator[Group]:
    """All claims of law g at one setting of the site options."""
    claims: list[Claim] = []
    base = World(scope, free(scope))
    base.reaches(max(ranks(scope)))  # work out what all cases share
    for analyte in analytes:
        claims += [_ordered(base, analyte, limits) for limits in analyte.limits]
        for side in _SIDES:
            steps = _steps(analyte, side)
            for near, far in pairwise(steps):
                before = base.but(_facts(analyte, near[1]))
                after = base.but(_facts(analyte, far[1]))
                says = f"{analyte.id}: {far[0]} is never below {near[0]} ({side} side)."
                claims.append(
                    Claim(
                        "g",
                        f"{analyte.id} {side}",
                        says,
                        (before, after),
                        (falls(before, after),),
                    )
                )
    yield Group(scope, (base.possible(),), tuple(claims))


def _steps(analyte: AnalyteLimits, side: str) -> list[tuple[str, frozenset[str]]]:
    steps = [("normal", frozenset[str]()), ("abnormal", analyte.signs & {"abnormal", side})]
    if "critical" in analyte.signs and _can_be_critical(analyte, side):
        steps.append(("critical", frozenset({"critical", f"critical-{side}"} & analyte.signs)))
    return steps


def _can_be_critical(analyte: AnalyteLimits, side: str) -> bool:
    return not analyte.limits or any(f"critical_{side}" in limits for limits in analyte.limits)


def _facts(analyte: AnalyteLimits, signs: frozenset[str]) -> dict[Key, Term]:
    changed: dict[Key, Term] = {}
    for sign in analyte.signs - {"repeat"}:
        changed["present", f"{analyte.id}.{sign}"] = TRUE if sign in signs else FALSE
        changed["absent", f"{analyte.id}.{sign}"] = FALSE if sign in signs else TRUE
    return changed


def _ordered(world: World, analyte: AnalyteLimits, limits: Mapping[str, Any]) -> Claim:
    """The limits lie in their order, so that walking away from normal never walks back."""
    names = ("critical_low", "reference_low", "reference_high", "critical_high")
    line = [Decimal(str(limits[name])) for name in names if name in limits]
    wrong = any(left > right for left, right in pairwise(line))
    order = " <= ".join(map(str, line))
    says = f"{analyte.id} ({limits.get('unit', '')}): the limits lie in order: {order}."
    return Claim("g", f"{analyte.id} limits", says, (world,), (TRUE if wrong else FALSE,))
