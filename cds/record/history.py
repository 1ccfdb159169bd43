"""Conditions, procedures and states such as pregnancy."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from cds.core.model import Evidence
from cds.record.findings import Findings
from cds.record.reading import as_object, codings_of, effective, text_at
from cds.record.rules import Codes, RecordRules, Status
from cds.record.times import When
from cds.record.walk import name_of
from cds.record.words import clean, on_date
from cds.wire import JsonObject


class State(NamedTuple):
    """What one status observation says, and when."""

    status: Status
    record: str
    present: bool
    when: When
    text: str


def word_of(concept: object) -> str | None:
    """The code of a status concept; its text, or itself, where that is all there is."""
    if isinstance(concept, str):
        return concept
    if not isinstance(concept, dict):
        return None
    codings = codings_of(concept)
    if codings:
        return codings[0][1]
    text = concept.get("text")
    return text.casefold() if isinstance(text, str) else None


class Meanings:
    """The facts behind the codes of conditions, or of procedures."""

    def __init__(self, kinds: tuple[Codes, ...]) -> None:
        self._kinds = kinds
        # Most codes of a long record mean nothing here, and stand in it many times.
        self._nothing: set[tuple[object, object]] = set()

    def facts(self, resource: JsonObject) -> dict[str, str]:
        """The facts that its codes support, with what the record calls each."""
        try:
            (coding,) = resource["code"]["coding"]
            if (coding["system"], coding["code"]) in self._nothing:
                return {}
        except (KeyError, TypeError, ValueError):  # it has not one code, or is of another shape
            pass
        return self._look_closer(as_object(resource.get("code")))

    def _look_closer(self, concept: Mapping[str, Any]) -> dict[str, str]:
        found: dict[str, str] = {}
        for system, code, display in codings_of(concept):
            known = [
                one for kind in self._kinds if system in kind.systems for one in kind.facts(code)
            ]
            shown = display or text_at(concept, "text")
            for fact in known:
                found.setdefault(fact, clean(shown) if shown else code)
            if not known and system is not None:
                self._nothing.add((system, code))
        return found


def hear_condition(
    resource: JsonObject,
    full_url: str | None,
    meanings: Meanings,
    rules: RecordRules,
    out: Findings,
) -> None:
    """A condition counts unless it is over, refuted, or entered in error."""
    found = meanings.facts(resource)
    if not found:
        return
    clinical, verification = (
        word_of(resource.get("clinicalStatus")),
        word_of(resource.get("verificationStatus")),
    )
    if clinical is not None and clinical not in rules.condition_active:
        return
    if verification in rules.condition_not_verification:
        return
    doubtful = verification not in {None, "confirmed"}
    mark = f"verification {clean(str(verification))}" if doubtful else None
    record, date = name_of(resource, full_url), _date(resource)
    for fact, shown in found.items():
        out.present(fact, Evidence(record, shown, date=date, matched_by="code", mark=mark))


def hear_procedure(
    resource: JsonObject,
    full_url: str | None,
    meanings: Meanings,
    rules: RecordRules,
    out: Findings,
) -> None:
    """A procedure counts if it was done or is being done."""
    found = meanings.facts(resource)
    if not found or text_at(resource, "status") not in rules.procedure_done:
        return
    period = as_object(resource.get("performedPeriod"))
    date = resource.get("performedDateTime") or period.get("end") or period.get("start")
    record, shown_date = name_of(resource, full_url), clean(date) if isinstance(date, str) else None
    for fact, shown in found.items():
        out.present(fact, Evidence(record, shown, date=shown_date, matched_by="code"))


def _date(resource: Mapping[str, Any]) -> str | None:
    start = as_object(resource.get("onsetPeriod")).get("start")
    for date in (resource.get("onsetDateTime"), start, resource.get("recordedDate")):
        if isinstance(date, str):
            return clean(date)
    return None


def state_of(
    node: Mapping[str, Any],
    status: Status,
    record: str,
    observation: Mapping[str, Any],
    rules: RecordRules,
) -> State | None:
    """The state that a settled status observation says; None if it says neither."""
    if text_at(observation, "status") not in rules.labs.final:
        return None
    for system, code, display in codings_of(node.get("valueCodeableConcept")):
        if system in rules.snomed and code in status.present | status.absent:
            shown = clean(display) if isinstance(display, str) and display else code
            return State(status, record, code in status.present, effective(observation), shown)
    return None


def hear_states(states: list[State], now: datetime, out: Findings) -> None:
    """The newest state of one kind counts, if it is not too old; "present" wins a tie.

    Without a time, or with one that may lie ahead, it can only say "present".
    """
    certain = [one for one in states if one.when.latest is not None and one.when.latest <= now]
    newest = max((one.when.latest for one in certain if one.when.latest), default=None)
    counting = [one for one in states if one not in certain or one.when.latest == newest]
    any_present = any(one.present for one in counting)
    for state in counting:
        evidence = Evidence(state.record, state.text, date=state.when.text, matched_by="code")
        said = f"{state.status.display}: {state.text} ({on_date(state.when.text)})"
        if state in certain and newest is not None and now - newest > state.status.window:
            out.note("not-assessed", state.record, f"{said} is too old to count.")
        elif state.present:
            out.present(state.status.fact, evidence)
        elif state in certain and not any_present:
            out.absent(state.status.fact, evidence, said)
