"""The record of one made-up patient: what a background of the plan leaves behind in an EHR."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from cds.fhir.primitives import instant
from cds.flows.synthetic.draw import Draw
from cds.flows.synthetic.habits import local_coding, partial
from cds.flows.synthetic.people import TERMS, Person, codeable, stamped
from cds.flows.synthetic.plan import Background, LabReporting, Series, lab_quantity
from cds.wire import JsonObject

LOINC = "http://loinc.org"
_SYSTEMS = {
    "snomed": "http://snomed.info/sct",
    "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "atc": "http://www.whocc.no/atc",
}
_LABORATORY = [{**codeable(f"{TERMS}observation-category", "laboratory"), "text": "Lab"}]
_HOURS = (8, 17)
_YEAR = 365
_EAST = timezone(timedelta(hours=-5))
_DRAFTS = 600
_MANY = 9  # results of one test at most: a record, not a textbook


@dataclass(frozen=True, slots=True)
class Chart:
    """One patient's resources, in the order in which they are written.

    `ids`: what all ids of this patient end with. `visit`: when the response was given.
    """

    draw: Draw
    who: Person
    ids: str
    base: str
    visit: datetime
    habits: frozenset[str]
    practitioner: JsonObject
    encounter: JsonObject
    resources: list[JsonObject] = field(default_factory=list)

    @property
    def subject(self) -> JsonObject:
        """The reference to the patient."""
        return {"reference": f"Patient/example-{self.ids}"}

    def add(self, background: Background, names: frozenset[str]) -> None:
        """Everything that this background leaves; `names`: the backgrounds of this patient."""
        for one in background.conditions:
            self._condition(one)
        medicines = background.medicines
        for one in [self.draw.pick(medicines)] if background.one_medicine else medicines:
            self._medicine(one)
        for one in background.procedures:
            self._procedure(one)
        for one in background.statuses:
            self._status(one)
        for series in background.series:
            if series.unless not in names:
                self._series(series)

    def head(self, kind: str, prefix: str, profile: str | None, said: str) -> JsonObject:
        """A new resource of this patient, entered in the chart."""
        identifier = f"{prefix}-{self.ids}-{len(self.resources)}"
        resource = stamped(kind, identifier, profile, said)
        self.resources.append(resource)
        return resource

    def moment(self, when: datetime) -> str:
        """An instant as this system writes it."""
        if "offset" in self.habits:
            return when.astimezone(_EAST).isoformat(timespec="milliseconds")
        return instant(when)

    def _ago(self, spans: JsonObject) -> datetime:
        """A time of day, as many `years` or `days` ago as the table says."""
        low, high = spans.get("days") or [years * _YEAR for years in spans.get("years", (1, 5))]
        return self._at(self.draw.between(low, high))

    def _at(self, days: int) -> datetime:
        day = self.visit - timedelta(days=max(days, 1))
        return day.replace(hour=self.draw.between(*_HOURS), minute=self.draw.between(0, 59))

    def _concept(self, coding: JsonObject, text: str) -> JsonObject:
        if "no-display" in self.habits:
            coding.pop("display", None)
        if "local-code" in self.habits:
            return {"coding": [local_coding(coding, self.base), coding], "text": text}
        return {"coding": [coding], "text": text}

    def _coding(self, one: JsonObject, usual: str, other: str) -> JsonObject:
        """The code in the usual system, or as a habit has it in the other, if there is one."""
        system = other if "other-system" in self.habits and other in one else usual
        if system not in one:
            system = other
        display = one.get(f"{system}_display", one["display"])
        return {"system": _SYSTEMS[system], "code": one[system], "display": display}

    def _condition(self, one: JsonObject) -> None:
        at_visit = one.get("at-visit", False)
        category = "encounter-diagnosis" if at_visit else "problem-list-item"
        profile = "encounter-diagnosis" if at_visit else "problems-health-concerns"
        made = self.head("Condition", "con", f"condition-{profile}", one["display"])
        made["clinicalStatus"] = codeable(f"{TERMS}condition-clinical", "active")
        made["verificationStatus"] = codeable(f"{TERMS}condition-ver-status", "confirmed")
        made["category"] = [codeable(f"{TERMS}condition-category", category)]
        made["code"] = self._concept(self._coding(one, "snomed", "icd10cm"), one["display"])
        made["subject"] = self.subject
        if at_visit:
            made["encounter"] = self.encounter
        since = self.visit if at_visit else self._ago(one)
        day = since.date().isoformat()
        made["onsetDateTime"] = (
            partial(day, self.draw) if "partial-date" in self.habits and not at_visit else day
        )
        made["recordedDate"] = self.moment(since)

    def _medicine(self, one: JsonObject) -> None:
        since = self.draw.between(20, 900)
        if "renewal" in self.habits:
            for earlier in range(since + 270, since, -90):
                self._order(one, earlier, "completed")
        self._order(one, since, "active")
        if "draft" in self.habits and self.draw.chance(_DRAFTS):
            self._order(one, 1, "draft")

    def _order(self, one: JsonObject, days: int, status: str) -> None:
        made = self.head("MedicationRequest", "med", "medicationrequest", one["display"])
        made["status"] = status
        made["intent"] = "order"
        made["medicationCodeableConcept"] = self._concept(
            self._coding(one, "rxnorm", "atc"), one["display"]
        )
        made["subject"] = self.subject
        when = self._at(days)
        made["authoredOn"] = (
            partial(when.date().isoformat(), self.draw)
            if "partial-date" in self.habits
            else self.moment(when)
        )
        made["requester"] = self.practitioner
        made["dosageInstruction"] = [{"text": one["dose"]}]

    def _procedure(self, one: JsonObject) -> None:
        made = self.head("Procedure", "pro", "procedure", one["display"])
        made["status"] = "completed"
        made["code"] = self._concept(self._coding(one, "snomed", "icd10cm"), one["display"])
        made["subject"] = self.subject
        made["performedDateTime"] = self.moment(self._ago(one))

    def _status(self, one: JsonObject) -> None:
        made = self.head("Observation", "obs", None, one["display"])
        made["status"] = "final"
        made["category"] = [codeable(f"{TERMS}observation-category", "social-history")]
        coding = {"system": LOINC, "code": one["loinc"], "display": one["display"]}
        made["code"] = self._concept(coding, one["display"])
        made["subject"] = self.subject
        made["effectiveDateTime"] = self.moment(self._ago(one))
        value = codeable(_SYSTEMS["snomed"], one["snomed"], display=one["value"])
        made["valueCodeableConcept"] = {**value, "text": one["value"]}

    def _series(self, series: Series) -> None:
        """From the oldest result to the newest, which is some days old."""
        newest = self.draw.between(2, series.every)
        over = min(series.over, newest + series.every * self.draw.between(0, _MANY - 1))
        way = self._way(series)
        days = [newest + series.every * number for number in range((over - newest) // series.every)]
        for ago in [*reversed(days or [newest])]:
            when = self._at(ago)
            self._result(way, series.range, when)
            if series.then is not None:
                self._result(way, series.then, when + timedelta(hours=series.hours))
        self._untidy(way, series)

    def _way(self, series: Series) -> LabReporting:
        if "other-unit" in self.habits and len(series.ways) > 1:
            return self.draw.pick(series.ways[1:])
        return series.ways[0]

    def _untidy(self, way: LabReporting, series: Series) -> None:
        """What habits do to the newest result of a series."""
        last = self.resources[-1]
        if "preliminary" in self.habits:
            last["status"] = "preliminary"
        if "duplicate" in self.habits:
            again = {**last, "id": f"{last['id']}-again", "meta": dict(last["meta"])}
            self.resources.append(again)
        if "entered-in-error" in self.habits:
            self._result(way, series.range, self._at(1))
            wrong = self.resources[-1]
            wrong["status"] = "entered-in-error"
            wrong["valueQuantity"]["value"] *= 10

    def _result(self, way: LabReporting, name: str, when: datetime) -> None:
        text = self.draw.number(*way.ranges[name])
        short = way.display.partition(" [")[0]
        said = f"{short} {text} {way.unit}"
        made = self.head("Observation", "obs", "observation-lab", said)
        made["status"] = "final"
        made["category"] = _LABORATORY
        coding = {"system": LOINC, "code": way.code, "display": way.display}
        made["code"] = self._concept(coding, short)
        made["subject"] = self.subject
        made["effectiveDateTime"] = self.moment(when)
        made["performer"] = [self.practitioner]
        made["valueQuantity"] = lab_quantity(text, way.unit)
        made["referenceRange"] = [way.printed]
        value, (low, high) = made["valueQuantity"]["value"], way.reference
        flag = "L" if value < low else "H" if value > high else "N"
        made["interpretation"] = [codeable(f"{TERMS}v3-ObservationInterpretation", flag)]
