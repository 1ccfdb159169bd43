"""The record beside the response: facts for the rules, refused if it is another patient's."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from cds.core.account import Missing
from cds.core.model import Answers, Deviation, Facts, Finding
from cds.core.pack import Pack
from cds.record.compile import compile_record
from cds.record.compile_site import SiteLab
from cds.record.conflicts import conflicts
from cds.record.facts import FactsUsed, facts_and_hash
from cds.record.read import read_record
from cds.record.rules import OwnLimit, RecordRules
from cds.wire import JsonObject

# How many readings of one record are kept: one for each pack, where the time is the same for all.
_MOST_READ = 8


class OneRecord:
    """A record that several responses of one patient are assessed beside: it is read once."""

    def __init__(self, resources: Iterable[JsonObject], missing: Iterable[Missing] = ()) -> None:
        """`missing` is what was asked for and did not come."""
        self.resources = list(resources)
        self.missing = tuple(missing)
        self._read: list[tuple[RecordRules, datetime, str | None, FactsUsed]] = []

    def facts(self, rules: RecordRules, now: datetime, patient: str | None) -> FactsUsed:
        """The facts, and what they rest on, as they are for one pack at one time."""
        for known, then, whose, read in self._read:
            if known is rules and then == now and whose == patient:
                return read
        read = facts_and_hash(self.resources, rules, now=now, patient=patient, missing=self.missing)
        self._read = [*self._read[1 - _MOST_READ :], (rules, now, patient, read)]
        return read


AnyRecord = Iterable[JsonObject] | Mapping[str, Any] | bytes | OneRecord
Handed = tuple[AnyRecord, Iterable[Missing]]  # what came, and what was asked for and did not
# (whom it is about, what was handed in, now, answers) → the facts, and the hash of what was used
FactsReader = Callable[[object, Handed, datetime, Answers], tuple[Facts, str | None]]


def reads_records(pack: Pack) -> bool:
    """Whether record.toml says how to find anything, beyond naming facts."""
    return bool(set(pack.record) - {"facts"})


def rules_for(pack: Pack, site_labs: Sequence[SiteLab]) -> RecordRules:
    """How this pack reads a record, with the site's own limits.

    Raises:
        PackError: record.toml, or a limit of the site, has faults.
    """
    ours = frozenset(form.url.rpartition("/")[2] for form in pack.forms)
    return replace(compile_record(pack.record, site_labs), forms=ours)


def site_limits(pack: Pack, site_labs: Sequence[SiteLab]) -> tuple[OwnLimit, ...]:
    """The site's own limits for results that this pack reads.

    Raises:
        PackError: one of them has a fault, or is none that a laboratory can mean.
    """
    return rules_for(pack, site_labs).site_limits if reads_records(pack) else ()


def deviations_of(limits: Iterable[OwnLimit], findings: Iterable[Finding]) -> tuple[Deviation, ...]:
    """Each limit of the site, also one that changed nothing, with the rules that rest on it."""
    rests: dict[str, dict[str, None]] = {}
    for finding in findings:
        for because in finding.because:
            analyte = (because.fact or "").partition(".")[0]
            rests.setdefault(analyte, {})[finding.rule.id] = None
    return tuple(
        Deviation(one.option, one.own, tuple(rests.get(one.analyte, ())), (), one.text)
        for one in limits
    )


def facts_reader(pack: Pack, site_labs: Sequence[SiteLab]) -> FactsReader | None:
    """What finds the facts of this pack in a record; None where record.toml only names facts.

    Raises:
        PackError: record.toml, or a limit of the site, has faults.
    """
    return partial(facts_for, rules_for(pack, site_labs)) if reads_records(pack) else None


def facts_for(
    rules: RecordRules,
    subject: object,
    handed: Handed,
    now: datetime,
    answers: Answers,
) -> tuple[Facts, str | None]:
    """The facts with what contradicts the answers, and the hash of what was used of the record.

    `subject` is a Reference as JSON, or whatever stands in its place.

    Raises:
        Unreadable: the bytes of the record are not strict JSON.
        ResponseError: the record is of another patient.
    """
    record, missing = handed
    reference = subject.get("reference") if isinstance(subject, dict) else None
    patient = reference if isinstance(reference, str) else None
    if not isinstance(record, OneRecord):
        record = OneRecord(_resources_of(record), missing)
    facts, used = record.facts(rules, now, patient)
    if rules.contradicting.isdisjoint(facts.found or ()):
        return facts, used
    contradictions = conflicts(answers, facts, rules)
    if contradictions:
        facts = facts._replace(notes=(*facts.notes, *contradictions))
    return facts, used


def _resources_of(record: Iterable[JsonObject] | Mapping[str, Any] | bytes) -> Iterable[JsonObject]:
    """The resources of a record: listed, in a Bundle, or as bytes of a Bundle or of NDJSON."""
    if isinstance(record, bytes):
        return read_record(record)
    return [dict(record)] if isinstance(record, Mapping) else record
