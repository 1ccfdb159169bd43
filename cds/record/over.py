"""What is over: by its status, by the end of its period, or because it abated.

Only what says so itself is over. A status that is missing, or none of FHIR's, drops nothing.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cds.record.rules import RecordRules
from cds.record.shapes import as_list, as_object, codings_of, text_at
from cds.record.times import bounds_of

# FHIR's statuses of orders and statements of medicines (R4 to R5) that are not in force.
_NOT_IN_FORCE = frozenset(
    {
        *(
            "completed",
            "entered-in-error",
            "intended",
            "stopped",
            "on-hold",
            "not-taken",
            "cancelled",
        ),
        *("draft", "ended", "recorded-in-error", "declined"),
    }
)
# R5's adherence to a medicine that is not taken at present.
_NOT_TAKEN = frozenset(
    f"{how}{why}"
    for how in ("not-taking", "on-hold", "stopped")
    for why in ("", "-as-directed", "-not-as-directed")
)
# HL7's extension for what another version of FHIR has no code for, such as R5's `recorded`.
_CONVERTED = re.compile(r"http://hl7\.org/fhir/\d\.\d/StructureDefinition/extension-\w+\.status$")
# What is done in one go: a day, which as a mere date can mean two in the time zones of the world.
_SESSION = timedelta(days=3)
# Where a condition says that it is over; each of the last three does so by being there.
_ABATED = (
    *("abatementDateTime", "abatementPeriod", "abatementBoolean"),
    *("abatementAge", "abatementRange", "abatementString"),
)
# FHIR's clinical statuses of a condition that is over.
_PAST = frozenset({"inactive", "remission", "resolved"})


def ended(text: object, now: datetime) -> bool:
    """Whether a time surely lies in the past, however partial it is."""
    bounds = bounds_of(text)
    return bounds is not None and bounds[1] < now


def status_of(resource: Mapping[str, Any]) -> str | None:
    """The status; of what was converted between versions of FHIR, the one that it came with."""
    for one in as_list(resource.get("extension")):
        extension = as_object(one)
        if _CONVERTED.match(text_at(extension, "url") or ""):
            return text_at(extension, "valueCode") or text_at(extension, "valueString")
    return text_at(resource, "status")


def medicine_in_force(resource: Mapping[str, Any], rules: RecordRules, now: datetime) -> bool:
    """Whether it is a current order or statement, and not an order to leave something out."""
    status = status_of(resource)
    if status in _NOT_IN_FORCE and status not in rules.medicine_active:
        return False
    if text_at(resource, "intent") in rules.medicine_not_intents:
        return False
    if resource.get("doNotPerform") is True or is_not_taken(resource):
        return False
    return not medicine_ended(resource, now)


def is_not_taken(resource: Mapping[str, Any]) -> bool:
    """Whether an entry says that the medicine is not taken, as DSTU2, STU3 and R5 have it."""
    if resource.get("wasNotTaken") is True or resource.get("taken") == "n":
        return True
    if "adherence" not in resource:
        return False
    adherence = codings_of(as_object(resource["adherence"]).get("code"))
    return bool(adherence) and all(code in _NOT_TAKEN for _, code, _ in adherence)


def is_on_hold(resource: Mapping[str, Any], now: datetime) -> bool:
    """Whether it is only held back for the time being: it may have been taken until lately."""
    return status_of(resource) == "on-hold" and not medicine_ended(resource, now)


def medicine_ended(resource: Mapping[str, Any], now: datetime) -> bool:
    """Whether the time in which it is taken is over; that of dispensing is another matter."""
    if ended(as_object(resource.get("effectivePeriod")).get("end"), now):
        return True
    dosages = as_list(resource.get("dosageInstruction", resource.get("dosage")))
    return bool(dosages) and all(ended(_end_of(as_object(one)), now) for one in dosages)


def _end_of(dosage: Mapping[str, Any]) -> object:
    repeat = as_object(as_object(dosage.get("timing")).get("repeat"))
    return as_object(repeat.get("boundsPeriod")).get("end")


def condition_over(
    resource: Mapping[str, Any], clinical: str | None, rules: RecordRules, now: datetime
) -> bool:
    """Whether a condition is over: its clinical status says so, or it abated (con-4).

    One that is active by its status all the same contradicts itself, and counts.
    """
    if clinical in _PAST and clinical not in rules.condition_active:
        return True
    return clinical not in rules.condition_active and is_abated(resource, now)


def is_abated(resource: Mapping[str, Any], now: datetime) -> bool:
    """Whether it says that it is over by now."""
    if resource.keys().isdisjoint(_ABATED):
        return False
    if "abatementDateTime" in resource:
        return ended(resource["abatementDateTime"], now)
    if "abatementPeriod" in resource:
        period = as_object(resource["abatementPeriod"])
        return ended(period.get("end", period.get("start")), now)
    if resource.get("abatementBoolean") is True:
        return True
    return any(resource.get(key) for key in _ABATED[-3:])


def procedure_over(resource: Mapping[str, Any], now: datetime) -> bool:
    """Whether it was a course of days that has come to its end; a session stays done."""
    period = as_object(resource.get("performedPeriod") or resource.get("occurrencePeriod"))
    start, end = bounds_of(period.get("start")), bounds_of(period.get("end"))
    if start is None or end is None or not ended(period.get("end"), now):
        return False
    return end[1] - start[0] > _SESSION
