"""The record beside a response: what --record names, and what came in the same Bundle."""

from collections.abc import Sequence
from typing import Any

from cds.commands.inputs import Input
from cds.errors import ResponseError
from cds.flows.assess import Assessor
from cds.flows.deciding.assessed import Assessed
from cds.wire import JsonObject, objects

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
    every = objects([*(record or ()), *_entries(one.beside)])
    patients = [
        resource
        for resource in objects([entry.get("resource", entry) for entry in every])
        if resource.get("resourceType") == "Patient"
        and f"Patient/{resource.get('id')}" == assessed.subject
    ]
    return [*patients[:1], assessed.response]


def _is_record(bundle: JsonObject | None) -> bool:
    resources = objects([entry.get("resource") for entry in _entries(bundle)])
    return any(resource.get("resourceType") in _KINDS for resource in resources)


def _entries(bundle: JsonObject | None) -> list[JsonObject]:
    return objects((bundle or {}).get("entry"))
