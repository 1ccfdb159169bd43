"""Whose record it is: what is of another patient than the response's is put aside."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

from cds.errors import ResponseError

_PATIENT = re.compile(r"^(?P<base>.*/)?Patient/(?P<id>[A-Za-z0-9\-.]{1,64})$")
_HISTORY = re.compile(r"/_history/[^/]*$")
_UUID = "urn:uuid:"


class Name(NamedTuple):
    """One way to name a patient: an id or a UUID, at a base if the reference has one."""

    id: str
    base: str | None

    def may_be(self, other: "Name") -> bool:
        """Whether both can be the same patient: equal ids, and no two different bases."""
        return self.id == other.id and (self.base == other.base or None in {self.base, other.base})


def subject_name(reference: str) -> Name | None:
    """The patient that a reference names; None if it names something else.

    >>> name_of("https://ehr.example.org/fhir/Patient/1/_history/2")
    Name(id='1', base='https://ehr.example.org/fhir/')
    """
    plain = _HISTORY.sub("", reference)
    if plain.startswith(_UUID):
        return Name(plain.removeprefix(_UUID), None)
    found = _PATIENT.match(plain)
    return Name(found["id"], found["base"]) if found else None


_Entry = tuple[str, str | None]  # the name of a resource, and the fullUrl of its entry


class Others(NamedTuple):
    """What is about other patients: references to them, and their Patient resources."""

    references: frozenset[str]
    patients: frozenset[_Entry]


NOBODY = Others(frozenset(), frozenset())


@dataclass(slots=True)
class Subjects:
    """Every reference to a patient that the record holds, with one resource that holds it."""

    _seen: dict[str, str] = field(default_factory=dict)
    # Each Patient resource by its name and the fullUrl of its entry: its id, if it is text.
    _patients: dict[_Entry, str | None] = field(default_factory=dict)

    def note(self, reference: str, record: str) -> None:
        """Keep that a resource is about this patient."""
        self._seen.setdefault(reference, record)

    def patient(self, resource: Mapping[str, Any], full_url: str | None, record: str) -> None:
        """Keep what the record may name a Patient resource by."""
        identifier = resource.get("id")
        self._patients[record, full_url] = identifier if isinstance(identifier, str) else None

    def others(self, patient: str | None) -> Others:
        """The references to other patients, and their Patient resources.

        Raises:
            ResponseError: nothing is of this patient, or no patient is named and there are several.
        """
        patients = {one: _names(id_, one[1]) for one, id_ in self._patients.items()}
        allowed = _allowed(patient, patients.values())
        named = allowed is not None
        other_patients, other_references = set[_Entry](), dict[str, str]()
        mine = False
        for entry, names in sorted(patients.items(), key=lambda one: (one[0][0], one[0][1] or "")):
            allowed = names if allowed is None else allowed
            if names and not _meet(names, allowed):
                other_patients.add(entry)
            else:
                mine = True
        for reference, record in sorted(self._seen.items(), key=itemgetter(1)):
            name = subject_name(reference)
            if name is None:
                continue
            allowed = frozenset({name}) if allowed is None else allowed
            if _meet(frozenset({name}), allowed):
                mine = True
            else:
                other_references[reference] = record
        strange = [*(record for record, _ in other_patients), *other_references.values()]
        if strange and not (named and mine):
            raise _other(min(strange))
        return Others(frozenset(other_references), frozenset(other_patients))


def _names(identifier: str | None, full_url: str | None) -> frozenset[Name]:
    """Every way in which the record can name a Patient resource."""
    by_id = subject_name(f"Patient/{identifier}") if identifier is not None else None
    by_url = subject_name(full_url) if full_url is not None else None
    if by_id and by_url and by_url.base is not None and by_url.id == by_id.id:
        by_id = None  # the fullUrl says the same, and at which base
    return frozenset(one for one in (by_id, by_url) if one is not None)


def _allowed(patient: str | None, patients: Iterable[frozenset[Name]]) -> frozenset[Name] | None:
    """Every name of the response's patient, with those that a Patient resource adds."""
    asked = subject_name(patient) if patient else None
    if asked is None:
        return None
    mine = frozenset({asked})
    for names in patients:
        if _meet(names, mine):
            mine |= names
    return mine


def _meet(some: frozenset[Name], others: frozenset[Name]) -> bool:
    return any(one.may_be(other) for one in some for other in others)


def _other(record: str) -> ResponseError:
    return ResponseError(
        f"record: {record}",
        "is about another patient than the response or the rest of the record.",
        "Give the record of the response's subject.",
    )
