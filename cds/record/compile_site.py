"""A site's own critical limits in the place of the pack's: each is checked, and each is told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple, Protocol

from cds.record.rules import Analyte, Limits, OwnLimit
from cds.record.tables import TableReader


class SiteLab(Protocol):
    """A site's own critical limits for one analyte in one unit, with their source in words."""

    @property
    def analyte(self) -> str:
        """The id of the analyte."""

    @property
    def unit(self) -> str:
        """A unit of that analyte in record.toml."""

    @property
    def critical_low(self) -> object:
        """At or under it a value is critical; None keeps the pack's, 0 leaves none."""

    @property
    def critical_high(self) -> object:
        """At or over it a value is critical; None keeps the pack's, 0 leaves none."""

    @property
    def source(self) -> str:
        """Where the numbers come from; it travels into the output."""


SITE_LAB = "[[site.lab]]"
# How many times as far from the reference range as the pack's a site's limit may be: beyond it no
# laboratory has one, but a slip of the decimal point or another unit does (engineering).
PLAUSIBLE_TIMES = 3


class SiteLimits(NamedTuple):
    """Analytes with the limits of a site, and those limits."""

    analytes: dict[str, Analyte]
    limits: tuple[OwnLimit, ...]


def with_site(
    analytes: dict[str, Analyte], site_labs: Sequence[SiteLab], reader: TableReader
) -> SiteLimits:
    """The analytes by code, with the site's limits in the place of the pack's."""
    changed = {one.id: one for one in analytes.values()}
    told: list[OwnLimit] = []
    for site in site_labs:
        where = f"{SITE_LAB} {site.analyte}"
        analyte = changed.get(site.analyte)
        every = analyte.limits if analyte else ()
        limits = next((one for one in every if site.unit in one.spellings), None)
        if analyte is None or limits is None:
            known = sorted(_known(changed))
            problem = f"there is no limit for {site.analyte!r} in {site.unit!r} to replace."
            reader.fault(where, problem, f"Known: {', '.join(known)}.")
            continue
        if not site.source:
            reader.fault(f"{where}: source", "is missing.", "Say where the limits come from.")
        own, said = _own(site, analyte, limits, reader)
        if (site.critical_low, site.critical_high) == (None, None):
            reader.fault(where, "has no limit.", "Give critical_low, critical_high, or both.")
        if {one.option for one in said}.intersection(_options(told, limits.unit)):
            reader.fault(where, "gives a limit twice.", "Keep one: nobody can tell which is meant.")
        told += said
        own_limits = tuple(own if one is limits else one for one in every)
        changed[analyte.id] = replace(analyte, limits=own_limits)
    return SiteLimits({code: changed[one.id] for code, one in analytes.items()}, tuple(told))


def _options(told: Sequence[OwnLimit], unit: str) -> set[str]:
    return {one.option for one in told if one.unit == unit}


def _known(changed: Mapping[str, Analyte]) -> set[str]:
    return {f"{one.id} in {limits.unit}" for one in changed.values() for limits in one.limits}


def _own(
    site: SiteLab, analyte: Analyte, limits: Limits, reader: TableReader
) -> tuple[Limits, list[OwnLimit]]:
    where = f"{SITE_LAB} {site.analyte}"
    told: list[OwnLimit] = []
    new: dict[str, Decimal | None] = {}
    for side in ("low", "high"):
        key = f"critical_{side}"
        packs = getattr(limits, key)
        number = reader.decimal(getattr(site, key), f"{where}: {key}")
        new[key] = packs
        if number is None:
            continue
        _check(number, (packs, _normal(limits, side)), f"{where}: {key}", reader)
        new[key] = number or None
        option = f"site.lab {analyte.id} {key}"
        words = (limits.unit, analyte.display, site.source)
        told.append(OwnLimit(option, analyte.id, number, packs, *words))
    reader.ordered(new["critical_low"], new["critical_high"], where)
    own = replace(
        limits,
        critical_low=new["critical_low"],
        critical_high=new["critical_high"],
        source=f"site: {site.source}",
    )
    return own, told


def _normal(limits: Limits, side: str) -> Decimal:
    """Where normal ends on a side; of a test without a reference there, the other side's, or 0."""
    ends = (limits.reference_low, limits.reference_high)
    nearest = ends if side == "low" else ends[::-1]
    return next((one for one in nearest if one is not None), Decimal(0))


def _check(
    number: Decimal,
    ours: tuple[Decimal | None, Decimal],
    where: str,
    reader: TableReader,
) -> None:
    """Refuse a limit that no laboratory can mean: a slip of the decimal point, another unit."""
    packs, reference = ours
    if packs is None:
        if number:
            reader.fault(
                where, "is a limit on a side that the pack does not judge.", "Leave it out."
            )
        return
    farthest = max(reference + (packs - reference) * PLAUSIBLE_TIMES, Decimal(0))
    low, high = sorted((reference, farthest))
    if number and not (low < number < high or number == farthest):
        problem = f"{number} cannot be a critical limit: the pack has {packs}."
        hint = f"Give one between {low} and {high}, in the unit that is named; 0 leaves none."
        reader.fault(where, problem, hint)
