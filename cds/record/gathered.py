"""One pass over the resources of a record, then what they say together."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from cds.core.account import CONDITION, MEDICINE, PROCEDURE, RESULT, Account, Missing
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
from cds.record.lists import Listed, gaps_of, listed_in, tell_lost
from cds.record.matters import says_more
from cds.record.medicines import (
    Concepts,
    concepts_of,
    hear_medicine,
    hear_supply,
    linked_in,
)
from cds.record.over import medicine_in_force
from cds.record.patient import BornAs, hear_age
from cds.record.ranges import OF_NOBODY, Whose
from cds.record.reading import when_text
from cds.record.results import Results
from cds.record.rules import RecordRules
from cds.record.said import drawn_by_hand
from cds.record.shapes import text_at
from cds.record.superseded import tell_superseded
from cds.record.times import born_of
from cds.record.versions import NewestVersions, newest
from cds.record.walk import RecordWalk, is_misspelt, missing_by, reduced
from cds.record.whose import HOLDERS, as_they_came, inner_of, others_in
from cds.wire import JsonObject

# The values of an Observation that may name a condition or a procedure.
_IN_NO_NUMBER = ("valueCodeableConcept", "valueString", "valueBoolean")
# Where a report says in words, or in a document, what it found (`codedDiagnosis` in STU3).
_IN_WORDS = ("conclusion", "conclusionCode", "codedDiagnosis", "presentedForm", *AROUND_RESULTS)
# FHIR: registered is a report of which nothing is available yet.
_WITHOUT_RESULTS = frozenset({"registered", "cancelled"})
_NOTHING_YET = NewestVersions([], 0)
_NO_NAMES: frozenset[str] = frozenset()


class Gathered:
    """What one pass keeps of a record: readings and active entries, nothing of the others."""

    def __init__(self, rules: RecordRules, now: datetime) -> None:
        """Nothing was taken yet."""
        self.rules = rules
        self.now = now
        self.out = Findings()
        self.hearing = Hearing(rules, now, self.out)
        self.results: Results | None = None  # until something of a laboratory comes
        self.patients: list[BornAs] = []
        self.medicines: list[tuple[JsonObject, str]] = []
        self.supplies: list[tuple[JsonObject, str]] = []
        self.medications: dict[str, tuple[str, Concepts]] = {}
        self.kept = _NOTHING_YET
        self.names: list[str] = []  # of what is the patient's
        self.addresses: list[str] = []  # the fullUrls of the same
        self.lists: list[Listed] = []
        # Until the first of them comes, or something may name what is asked for.
        self._conditions: Meanings | None = None
        self._procedures: Meanings | None = None
        self._named: Elsewhere | None = None

    def _of_conditions(self) -> Meanings:
        if self._conditions is None:
            rules = self.rules
            names, nothing = rules.condition_names, rules.no_conditions
            self._conditions = Meanings(rules.conditions, names, nothing, tell=True)
        return self._conditions

    def _of_procedures(self) -> Meanings:
        if self._procedures is None:
            rules = self.rules
            self._procedures = Meanings(rules.procedures, rules.procedure_names, None, tell=False)
        return self._procedures

    @property
    def _elsewhere(self) -> Elsewhere:
        if self._named is None:
            self._named = Elsewhere(self._of_conditions(), self._of_procedures(), self.hearing)
        return self._named

    def take_all(
        self, resources: Iterable[JsonObject], patient: str | None, missing: Iterable[Missing]
    ) -> None:
        """Keep what these resources say, if they are about the patient, and what did not come."""
        self.kept = kept = as_they_came(resources, patient) or self._walked(resources)
        is_other = None if kept.alone else others_in(kept.entries, patient)
        others: dict[str, str] = {}  # every kind without a taker, with the name of one of it
        reasons: set[str] = set()
        for entry in kept.entries:
            if is_other is not None and is_other(entry):
                continue
            resource, full_url, name = entry
            kind = resource["resourceType"]
            self.names.append(name)
            taker = _TAKERS.get(kind)
            if taker is None:
                others[kind] = name
                taker = Gathered.take_other
            taker(self, resource, name)
            if full_url is not None:
                self._take_address(full_url, name)
            if "contained" in resource or kind in HOLDERS:
                self._take_inner(resource, name, patient)
            if "meta" in resource:
                reasons.update(reduced(resource))
        if others or reasons:
            self._miss_told(others, reasons)
        self._miss(missing)

    def _walked(self, resources: Iterable[JsonObject]) -> NewestVersions:
        """What counts of entries of any kind; what came instead of one is missing."""
        walk = RecordWalk()
        kept = newest(walk.resources(resources), walk.deleted)
        self._miss(walk.gaps)
        return kept

    def _take_address(self, full_url: str, name: str) -> None:
        self.addresses.append(full_url)
        if name in self.medications:
            self.medications[full_url] = self.medications[name]

    def _take_inner(self, resource: JsonObject, name: str, patient: str | None) -> None:
        for inner in inner_of(resource, patient):
            _TAKERS.get(inner["resourceType"], Gathered.take_other)(self, inner, name)

    def _miss_told(self, others: Mapping[str, str], reasons: set[str]) -> None:
        """What is of one of our types in another case, and what was left out of what is here."""
        misspelt = [name for kind, name in others.items() if is_misspelt(kind, _TAKERS)]
        self._miss([Missing(name, "it holds no resource") for name in misspelt])
        # Nothing follows from the silence of the rest.
        self._miss([Missing("a part of some resources", reason) for reason in sorted(reasons)])

    def _miss(self, gaps: Iterable[Missing]) -> None:
        """Something was asked for and did not come."""
        for one in gaps:
            kinds = one.kinds or (RESULT, MEDICINE, CONDITION, PROCEDURE)
            facts = (fact for kind in kinds for fact in self.rules.kinds.get(kind, ()))
            self.out.missing(one, tuple(dict.fromkeys(facts)), self.rules.labs.unusable_floor)

    def take_patient(self, resource: JsonObject, name: str) -> None:
        """Keep when somebody was born, and which sex they have."""
        written = text_at(resource, "birthDate")
        self.patients.append((name, written, born_of(written), text_at(resource, "gender")))
        if "extension" in resource:
            said = {"resourceType": "Patient", "extension": resource["extension"]}
            self._elsewhere.take_beside(said, name)

    def _begun(self) -> Results:
        self.results = Results(self.rules)
        return self.results

    def take_observation(self, resource: JsonObject, name: str) -> None:
        """Put a result aside, and what else it may name."""
        (self.results or self._begun()).take(resource, name)
        # Most results are numbers.
        if "valueQuantity" not in resource and not resource.keys().isdisjoint(_IN_NO_NUMBER):
            self._elsewhere.take_finding(resource, name)

    def take_condition(self, resource: JsonObject, name: str) -> None:
        """Hear a condition, and what stands beside it."""
        hear_condition(resource, name, self._of_conditions(), self.hearing)
        if says_more(resource) and condition_counts(resource, self.rules, self.now):
            self._elsewhere.take_beside(resource, name)

    def take_procedure(self, resource: JsonObject, name: str) -> None:
        """Hear a procedure, and what stands beside it."""
        hear_procedure(resource, name, self._of_procedures(), self.hearing)
        if says_more(resource) and procedure_counts(resource, self.rules, self.now):
            self._elsewhere.take_beside(resource, name, LASTS)

    def take_medicine(self, resource: JsonObject, name: str) -> None:
        """Keep an order or a statement until every Medication is known."""
        self.medicines.append((resource, name))

    def take_supply(self, resource: JsonObject, name: str) -> None:
        """Keep what was handed out or given until every Medication is known."""
        self.supplies.append((resource, name))

    def take_medication(self, resource: JsonObject, name: str) -> None:
        """Keep what a Medication is, for those that refer to it."""
        self.medications.setdefault(name, (name, concepts_of(resource)))

    def take_outcome(self, resource: JsonObject, name: str) -> None:
        """Keep that something did not come."""
        self._miss(missing_by(resource, name))

    def take_other(self, resource: JsonObject, name: str) -> None:
        """Keep what a resource of any other kind names."""
        self._elsewhere.take(resource, name)

    def take_list(self, resource: JsonObject, name: str) -> None:
        """A list or a document refers to entries, which may be here or not, and names things."""
        self.lists += listed_in(resource, name)
        self._miss(gaps_of(resource))
        self._elsewhere.take(resource, name)

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
        rules, out, results = self.rules, self.out, self.results
        refers = self.lists or (results is not None and results.doubts.refers)
        names = frozenset((*self.names, *self.addresses)) if refers else _NO_NAMES
        hear_age(self.patients, rules.too_young, self.now, out)
        whose = self._whose() if results is not None or self.kept.dropped else OF_NOBODY
        if results is not None:
            results.hear(self.now, whose, names, out)
        if self.kept.dropped:
            tell_superseded(self.kept.dropped, rules, whose, self.now, out)
        for resource, record in self.medicines:
            hear_medicine(resource, record, linked_in(resource, self.medications), self.hearing)
            if says_more(resource) and medicine_in_force(resource, rules, self.now):
                self._elsewhere.take_beside(resource, record)
        for resource, record in self.supplies:
            hear_supply(resource, record, linked_in(resource, self.medications), self.hearing)
        if self.lists:
            tell_lost(self.lists, names, self.hearing)
        out.settle()
        if self._named is not None:
            self._named.tell()
        found = out.found(rules.unknown)
        return out.facts(rules.unknown, found, self._account())

    def _whose(self) -> Whose:
        """Whom the results are of; two sexes are none."""
        dates = {written: born for _, written, born, _ in self.patients}
        born = [one for one in dates.values() if one is not None]
        sexes = {sex for *_, sex in self.patients}
        return Whose(
            (min(one[0] for one in born), max(one[1] for one in born)) if born else None,
            sexes.pop() if len(sexes) == 1 else None,
            disputed=len(born) > 1,
        )

    def _account(self) -> Account:
        elsewhere = self.results.doubts.others if self.results is not None else ()
        others = len(self.kept.entries) - len(self.names)
        return self.out.account(self.names, elsewhere, replaced=self.kept.replaced, others=others)


# What takes the resources of a kind; all others only name things.
_TAKERS: Mapping[str, Callable[[Gathered, JsonObject, str], None]] = {
    "Observation": Gathered.take_observation,
    "DiagnosticReport": Gathered.take_report,
    "MedicationRequest": Gathered.take_medicine,
    "MedicationStatement": Gathered.take_medicine,
    "MedicationOrder": Gathered.take_medicine,  # DSTU2
    "MedicationUsage": Gathered.take_medicine,  # a name of the statement in drafts of R5
    "MedicationDispense": Gathered.take_supply,
    "MedicationAdministration": Gathered.take_supply,
    "Medication": Gathered.take_medication,
    "Condition": Gathered.take_condition,
    "Procedure": Gathered.take_procedure,
    "Patient": Gathered.take_patient,
    "List": Gathered.take_list,
    "Composition": Gathered.take_list,
    "OperationOutcome": Gathered.take_outcome,  # inside another one
}
