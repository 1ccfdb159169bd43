"""One input, judged by two versions of a pack: what they decide differently, and why.

For whoever introduces a version: its answers beside those of the version before, on real input. The
other version is another opinion, never the decision.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cds.core.model import Finding, Level
from cds.core.pack import Pack
from cds.flows.assess import Assessor
from cds.flows.deciding.assessed import Assessed
from cds.forms.issues import BLOCKING
from cds.knowledge.read.installed import pack_version
from cds.wire import JsonObject

_SCHEMA = "cramp-cds/comparison/1"
_SIDES = ("pack", "against")


class Versions:
    """The other versions of the packs of an assessor, each made ready when it is first asked for.

    Safe for many threads: at worst one is made twice.
    """

    def __init__(self, assessor: Assessor, folders: Iterable[Path]) -> None:
        """`folders` of packs, each with the versions that it keeps as released."""
        self._folders = tuple(folders)
        self._assessor = assessor
        self.beside = cache(self._beside)

    def _beside(self, pack_id: str, version: str) -> Assessor:
        """An assessor of this version alone, under the same site options.

        Raises:
            UsageError: there is no such version; the hint names those that there are.
            PackError: it has faults, or lacks what a limit of the site is about.
        """
        return self._assessor.alone(pack_version(pack_id, version, self._folders))


class Against(NamedTuple):
    """A decision, and what another version of the pack concludes from the same input."""

    decided: Assessed
    other: Assessed

    @property
    def moved(self) -> str:
        """Whether the deciding version is `higher` or `lower` than the other, or the `same`."""
        now, then = (_place(self.decided.pack, one.level) for one in self)
        return "same" if now == then else "higher" if now > then else "lower"

    @property
    def differs(self) -> bool:
        """Whether anything that is said differs: level, findings, or what is open."""
        return self.moved != "same" or bool(self._findings()) or bool(self._open())

    def why(self) -> tuple[str, ...]:
        """The differences in words, what decides the levels first; none where nothing differs."""
        return tuple(self._why()) if self.differs else ()

    def document(self) -> JsonObject:
        """The comparison for a program (schema cramp-cds/comparison/1)."""
        both = dict(zip(_SIDES, (one.document() for one in self), strict=True))
        return {
            "schema": _SCHEMA,
            **{side: both[side]["pack"] for side in _SIDES},
            "response": both["pack"]["response"],
            "moved": self.moved,
            "level": {side: both[side]["level"] for side in _SIDES},
            "complete": {side: both[side]["complete"] for side in _SIDES},
            "findings": [
                {
                    "rule": rule,
                    "level": {side: one and one.level.code for side, one in found.items()},
                    "because": _because(both, rule),
                }
                for rule, found in self._findings().items()
            ],
            "open": [{**place, "why": why} for place, why in self._open()],
            "why": list(self.why()),
        }

    def _findings(self) -> dict[str, dict[str, Finding | None]]:
        """By rule: the finding of each version, where one lacks it or gives it another level."""
        fired = [{finding.rule.id: finding for finding in assessed.findings} for assessed in self]
        rules = dict.fromkeys([*fired[0], *fired[1]])
        pairs = {rule: (fired[0].get(rule), fired[1].get(rule)) for rule in rules}
        return {
            rule: dict(zip(_SIDES, pair, strict=True))
            for rule, pair in pairs.items()
            if _code(pair[0]) != _code(pair[1])
        }

    def _open(self) -> list[tuple[JsonObject, JsonObject]]:
        """What is open in one of them only, or for another reason: its place, and both reasons."""
        why: list[dict[tuple[str, str], str]] = [
            {
                ("record", one.record or "") if one.link_id is None else ("linkId", one.link_id): (
                    one.why
                )
                for one in assessed.assessment.open
            }
            for assessed in self
        ]
        return [
            (
                {kind: name},
                {side: one.get((kind, name)) for side, one in zip(_SIDES, why, strict=True)},
            )
            for kind, name in dict.fromkeys([*why[0], *why[1]])
            if why[0].get((kind, name)) != why[1].get((kind, name))
        ]

    def _why(self) -> Iterator[str]:
        names = dict(zip(_SIDES, (one.pack.version for one in self), strict=True))
        for assessed in self:
            yield f"{assessed.pack.version}: {assessed.level.code}, {_reason(assessed)}."
        for rule, found in self._findings().items():
            fired = {side: one for side, one in found.items() if one is not None}
            title = next(iter(fired.values())).rule.title
            if len(fired) == 1:
                ((side, one),) = fired.items()
                yield f"{rule} fires only in {names[side]} ({one.level.code}): {title}."
            else:
                said = ", ".join(
                    f"{one.level.code} in {names[side]}" for side, one in fired.items()
                )
                yield f"{rule} is {said}: {title}."
        for place, why in self._open():
            said = ", ".join(
                f"{reason or 'settled'} in {names[side]}" for side, reason in why.items()
            )
            yield f"{next(iter(place.values()))} is {said}."
        for assessed in self:
            faults = [issue for issue in assessed.issues if issue.severity in BLOCKING]
            if faults:
                where = ", ".join(
                    dict.fromkeys(fault.link_id or fault.expression for fault in faults)
                )
                yield f"{assessed.pack.version} cannot rely on every answer: {where}."


def _reason(assessed: Assessed) -> str:
    """What gives the level: the rules at it, or that something is not settled."""
    rules = [
        finding.rule.id
        for finding in assessed.findings
        if finding.level.code == assessed.level.code
    ]
    if rules:
        return f"by {', '.join(rules)}"
    if assessed.invalid:
        return "since the response has faults"
    asked = [one.link_id or one.record or "" for one in assessed.assessment.open]
    if asked:
        return f"since {', '.join(asked)} is not settled"
    return "as no rule of a higher level fires"


def _place(pack: Pack, level: Level) -> int:
    """How urgent a level is in the deciding pack; of one that it does not have, its own rank."""
    return next((one.rank for one in pack.rules.levels if one.code == level.code), level.rank)


def _code(finding: Finding | None) -> str | None:
    return None if finding is None else finding.level.code


def _because(both: dict[str, JsonObject], rule: str) -> Sequence[JsonObject]:
    """The reasons of a finding, as the version that has it tells them."""
    every = (one for side in _SIDES for one in both[side]["findings"])
    return next(one["because"] for one in every if one["rule"] == rule)
