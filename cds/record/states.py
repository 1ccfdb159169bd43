"""States that observations say, such as a pregnancy: the newest one of each kind counts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from cds.core.model import Evidence
from cds.record.findings import Findings
from cds.record.reading import effective
from cds.record.rules import RecordRules, Status
from cds.record.shapes import codings_of, text_at
from cds.record.times import When
from cds.record.words import clean, on_date


class StatusReport(NamedTuple):
    """What one status observation says, and when."""

    status: Status
    record: str
    present: bool
    when: When
    text: str


def state_of(
    node: Mapping[str, Any],
    status: Status,
    record: str,
    observation: Mapping[str, Any],
    rules: RecordRules,
) -> StatusReport | None:
    """The state that a settled status observation says; None if it says neither."""
    if text_at(observation, "status") not in rules.labs.final:
        return None
    for system, code, display in codings_of(node.get("valueCodeableConcept")):
        listed = system in rules.snomed or system in rules.loinc
        if listed and code in status.present | status.absent:
            shown = clean(display) if isinstance(display, str) and display else code
            return StatusReport(
                status, record, code in status.present, effective(observation), shown
            )
    return None


def hear_states(states: list[StatusReport], now: datetime, out: Findings) -> None:
    """The newest state of one kind counts, if it is not too old; "present" wins a tie.

    Without a time, or with one that may lie ahead, it can only say "present".
    """
    certain = [one.when.latest for one in states if _is_past(one.when, now)]
    newest = max((latest for latest in certain if latest), default=None)
    counting = [one for one in states if one.when.latest == newest or not _is_past(one.when, now)]
    any_present = any(one.present for one in counting)
    for state in counting:
        evidence = Evidence(state.record, state.text, date=state.when.text, matched_by="code")
        said = f"{state.status.display}: {state.text} ({on_date(state.when.text)})"
        is_certain = _is_past(state.when, now)
        if is_certain and newest is not None and now - newest > state.status.window:
            out.note("not-assessed", state.record, f"{said} is too old to count.")
        elif state.present:
            out.present(state.status.fact, evidence)
        elif is_certain and not any_present:
            out.absent(state.status.fact, evidence, said)


def _is_past(when: When, now: datetime) -> bool:
    """Whether it certainly does not lie ahead."""
    return when.latest is not None and when.latest <= now
