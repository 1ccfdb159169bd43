"""A record → Facts: one pass over its resources, then what they say together."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from cds.core.account import CONDITION, MEDICINE, PROCEDURE, RESULT, Account, Missing, Unheard
from cds.core.model import Facts
from cds.record.category import laboratory
from cds.record.doubts import AROUND_RESULTS
from cds.record.elsewhere import LASTS, Elsewhere
from cds.record.findings import Findings
from cds.record.hearing import Hearing
from cds.record.history import (
    Meanings,
    condition_counts,
    hear_condition,
    hear_procedure,
    procedure_counts,
)
from cds.record.lists import Listed, gaps_of, listed_in
from cds.record.matters import says_more
from cds.record.medicines import (
    Concepts,
    concepts_of,
    hear_medicine,
    hear_supply,
    linked_in,
)
from cds.record.over import ended, medicine_in_force
from cds.record.patient import hear_age
from cds.record.ranges import OF_NOBODY, Whose
from cds.record.reading import when_text
from cds.record.results import Results
from cds.record.rules import RecordRules
from cds.record.said import drawn_by_hand
from cds.record.shapes import tail_of, text_at
from cds.record.superseded import tell_superseded
from cds.record.times import Born, born_of
from cds.record.versions import NewestVersions, as_they_came, newest
from cds.record.walk import RecordWalk, is_misspelt, missing_by, reduced
from cds.record.whose import HOLDERS, inner_of, others_in
from cds.record.words import on_date
from cds.wire import JsonObject

# Where a report says in words, or in a document, what it found (`codedDiagnosis` in STU3).
# The values of an Observation that may name a condition or a procedure.
_IN_NO_NUMBER = ("valueCodeableConcept", "valueString", "valueBoolean")
_IN_WORDS = ("conclusion", "conclusionCode", "codedDiagnosis", "presentedForm", *AROUND_RESULTS)
# FHIR: registered is a report of which nothing is available yet.
_WITHOUT_RESULTS = frozenset({"registered", "cancelled"})


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
    gathered.miss(missing)
    return gathered.facts()


class _Gathered:
    """What one pass keeps of a record: readings and active entries, nothing of the others."""

    def __init__(self, rules: RecordRules, now: datetime) -> None:
        self.rules = rules
        self.now = now
        self.out = Findings()
        self.hearing = Hearing(rules, now, self.out)
        self.results: Results | None = None  # until something of a laboratory comes
        self.born: dict[str | None, Born | None] = {}  # by each date of birth, as written
        self.sexes: set[str | None] = set()
        self.patients: list[tuple[str, Born | None]] = []
        self.medicines: list[tuple[JsonObject, str]] = []
        self.supplies: list[tuple[JsonObject, str]] = []
        self.medications: dict[str, tuple[str, Concepts]] = {}
        self.kept = NewestVersions([], 0)
        self.names: list[str] = []  # of what is the patient's
        self.addresses: list[str] = []  # the fullUrls of the same
        self.lists: list[Listed] = []
        self._conditions = Meanings(
            rules.conditions, rules.condition_names, rules.no_conditions, tell=True
        )
        self._procedures = Meanings(rules.procedures, rules.procedure_names, None, tell=False)
        self._named: Elsewhere | None = None  # until something may name what is asked for

    @property
    def _elsewhere(self) -> Elsewhere:
        if self._named is None:
            self._named = Elsewhere(self._conditions, self._procedures, self.hearing)
        return self._named

    def take_all(self, resources: Iterable[JsonObject], patient: str | None) -> None:
        """Keep what these resources say, if they are about the patient."""
        self.kept = as_they_came(resources) or self._walked(resources)
        is_other = others_in(self.kept.entries, patient)
        kinds: dict[str, str] = {}  # every kind, with the name of one of it
        reasons: set[str] = set()
        for entry in self.kept.entries:
            if is_other is not None and is_other(entry):
                continue
            resource, full_url, name = entry
            kind = resource["resourceType"]
            self.names.append(name)
            kinds[kind] = name
            _TAKERS.get(kind, _Gathered.take_other)(self, resource, name)
            if full_url is not None:
                self.addresses.append(full_url)
                if name in self.medications:
                    self.medications[full_url] = self.medications[name]
            if "contained" in resource or kind in HOLDERS:
                for inner in inner_of(resource, patient):
                    _TAKERS.get(inner["resourceType"], _Gathered.take_other)(self, inner, name)
            if "meta" in resource:
                reasons.update(reduced(resource))
        self._miss_told(kinds, reasons)

    def _walked(self, resources: Iterable[JsonObject]) -> NewestVersions:
        """What counts of entries of any kind; what came instead of one is missing."""
        walk = RecordWalk()
        kept = newest(walk.resources(resources), walk.deleted)
        self.miss(walk.gaps)
        return kept

    def _miss_told(self, kinds: Mapping[str, str], reasons: set[str]) -> None:
        """What is of one of our types in another case, and what was left out of what is here."""
        if not reasons and kinds.keys() <= _TAKERS.keys():
            return
        misspelt = [name for kind, name in kinds.items() if is_misspelt(kind, _TAKERS)]
        self.miss([Missing(name, "it holds no resource") for name in misspelt])
        # Nothing follows from the silence of the rest.
        self.miss([Missing("a part of some resources", reason) for reason in sorted(reasons)])

    def miss(self, gaps: Iterable[Missing]) -> None:
        """Something was asked for and did not come."""
        for one in gaps:
            kinds = one.kinds or (RESULT, MEDICINE, CONDITION, PROCEDURE)
            facts = (fact for kind in kinds for fact in self.rules.kinds.get(kind, ()))
            self.out.missing(one, tuple(dict.fromkeys(facts)), self.rules.labs.unusable_floor)

    def take_patient(self, resource: JsonObject, name: str) -> None:
        written = text_at(resource, "birthDate")
        self.born[written] = born = born_of(written)
        self.patients.append((name, born))
        self.sexes.add(text_at(resource, "gender"))
        if "extension" in resource:
            said = {"resourceType": "Patient", "extension": resource["extension"]}
            self._elsewhere.take_beside(said, name)

    def _begun(self) -> Results:
        self.results = Results(self.rules)
        return self.results

    def take_observation(self, resource: JsonObject, name: str) -> None:
        (self.results or self._begun()).take(resource, name)
        # Most results are numbers.
        if "valueQuantity" not in resource and not resource.keys().isdisjoint(_IN_NO_NUMBER):
            self._elsewhere.take_finding(resource, name)

    def take_condition(self, resource: JsonObject, name: str) -> None:
        hear_condition(resource, name, self._conditions, self.hearing)
        if says_more(resource) and condition_counts(resource, self.rules, self.now):
            self._elsewhere.take_beside(resource, name)

    def take_procedure(self, resource: JsonObject, name: str) -> None:
        hear_procedure(resource, name, self._procedures, self.hearing)
        if says_more(resource) and procedure_counts(resource, self.rules, self.now):
            self._elsewhere.take_beside(resource, name, LASTS)

    def take_medicine(self, resource: JsonObject, name: str) -> None:
        self.medicines.append((resource, name))

    def take_supply(self, resource: JsonObject, name: str) -> None:
        self.supplies.append((resource, name))

    def take_medication(self, resource: JsonObject, name: str) -> None:
        self.medications.setdefault(name, (name, concepts_of(resource)))

    def take_outcome(self, resource: JsonObject, name: str) -> None:
        self.miss(missing_by(resource, name))

    def take_other(self, resource: JsonObject, name: str) -> None:
        self._elsewhere.take(resource, name)

    def take_list(self, resource: JsonObject, name: str) -> None:
        """A list or a document refers to entries, which may be here or not, and names things."""
        self.lists += listed_in(resource, name)
        self.miss(gaps_of(resource))
        self._elsewhere.take(resource, name)

    def _lost(self, here: frozenset[str]) -> None:
        """Tell which lists refer to what was not handed in; `here` are all names that are."""
        rules = self.rules
        for one in self.lists:
            if one.kind == RESULT and ended(one.date, self.now - rules.labs.recent):
                continue
            if not all(each in here or tail_of(each) in here for each in one.references):
                facts = rules.kinds.get(one.kind, ())
                on = on_date(one.date if isinstance(one.date, str) else None)
                lost = Unheard(one.record, one.kind, one.what, "not-found", date=on, facts=facts)
                self.out.not_heard(lost, rules.labs.unusable_floor)

    def take_report(self, resource: JsonObject, name: str) -> None:
        """A report refers to results, which may be here or not, or says them in words."""
        status = text_at(resource, "status")
        if status == "entered-in-error":
            return
        kind = laboratory(resource, self.rules)
        doubts, when = (self.results or self._begun()).doubts, when_text(resource)
        if kind is not False:
            doubts.panel(resource, name, "result", when)
        held = bool(resource.get("result") or resource.get("contained")) or kind is False
        # One that holds nothing has its results elsewhere, unless there are none yet, or none more.
        lost = not held and status not in _WITHOUT_RESULTS
        if lost or any(resource.get(key) for key in _IN_WORDS) or drawn_by_hand(resource):
            surely = kind is True and bool(resource.get("category"))
            doubts.in_words(resource, name, when, laboratory=surely, held=held)

    def facts(self) -> Facts:
        """What all of it says together."""
        results = self.results
        refers = self.lists or (results is not None and results.doubts.refers)
        names = frozenset((*self.names, *self.addresses)) if refers else frozenset[str]()
        hear_age(self.patients, self.rules.too_young, self.now, self.out)
        whose = self._whose() if results is not None or self.kept.dropped else OF_NOBODY
        if results is not None:
            results.hear(self.now, whose, names, self.out)
        if self.kept.dropped:
            tell_superseded(self.kept.dropped, self.rules, whose, self.now, self.out)
        for resource, record in self.medicines:
            hear_medicine(resource, record, linked_in(resource, self.medications), self.hearing)
            if says_more(resource) and medicine_in_force(resource, self.rules, self.now):
                self._elsewhere.take_beside(resource, record)
        for resource, record in self.supplies:
            hear_supply(resource, record, linked_in(resource, self.medications), self.hearing)
        self._lost(names)
        self.out.settle()
        if self._named is not None:
            self._named.tell()
        return self.out.facts(self.rules.unknown, self._account)

    def _whose(self) -> Whose:
        """Whom the results are of; two sexes are none."""
        born = [one for one in self.born.values() if one is not None]
        return Whose(
            (min(one[0] for one in born), max(one[1] for one in born)) if born else None,
            next(iter(self.sexes)) if len(self.sexes) == 1 else None,
            disputed=len(born) > 1,
        )

    def _account(self, used: frozenset[str]) -> Account:
        elsewhere = self.results.doubts.others if self.results else set[str]()
        others = len(self.kept.entries) - len(self.names)
        replaced = self.kept.replaced
        return self.out.account(self.names, used, elsewhere, replaced=replaced, others=others)


# What takes the resources of a kind; all others only name things.
_TAKERS: Mapping[str, Callable[[_Gathered, JsonObject, str], None]] = {
    "Observation": _Gathered.take_observation,
    "DiagnosticReport": _Gathered.take_report,
    "MedicationRequest": _Gathered.take_medicine,
    "MedicationStatement": _Gathered.take_medicine,
    "MedicationOrder": _Gathered.take_medicine,  # DSTU2
    "MedicationUsage": _Gathered.take_medicine,  # a name of the statement in drafts of R5
    "MedicationDispense": _Gathered.take_supply,
    "MedicationAdministration": _Gathered.take_supply,
    "Medication": _Gathered.take_medication,
    "Condition": _Gathered.take_condition,
    "Procedure": _Gathered.take_procedure,
    "Patient": _Gathered.take_patient,
    "List": _Gathered.take_list,
    "Composition": _Gathered.take_list,
    "OperationOutcome": _Gathered.take_outcome,  # inside another one
}
