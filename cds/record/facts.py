"""A record → Facts: one pass over its resources, then what they say together."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime

from cds.core.account import CONDITION, MEDICINE, PROCEDURE, RESULT, Account, Missing
from cds.core.model import Facts
from cds.record.findings import Findings
from cds.record.history import Meanings, hear_condition, hear_procedure
from cds.record.medicines import Concepts, concepts_of, hear_medicine, is_active
from cds.record.reading import as_list, as_object, text_at
from cds.record.results import Results
from cds.record.rules import RecordRules
from cds.record.subject import NOBODY, Subjects
from cds.record.versions import Kept, Named, newest
from cds.record.walk import Walk, name_of
from cds.wire import JsonObject

_NOT_A_PATIENT = re.compile(r"(?:.*/)?(?:Group|Device|Location)/")


def facts_of(
    resources: Iterable[JsonObject],
    rules: RecordRules,
    *,
    now: datetime,
    patient: str | None,
    missing: Iterable[Missing] = (),
) -> Facts:
    """What the record says of every declared fact, at the moment `now` (with its offset).

    `resources` may be resources, Bundle entries and Bundles, in any order. `patient` is the
    reference to the response's subject; None asks only that the record is of one patient. `missing`
    is what the caller asked for and did not get. `Facts.account` tells what became of everything.

    Raises:
        ResponseError: nothing in it is of the patient, or, where none is named, it is of several.
    """
    gathered = _Gathered(rules, now)
    gathered.take_all(resources, patient)
    for one in missing:
        gathered.miss(one)
    return gathered.facts()


class _Gathered:
    """What one pass keeps of a record: readings and active entries, nothing of the others."""

    def __init__(self, rules: RecordRules, now: datetime) -> None:
        self.rules = rules
        self.now = now
        self.out = Findings()
        self.results = Results(rules)
        self.birth_dates: set[str | None] = set()
        self.medicines: list[tuple[JsonObject, str]] = []
        self.medications: dict[str, tuple[str, Concepts]] = {}
        self.kept = Kept([], 0)
        self.names: list[str] = []  # of what is the patient's
        self._conditions = Meanings(rules.conditions)
        self._procedures = Meanings(rules.procedures)

    def take_all(self, resources: Iterable[JsonObject], patient: str | None) -> None:
        """Keep what these resources say, if they are about the patient."""
        walk = Walk()
        self.kept = newest(walk.resources(resources), walk.deleted)
        for one in walk.missing:
            self.miss(one)
        is_other = _others(self.kept.entries, patient)
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
        for entry in self.kept.entries:
            if is_other is not None and is_other(entry):
                continue
            resource, full_url, name = entry
            self.names.append(name)
            taker = takers.get(resource["resourceType"])
            if taker is not None:
                taker(resource, full_url)

    def miss(self, one: Missing) -> None:
        """Something was asked for and did not come."""
        policy = self.rules.labs
        kinds = one.kinds or (RESULT, MEDICINE, CONDITION, PROCEDURE)
        facts = (fact for kind in kinds for fact in self.rules.kinds.get(kind, ()))
        self.out.missing(one, tuple(dict.fromkeys(facts)), policy.unusable_floor)

    def _patient(self, resource: JsonObject, full_url: str | None) -> None:
        del full_url
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

    def facts(self) -> Facts:
        """What all of it says together."""
        dates = self.birth_dates
        self.results.hear(self.now, next(iter(dates)) if len(dates) == 1 else None, self.out)
        for resource, record in self.medicines:
            linked = self._linked(resource)
            if hear_medicine(resource, record, linked[1], self.rules, self.out) and linked[0]:
                self.out.use(linked[0])
        facts = self.out.facts(self.rules.unknown)
        return facts._replace(account=self._account(frozenset(facts.used)))

    def _account(self, used: frozenset[str]) -> Account:
        (counted, replaced), unheard = self.out.account(self.names, used)
        looked_at = len(self.kept.entries) + self.kept.replaced
        replaced += self.kept.replaced
        return Account(
            looked_at=looked_at,
            used=counted,
            replaced=replaced,
            not_about=looked_at - counted - replaced - len(unheard),
            unheard=unheard,
            missing=self.out.gaps,
            others=len(self.kept.entries) - len(self.names),
        )

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


def _about(resource: JsonObject) -> str | None:
    """The reference to whom a resource is about, if it has one."""
    subject = resource.get("subject") or resource.get("patient")
    reference = subject.get("reference") if isinstance(subject, dict) else None
    return reference if isinstance(reference, str) else None


def _others(entries: Iterable[Named], patient: str | None) -> Callable[[Named], bool] | None:
    """Whether an entry is about someone else than the patient; None if none is, as usual.

    Raises:
        ResponseError: nothing is of the patient.
    """
    subjects = Subjects()
    known: set[object] = set()
    strange: set[str] = set()  # groups, places, devices
    for resource, full_url, name in entries:
        reference = _about(resource)
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
        return _about(resource) in references or (name, full_url) in others.patients

    return is_other
