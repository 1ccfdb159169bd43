"""A record → Facts: one pass over its resources, then what they say together."""

import re
from collections.abc import Iterable
from datetime import datetime

from cds.core.model import Facts
from cds.record.findings import Findings
from cds.record.history import State, hear_condition, hear_procedure, hear_states, state_of
from cds.record.labs import Setting, hear
from cds.record.medicines import Concepts, concepts_of, hear_medicine, is_active
from cds.record.reading import (
    Reading,
    as_list,
    as_object,
    codings_of,
    comparator_of,
    flags_of,
    is_laboratory,
    number_of,
    reading_of,
    text_at,
    when_text,
)
from cds.record.rules import Analyte, RecordRules
from cds.record.subject import Subjects
from cds.record.times import when_of
from cds.record.units import unit_of
from cds.record.walk import name_of, resources_of
from cds.wire import JsonObject

_NOT_A_PATIENT = re.compile(r"(?:.*/)?(?:Group|Device|Location)/")
_NO_FLAGS = frozenset[str]()
Codings = list[tuple[str | None, str, str | None]]


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
    for resource, full_url in resources_of(resources):
        gathered.take(resource, full_url)
    gathered.subjects.check(patient)
    return gathered.facts(now)


class _Gathered:
    """What one pass keeps of a record: readings and active entries, nothing of the others."""

    def __init__(self, rules: RecordRules) -> None:
        self.rules = rules
        self.subjects = Subjects()
        self.out = Findings()
        self.birth_dates: set[str | None] = set()
        self.readings: dict[str, list[Reading]] = {}
        self.others: dict[object, list[Reading]] = {}
        self.plain: dict[object, list[tuple[object, str, object]]] = {}
        self.states: dict[str, list[State]] = {}
        self.medicines: list[tuple[JsonObject, str]] = []
        self.medications: dict[str, tuple[str, Concepts]] = {}
        self._about: dict[str, bool] = {}
        self._heard = frozenset({*rules.analytes, *rules.statuses})
        self._final = rules.labs.final - rules.labs.never
        self._takers = {
            "Observation": self._observation,
            "DiagnosticReport": self._report,
            "MedicationRequest": self._medicine,
            "MedicationStatement": self._medicine,
            "Medication": self._medication,
            "Condition": self._condition,
            "Procedure": self._procedure,
            "Patient": self._patient,
        }

    def take(self, resource: JsonObject, full_url: str | None) -> None:
        """Keep what this resource says."""
        subject = resource.get("subject") or resource.get("patient")
        reference = subject.get("reference") if isinstance(subject, dict) else None
        if isinstance(reference, str):
            mine = self._about.get(reference)
            if not (self._is_new(reference, resource, full_url) if mine is None else mine):
                return
        taker = self._takers.get(resource["resourceType"])
        if taker is not None:
            taker(resource, full_url)

    def _is_new(self, reference: str, resource: JsonObject, full_url: str | None) -> bool:
        """Remember a subject that was not met before; false if it is no patient."""
        mine = self._about[reference] = _NOT_A_PATIENT.match(reference) is None
        if mine:
            self.subjects.note(reference, name_of(resource, full_url))
        return mine

    def _patient(self, resource: JsonObject, full_url: str | None) -> None:
        self.subjects.patient(resource, full_url, name_of(resource, full_url))
        self.birth_dates.add(text_at(resource, "birthDate"))

    def _condition(self, resource: JsonObject, full_url: str | None) -> None:
        hear_condition(resource, lambda: name_of(resource, full_url), self.rules, self.out)

    def _procedure(self, resource: JsonObject, full_url: str | None) -> None:
        hear_procedure(resource, lambda: name_of(resource, full_url), self.rules, self.out)

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
                self._observation({**one, "id": None}, name_of(resource, full_url))

    def _observation(self, resource: JsonObject, full_url: str | None) -> None:
        status = resource.get("status")
        key = _plain_key(resource, self._heard)
        if key is not None and isinstance(status, str) and status in self._final:
            self._plain(resource, key, resource, full_url)
            return
        if text_at(resource, "status") in self.rules.labs.never:
            return
        self._node(resource, resource, full_url)
        if "component" in resource:
            for node in as_list(resource["component"]):
                if isinstance(node, dict):
                    self._node(node, resource, full_url)

    def _node(self, node: JsonObject, observation: JsonObject, full_url: str | None) -> None:
        rules = self.rules
        codings = codings_of(node.get("code"))
        found = self._analytes(codings)
        flags = flags_of(node, rules) if "interpretation" in node else _NO_FLAGS
        if found:
            self._listed(node, found, flags, observation, full_url)
        elif flags & rules.labs.critical_flags:
            if is_laboratory(observation, rules):
                self._other(node, flags, observation, full_url)
        else:
            for system, code, _ in codings:
                if code in rules.statuses and system in rules.loinc:
                    self._state(node, code, observation, full_url)
            if text_at(observation, "status") in rules.labs.final:
                self._plain(node, _key(node, codings), observation, full_url)

    def _analytes(self, codings: Codings) -> list[Analyte]:
        found: list[Analyte] = []
        for system, code, _ in codings:
            analyte = self.rules.analytes.get(code)
            if analyte is not None and system in self.rules.loinc and analyte not in found:
                found.append(analyte)
        return found

    def _listed(
        self,
        node: JsonObject,
        analytes: list[Analyte],
        flags: frozenset[str],
        observation: JsonObject,
        full_url: str | None,
    ) -> None:
        record = name_of(observation, full_url)
        parts = node is observation and ("component" in node or "hasMember" in node)
        for one in reading_of(
            node, observation, analytes=analytes, flags=flags, record=record, rules=self.rules
        ):
            # A panel has its values in its parts, and what is not final may have none yet.
            if one.fault == "no-value" and not flags and (parts or not one.final):
                continue
            self.readings.setdefault(one.analyte.id, []).append(one)

    def _other(
        self, node: JsonObject, flags: frozenset[str], observation: JsonObject, full_url: str | None
    ) -> None:
        analyte = _unlisted(node)
        record = name_of(observation, full_url)
        found = reading_of(
            node, observation, analytes=[analyte], flags=flags, record=record, rules=self.rules
        )
        self.others.setdefault(_key(node, codings_of(node.get("code"))), []).extend(found)

    def _plain(
        self, node: JsonObject, key: object, observation: JsonObject, full_url: str | None
    ) -> None:
        """Keep just enough of a value that may replace a critical one of the same test."""
        quantity = node.get("valueQuantity")
        if isinstance(quantity, dict) or "valueString" in node or "valueCodeableConcept" in node:
            kept = (when_text(observation), name_of(observation, full_url), quantity)
            self.plain.setdefault(key, []).append(kept)

    def _state(
        self, node: JsonObject, code: str, observation: JsonObject, full_url: str | None
    ) -> None:
        status = self.rules.statuses[code]
        state = state_of(node, status, name_of(observation, full_url), observation, self.rules)
        if state is not None:
            self.states.setdefault(status.fact, []).append(state)

    def facts(self, now: datetime) -> Facts:
        """What all of it says together."""
        dates = self.birth_dates
        setting = Setting(self.rules.labs, now, next(iter(dates)) if len(dates) == 1 else None)
        for readings in self.readings.values():
            hear(readings, setting, self.out)
        for key, readings in self.others.items():
            hear([*readings, *self._replacing(key, readings[0].analyte)], setting, self.out)
        for states in self.states.values():
            hear_states(states, now, self.out)
        for resource, record in self.medicines:
            linked = self._linked(resource)
            if hear_medicine(resource, record, linked[1], self.rules, self.out) and linked[0]:
                self.out.use(linked[0])
        return self.out.facts(self.rules.words)

    def _replacing(self, key: object, analyte: Analyte) -> Iterable[Reading]:
        """Values of the same unlisted test without a critical flag: a later one may replace it."""
        for text, record, quantity in self.plain.get(key, []):
            plain = as_object(quantity)
            yield Reading(
                analyte=analyte,
                record=record,
                final=True,
                status="final",
                when=when_of(text),
                flags=_NO_FLAGS,
                value=number_of(plain.get("value")),
                comparator=comparator_of(plain),
                unit=unit_of(plain, self.rules.ucum),
                limits=None,
                ranges=(),
                fault=None,
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


def _plain_key(observation: JsonObject, heard: frozenset[str]) -> object:
    """The key of a result with one code that means nothing here and no flag: most of a long record.

    None: look closer.
    """
    if "interpretation" in observation or "component" in observation:
        return None
    concept = observation.get("code")
    codings = concept.get("coding") if isinstance(concept, dict) else None
    if not isinstance(codings, list) or len(codings) != 1 or not isinstance(codings[0], dict):
        return None
    system, code = codings[0].get("system"), codings[0].get("code")
    plain = isinstance(code, str) and code and isinstance(system, str) and code not in heard
    return (system, code) if plain else None


def _key(node: JsonObject, codings: Codings) -> object:
    """What makes two values of an unlisted test the same test."""
    return codings[0][:2] if codings else text_at(as_object(node.get("code")), "text")


def _unlisted(node: JsonObject) -> Analyte:
    code = as_object(node.get("code"))
    codings = codings_of(code)
    shown = text_at(code, "text") or next((d or c for _, c, d in codings), "An unnamed test")
    return Analyte("", shown, (), frozenset(), (), listed=False)
