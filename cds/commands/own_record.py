"""The record beside a response: what --record names, and what came in the same Bundle."""

from collections.abc import Iterable, Sequence
from typing import Any

from cds.commands.inputs import Input
from cds.errors import ResponseError
from cds.flows.assess import Assessor
from cds.flows.deciding.assessed import Assessed
from cds.wire import JsonObject

# What a Bundle must hold to be a record, and not only a bundle of responses.
_KINDS = frozenset(
    {
        *("Observation", "Condition", "MedicationRequest", "MedicationStatement", "Procedure"),
        *("DiagnosticReport", "OperationOutcome"),
    }
)


def assess_beside(
    assessor: Assessor, one: Input, record: Sequence[JsonObject] | None, **how: Any
) -> Assessed:
    """The decision, with the record that came in the response's own Bundle besides that given.

    Raises:
        CdsError: as `Assessor.assess` has it.
    """
    own = one.beside if _is_record(one.beside) else None
    if own is None:
        return assessor.assess(one.value, record=record, **how)
    try:
        return assessor.assess(one.value, record=[*(record or ()), own], **how)
    except ResponseError as error:
        if not error.where.startswith("record"):
            raise
    # Nothing in the Bundle is of this patient: it is the record of others.
    return assessor.assess(one.value, record=record, **how)


def brought_along(
    assessed: Assessed, one: Input, record: Sequence[JsonObject] | None
) -> list[JsonObject]:
    """The patient, if one of the inputs holds it, and the response itself."""
    every = [*(record or ()), *_entries(one.beside)]
    inside = (entry.get("resource", entry) for entry in every if isinstance(entry, dict))
    patients = [
        resource
        for resource in inside
        if isinstance(resource, dict)
        and resource.get("resourceType") == "Patient"
        and f"Patient/{resource.get('id')}" == assessed.subject
    ]
    return [*patients[:1], assessed.response]


def _is_record(bundle: JsonObject | None) -> bool:
    return any(
        isinstance(entry, dict)
        and isinstance(resource := entry.get("resource"), dict)
        and resource.get("resourceType") in _KINDS
        for entry in _entries(bundle)
    )


def _entries(bundle: JsonObject | None) -> Iterable[Any]:
    entries = bundle.get("entry") if bundle is not None else None
    return entries if isinstance(entries, list) else ()
