"""Which resources are about the patient: entries of the record, and what stands inside them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from cds.record.shapes import as_list, as_many, as_object
from cds.record.subject import NOBODY, Subjects
from cds.record.subject import subject_name as patient_named
from cds.record.versions import Named, NewestVersions
from cds.record.walk import CONTAINERS
from cds.wire import JsonObject

_DEEPEST = 8
_NOT_A_PATIENT = re.compile(r"(?:.*/)?(?:Group|Device|Location)/")
_NOT_READ_INSIDE = frozenset({"Patient", "Medication"})
# What consists of references to other resources: some write the resources themselves there.
HOLDERS = frozenset(
    {
        *("Composition", "List", "DiagnosticReport", "CarePlan", "RequestGroup", "MessageHeader"),
        *("RequestOrchestration", "ServiceRequest", "ClinicalImpression", "Basic"),
    }
)


def inner_of(resource: JsonObject, patient: str | None) -> Iterator[JsonObject]:
    """The resources inside another one that are about the same person, each with its neighbours.

    They are named by the one that holds them, wherever they stand in it.
    """
    if resource.get("status") == "entered-in-error":
        return
    inside = as_list(resource.get("contained"))
    inline = _inline_in(resource) if resource["resourceType"] in HOLDERS else ()
    for one in _with_nested([*inside, *inline]):
        kind = one.get("resourceType") if isinstance(one, dict) else None
        if not isinstance(kind, str) or kind in _NOT_READ_INSIDE:
            continue
        if kind == "OperationOutcome" and resource["resourceType"] == "AuditEvent":
            continue  # it says what once was answered to somebody
        reference, whose = about(one), about(resource) or patient
        if reference is not None and whose is not None and not reference.startswith("#"):
            named, own = patient_named(reference), patient_named(whose)
            if _NOT_A_PATIENT.match(reference) or (named and own and not named.may_be(own)):
                continue
        yield {**one, "contained": inside}


def _inline_in(node: Mapping[str, Any], depth: int = 0) -> Iterator[JsonObject]:
    """Resources that stand where FHIR has a reference to one."""
    for key, value in node.items():
        for one in as_many(value) if key != "contained" else ():
            if isinstance(one, dict) and isinstance(one.get("resourceType"), str):
                yield one
            elif isinstance(one, dict) and depth < _DEEPEST:
                yield from _inline_in(one, depth + 1)


def _with_nested(resources: Iterable[Any], depth: int = 0) -> Iterator[Any]:
    """FHIR lets nothing inside stand inside another; what does so all the same is read."""
    for one in resources:
        yield one
        if isinstance(one, dict) and depth < _DEEPEST:
            entries = [as_object(entry).get("resource") for entry in as_list(one.get("entry"))]
            yield from _with_nested([*as_list(one.get("contained")), *entries], depth + 1)


def about(resource: JsonObject) -> str | None:
    """The reference to whom a resource is about, if it has one."""
    subject = resource.get("subject") or resource.get("patient")
    reference = subject.get("reference") if isinstance(subject, dict) else None
    return reference if isinstance(reference, str) else None


def as_they_came(items: object, patient: str | None) -> NewestVersions | None:
    """A list of plain resources, each with an id of its own, as most are; None for any other.

    There is nothing else in it to be found, and no second version of anything. Most name nobody
    but this patient, in these very words: that is seen at the same glance.
    """
    if not isinstance(items, list):
        return None
    names: set[str] = set()
    entries: list[Named] = []
    alone = patient is not None and not _NOT_A_PATIENT.match(patient)
    for one in items:
        if not isinstance(one, dict):
            return None
        kind, identifier = one.get("resourceType"), one.get("id")
        if not isinstance(kind, str) or not isinstance(identifier, str):
            return None
        if not identifier or kind in CONTAINERS:
            return None
        name = f"{kind}/{identifier}"
        names.add(name)
        entries.append((one, None, name))
        if alone:
            alone = (about(one) or patient) == patient and (kind != "Patient" or name == patient)
    return NewestVersions(entries, 0, alone=alone) if len(names) == len(items) else None


def others_in(entries: Iterable[Named], patient: str | None) -> Callable[[Named], bool] | None:
    """Whether an entry is about someone else than the patient; None if none is.

    Raises:
        ResponseError: nothing is of the patient.
    """
    subjects = Subjects()
    known: set[object] = set()
    strange: set[str] = set()  # groups, places, devices
    for resource, full_url, name in entries:
        reference = about(resource)
        if reference is not None and reference not in known:
            known.add(reference)
            if _NOT_A_PATIENT.match(reference):
                strange.add(reference)
            else:
                subjects.note(reference, name)
        if resource["resourceType"] == "Patient":
            subjects.patient(resource, full_url, name)
    others = subjects.others(patient)
    if not strange and others == NOBODY:
        return None
    references = others.references | strange

    def is_other(entry: Named) -> bool:
        resource, full_url, name = entry
        return about(resource) in references or (name, full_url) in others.patients

    return is_other
