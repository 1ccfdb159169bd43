"""A record → Facts: one pass over its resources, then what they say together."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from cds.core.account import CONDITION, MEDICINE, PROCEDURE, RESULT, Account, Missing
from cds.core.model import Facts
from cds.record.category import laboratory
from cds.record.findings import Findings
from cds.record.hearing import Hearing
from cds.record.history import Meanings, hear_condition, hear_procedure
from cds.record.medicines import (
    Concepts,
    Linked,
    concepts_of,
    hear_medicine,
    hear_supply,
    reference_of,
)
from cds.record.patient import hear_age
from cds.record.ranges import Whose
from cds.record.reading import when_text
from cds.record.results import Results
from cds.record.rules import RecordRules
from cds.record.shapes import as_list, text_at
from cds.record.subject import NOBODY, Subjects
from cds.record.subject import subject_name as patient_named
from cds.record.times import born_of
from cds.record.versions import Kept, Named, newest
from cds.record.walk import Walk, is_misspelt, reduced
from cds.wire import JsonObject

# Where a report says in words, or in a document, what it found (`codedDiagnosis` in STU3).
_IN_WORDS = ("conclusion", "conclusionCode", "codedDiagnosis", "presentedForm")
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
        self.hearing = Hearing(rules, now, self.out)
        self.results = Results(rules)
        self.birth_dates: set[str | None] = set()
        self.sexes: set[str | None] = set()
        self.patients: list[tuple[str, str | None]] = []
        self.medicines: list[tuple[JsonObject, str]] = []
        self.supplies: list[tuple[JsonObject, str]] = []
        self.medications: dict[str, tuple[str, Concepts]] = {}
        self.kept = Kept([], 0)
        self.names: list[str] = []  # of what is the patient's
        self._conditions = Meanings(
            rules.conditions, rules.condition_names, rules.no_conditions, tell=True
        )
        self._procedures = Meanings(rules.procedures, rules.procedure_names, None, tell=False)

    def take_all(self, resources: Iterable[JsonObject], patient: str | None) -> None:
        """Keep what these resources say, if they are about the patient."""
        walk = Walk()
        self.kept = newest(walk.resources(resources), walk.deleted)
        for one in walk.gaps:
            self.miss(one)
        is_other = _others(self.kept.entries, patient)
        # Held here and not by `self`: that would be a ring, which only the collector frees.
        takers = {
            "Observation": self.results.take,
            "DiagnosticReport": self._report,
            "MedicationRequest": self._medicine,
            "MedicationStatement": self._medicine,
            "MedicationOrder": self._medicine,  # DSTU2
            "MedicationUsage": self._medicine,  # a name of the statement in drafts of R5
            "MedicationDispense": self._supply,
            "MedicationAdministration": self._supply,
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
                taker(resource, name)
            if full_url is not None and name in self.medications:
                self.medications[full_url] = self.medications[name]
            if "contained" in resource:
                for inner in inner_of(resource, patient):
                    takers.get(inner["resourceType"], _pass_over)(inner, name)

        self._miss_misspelt(takers)
        self._miss_reduced()

    def _miss_misspelt(self, known: Iterable[str]) -> None:
        """What calls itself by none of FHIR's types, and by one of ours in another case."""
        mine = frozenset(self.names)
        kinds = {one["resourceType"]: name for one, _, name in self.kept.entries if name in mine}
        for kind, name in kinds.items():
            if is_misspelt(kind, known):
                self.miss(Missing(name, "it holds no resource"))

    def _miss_reduced(self) -> None:
        """What was left out of resources that are here: nothing follows from its silence."""
        mine = frozenset(self.names)
        labelled = (one for one, _, name in self.kept.entries if "meta" in one and name in mine)
        for reason in sorted({reason for one in labelled for reason in reduced(one)}):
            self.miss(Missing("a part of some resources", reason))

    def miss(self, one: Missing) -> None:
        """Something was asked for and did not come."""
        policy = self.rules.labs
        kinds = one.kinds or (RESULT, MEDICINE, CONDITION, PROCEDURE)
        facts = (fact for kind in kinds for fact in self.rules.kinds.get(kind, ()))
        self.out.missing(one, tuple(dict.fromkeys(facts)), policy.unusable_floor)

    def _patient(self, resource: JsonObject, name: str) -> None:
        self.birth_dates.add(text_at(resource, "birthDate"))
        self.patients.append((name, text_at(resource, "birthDate")))
        self.sexes.add(text_at(resource, "gender"))

    def _condition(self, resource: JsonObject, name: str) -> None:
        hear_condition(resource, name, self._conditions, self.hearing)

    def _procedure(self, resource: JsonObject, name: str) -> None:
        hear_procedure(resource, name, self._procedures, self.hearing)

    def _medicine(self, resource: JsonObject, name: str) -> None:
        self.medicines.append((resource, name))

    def _supply(self, resource: JsonObject, name: str) -> None:
        self.supplies.append((resource, name))

    def _medication(self, resource: JsonObject, name: str) -> None:
        self.medications.setdefault(name, (name, concepts_of(resource)))

    def _report(self, resource: JsonObject, name: str) -> None:
        """A report refers to results, which may be here or not, or says them in words."""
        kind = laboratory(resource, self.rules)
        if kind is False:
            return
        doubts, when = self.results.doubts, when_text(resource)
        doubts.panel(resource, name, "result", when)
        if any(resource.get(key) for key in _IN_WORDS):
            surely = kind is True and bool(resource.get("category"))
            held = bool(resource.get("result") or resource.get("contained"))
            doubts.in_words(resource, name, when, laboratory=surely, held=held)

    def facts(self) -> Facts:
        """What all of it says together."""
        names = frozenset(self.names)
        hear_age(self.patients, self.rules.too_young, self.now, self.out)
        self.results.hear(self.now, self._whose(), names, self.out)
        for resource, record in self.medicines:
            hear_medicine(resource, record, self._linked(resource), self.hearing)
        for resource, record in self.supplies:
            hear_supply(resource, record, self._linked(resource), self.hearing)
        facts = self.out.facts(self.rules.unknown)
        return facts._replace(account=self._account(frozenset(facts.used)))

    def _whose(self) -> Whose:
        """Whom the results are of; two sexes are none."""
        born = [one for date in self.birth_dates for one in (born_of(date),) if one is not None]
        return Whose(
            (min(one[0] for one in born), max(one[1] for one in born)) if born else None,
            next(iter(self.sexes)) if len(self.sexes) == 1 else None,
            disputed=len(born) > 1,
        )

    def _account(self, used: frozenset[str]) -> Account:
        """The states of all resources; what nothing else is said of is not about this."""
        elsewhere = self.results.doubts.others
        sums = self.out.account(self.names, used, elsewhere)
        looked_at = len(self.kept.entries) + self.kept.replaced
        replaced = sums.replaced + self.kept.replaced
        return Account(
            looked_at=looked_at,
            used=sums.used,
            replaced=replaced,
            not_about=looked_at - sums.used - replaced - len(sums.unheard),
            unheard=sums.unheard,
            missing=self.out.gaps,
            others=sums.others + len(self.kept.entries) - len(self.names),
        )

    def _linked(self, resource: JsonObject) -> Linked:
        """The Medication that an order refers to: contained, by its id, or by its fullUrl."""
        reference = text_at(reference_of(resource), "reference")
        if reference is None:
            return Linked()
        if reference.startswith("#"):
            inside = (one for one in as_list(resource.get("contained")) if isinstance(one, dict))
            named = (one for one in inside if one.get("id") == reference[1:])
            found = next((one for one in named if one.get("resourceType") == "Medication"), None)
            return Linked(lost=True) if found is None else Linked(None, concepts_of(found))
        plain = reference.split("/_history/")[0]
        tail = "/".join(plain.split("/")[-2:])
        known = self.medications.get(plain) or self.medications.get(tail)
        return Linked(lost=True) if known is None else Linked(*known)


def _pass_over(resource: JsonObject, name: str) -> None:
    """A kind of resource that nothing is asked of."""


_NOT_READ_INSIDE = frozenset({"Patient", "Medication"})


def inner_of(resource: JsonObject, patient: str | None) -> Iterator[JsonObject]:
    """The resources inside another one that are about the same person, each with its neighbours.

    They are named by the one that holds them, wherever they stand in it.
    """
    inside = resource["contained"] if resource.get("status") != "entered-in-error" else ()
    for one in as_list(inside):
        kind = one.get("resourceType") if isinstance(one, dict) else None
        if not isinstance(kind, str) or kind in _NOT_READ_INSIDE:
            continue
        reference, whose = _about(one), _about(resource) or patient
        if reference is not None and whose is not None and not reference.startswith("#"):
            named, own = patient_named(reference), patient_named(whose)
            if _NOT_A_PATIENT.match(reference) or (named and own and not named.may_be(own)):
                continue
        yield {**one, "contained": inside}


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
