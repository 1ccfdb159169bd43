"""A record → Facts: one pass over its resources, then what they say together."""

import re
from collections.abc import Iterable
from datetime import datetime

from cds.core.model import Facts
from cds.record.findings import Findings
from cds.record.history import Meanings, hear_condition, hear_procedure
from cds.record.medicines import Concepts, concepts_of, hear_medicine, is_active
from cds.record.reading import as_list, as_object, text_at
from cds.record.results import Results
from cds.record.rules import RecordRules
from cds.record.subject import Subjects
from cds.record.walk import name_of, resources_of
from cds.wire import JsonObject

_NOT_A_PATIENT = re.compile(r"(?:.*/)?(?:Group|Device|Location)/")


def facts_of(
    resources: Iterable[JsonObject], rules: RecordRules, *, now: datetime, patient: str | None
) -> Facts:
    """What the record says of every declared fact, at the moment `now` (with its offset).

    `resources` may be resources, Bundle entries and Bundles, in any order. `patient` is the
    reference to the response's subject; None asks only that the record is of one patient.

    Raises:
        ResponseError: the record is of another patient, or of more than one.
    """
    gathered = _Gathered(rules)
    gathered.take_all(resources)
    gathered.subjects.check(patient)
    return gathered.facts(now)


class _Gathered:
    """What one pass keeps of a record: readings and active entries, nothing of the others."""

    def __init__(self, rules: RecordRules) -> None:
        self.rules = rules
        self.subjects = Subjects()
        self.out = Findings()
        self.results = Results(rules)
        self.birth_dates: set[str | None] = set()
        self.medicines: list[tuple[JsonObject, str]] = []
        self.medications: dict[str, tuple[str, Concepts]] = {}
        self._conditions = Meanings(rules.conditions)
        self._procedures = Meanings(rules.procedures)

    def take_all(self, resources: Iterable[JsonObject]) -> None:
        """Keep what these resources say."""
        patients: set[str] = set()
        # Held here and not by `self`: that would be a ring, which only the collector frees.
        takers = {
            "Observation": self.results.take,
            "DiagnosticReport": self._report,
            "MedicationRequest": self._medicine,
            "MedicationStatement": self._medicine,
            "Medication": self._medication,
            "Condition": self._condition,
            "Procedure": self._procedure,
            "Patient": self._patient,
        }
        for resource, full_url in resources_of(resources):
            subject = resource.get("subject") or resource.get("patient")
            reference = subject.get("reference") if isinstance(subject, dict) else None
            if isinstance(reference, str) and reference not in patients:
                if _NOT_A_PATIENT.match(reference):
                    continue
                patients.add(reference)
                self.subjects.note(reference, name_of(resource, full_url))
            taker = takers.get(resource["resourceType"])
            if taker is not None:
                taker(resource, full_url)

    def _patient(self, resource: JsonObject, full_url: str | None) -> None:
        self.subjects.patient(resource, full_url, name_of(resource, full_url))
        self.birth_dates.add(text_at(resource, "birthDate"))

    def _condition(self, resource: JsonObject, full_url: str | None) -> None:
        hear_condition(resource, full_url, self._conditions, self.rules, self.out)

    def _procedure(self, resource: JsonObject, full_url: str | None) -> None:
        hear_procedure(resource, full_url, self._procedures, self.rules, self.out)

    def _medicine(self, resource: JsonObject, full_url: str | None) -> None:
        if is_active(resource, self.rules):
            self.medicines.append((resource, name_of(resource, full_url)))

    def _medication(self, resource: JsonObject, full_url: str | None) -> None:
        name = name_of(resource, full_url)
        self.medications[name] = name, concepts_of(resource)
        if full_url is not None:
            self.medications[full_url] = self.medications[name]

    def _report(self, resource: JsonObject, full_url: str | None) -> None:
        """A report may carry its Observations inside itself; they are named by the report."""
        for one in as_list(resource.get("contained")):
            if isinstance(one, dict) and one.get("resourceType") == "Observation":
                self.results.take({**one, "id": None}, name_of(resource, full_url))

    def facts(self, now: datetime) -> Facts:
        """What all of it says together."""
        dates = self.birth_dates
        self.results.hear(now, next(iter(dates)) if len(dates) == 1 else None, self.out)
        for resource, record in self.medicines:
            linked = self._linked(resource)
            if hear_medicine(resource, record, linked[1], self.rules, self.out) and linked[0]:
                self.out.use(linked[0])
        return self.out.facts(self.rules.unknown)

    def _linked(self, resource: JsonObject) -> tuple[str | None, Concepts]:
        """The Medication that an order refers to: contained, by its id, or by its fullUrl."""
        reference = text_at(as_object(resource.get("medicationReference")), "reference")
        if reference is None:
            return None, []
        if reference.startswith("#"):
            inside = (as_object(one) for one in as_list(resource.get("contained")))
            return None, next(
                (concepts_of(one) for one in inside if one.get("id") == reference[1:]), []
            )
        plain = reference.split("/_history/")[0]
        tail = "/".join(plain.split("/")[-2:])
        return self.medications.get(plain) or self.medications.get(tail) or (None, [])
