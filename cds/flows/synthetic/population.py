"""Made-up populations: many patients, each with a response and a record that fit one another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from cds.core.pack import Form, Pack
from cds.flows.synthetic.chart import Chart
from cds.flows.synthetic.draw import Draw
from cds.flows.synthetic.habits import response_habits, server_meta
from cds.flows.synthetic.people import (
    TERMS,
    TEST_DATA,
    organizations,
    patient,
    person,
    practitioners,
    stamped,
)
from cds.flows.synthetic.plan import Background, Mix, PopulationPlan
from cds.flows.synthetic.responses import response_of
from cds.flows.synthetic.samples import ANY_AGE, EPOCH, Scenario, dated
from cds.forms.form.items import Item
from cds.forms.questionnaire import compile_questionnaire
from cds.wire import JsonObject

SPAN = 365 * 24 * 60  # minutes before EPOCH within which the responses were given
_CLASSES = {"AMB": "ambulatory", "EMER": "emergency"}


@dataclass(frozen=True, slots=True)
class Member:
    """One patient of a population: everything that is theirs, and who and where treated them."""

    scenario: Scenario
    patient: JsonObject
    encounter: JsonObject
    response: JsonObject
    record: tuple[JsonObject, ...]
    treated: tuple[JsonObject, JsonObject]  # practitioner, organisation
    now: datetime

    @property
    def own(self) -> tuple[JsonObject, ...]:
        """What is this patient's, each after all that it refers to; the response stands last."""
        return (self.patient, self.encounter, *self.record, self.response)

    @property
    def resources(self) -> tuple[JsonObject, ...]:
        """The same after those who treated the patient."""
        return (*self.treated, *self.own)


@dataclass(frozen=True)
class Population:
    """A pack's plan, one of its mixes, and a seed: everything that decides who is made up."""

    pack: Pack
    scenarios: Mapping[str, Scenario]
    plan: PopulationPlan
    mix: Mix
    seed: int
    _forms: dict[str, Mapping[str, Item]] = field(default_factory=dict, init=False)

    @cached_property
    def practitioners(self) -> list[JsonObject]:
        """Everyone who treats someone."""
        return practitioners(self.seed, self.pack.identity.base)

    @cached_property
    def organizations(self) -> list[JsonObject]:
        """Where everyone is treated."""
        return organizations(self.seed, self.pack.identity.base)

    def members(self, count: int, start: int = 0) -> Iterator[Member]:
        """Members number `start` and after it; who a member is does not depend on `count`."""
        for number in range(start, start + count):
            yield self.member(number)

    def member(self, number: int, scenario: str | None = None) -> Member:
        """One member, of the mix's choice or of one scenario."""
        draw = Draw(f"population/{self.mix.name}/{scenario or ''}/{self.seed}/{number}")
        story = self.scenarios[scenario or draw.weighted(self.mix.scenarios)]
        habits = frozenset(name for name, share in self.mix.habits if draw.chance(share))
        authored = EPOCH - timedelta(minutes=draw.between(0, SPAN))
        who = person(draw, story.ages or ANY_AGE, story.sex, authored.date())
        ids, base = f"{self.seed}-{number}", self.pack.identity.base
        doctor, place = draw.pick(self.practitioners), draw.pick(self.organizations)
        treated_by = {"reference": f"Practitioner/{doctor['id']}"}
        encounter = {"reference": f"Encounter/visit-{ids}"}
        chart = Chart(draw, who, ids, base, authored, habits, treated_by, encounter)
        given = {
            **story.given,
            **{link_id: draw.pick(options) for link_id, options in story.vary.items()},
        }
        backgrounds = list(self._backgrounds(draw, story, chart, given))
        names = frozenset(one.name for one in backgrounds)
        about = patient(who, f"example-{ids}", base, draw)
        for background in backgrounds:
            chart.add(background, names)
        chart.resources.extend(_told(one, chart) for one in story.record)
        visit = self._encounter(story.visit, chart, place)
        response = _response(story, given, chart)
        if "server-meta" in habits:
            when = chart.moment(authored + timedelta(minutes=draw.between(1, 60)))
            server_meta([about, visit, *chart.resources, response], draw, when)
        record = tuple(chart.resources)
        return Member(story, about, visit, response, record, (doctor, place), authored)

    def _backgrounds(
        self, draw: Draw, story: Scenario, chart: Chart, given: dict[str, Any]
    ) -> Iterator[Background]:
        """What this person has besides; what is had by chance enters the answers, too."""
        for background in self.plan.backgrounds:
            said = background.answers and all(
                code in _codes(given.get(link_id)) for link_id, code in background.answers
            )
            if said:
                yield background
            elif self._by_chance(draw, background, chart, story):
                for link_id, code in background.answers:
                    self._say(story.form, given, link_id, code)
                yield background

    @staticmethod
    def _by_chance(draw: Draw, one: Background, chart: Chart, story: Scenario) -> bool:
        sex = story.sex or chart.who.gender
        fits = one.ages[0] <= chart.who.age <= one.ages[1] and one.sex in {None, sex}
        return draw.chance(one.share) and fits

    def _say(self, form: Form, given: dict[str, Any], link_id: str, code: str) -> None:
        """Add an answer where the question was answered at all, in the form's order."""
        if form.id not in self._forms:
            self._forms[form.id] = compile_questionnaire(dict(form.raw)).by_link_id
        item = self._forms[form.id].get(link_id)
        if item is None or link_id not in given or not item.repeats:
            return
        told = {code, *(one for one in _codes(given[link_id]) if one not in item.exclusive)}
        given[link_id] = [one for one in item.codes if one in told]

    def _encounter(self, kind: str, chart: Chart, place: JsonObject) -> JsonObject:
        made = stamped("Encounter", f"visit-{chart.ids}", "encounter", _CLASSES.get(kind, "visit"))
        made["status"] = "finished"
        made["class"] = {"system": f"{TERMS}v3-ActCode", "code": kind}
        if kind in _CLASSES:
            made["class"]["display"] = _CLASSES[kind]
        made["type"] = [{"text": self.pack.title}]
        made["subject"] = chart.subject
        made["participant"] = [{"individual": chart.practitioner}]
        made["period"] = {
            "start": chart.moment(chart.visit - timedelta(minutes=chart.draw.between(5, 90))),
            "end": chart.moment(chart.visit + timedelta(minutes=chart.draw.between(5, 240))),
        }
        made["serviceProvider"] = {"reference": f"Organization/{place['id']}"}
        return made


def _told(template: JsonObject, chart: Chart) -> JsonObject:
    """A resource that the scenario itself tells of, labelled like all others."""
    made = dated(template, f"story-{chart.ids}-", chart.subject, chart.visit)
    if made["resourceType"] == "Observation":  # who and when: the IPS asks for both
        made.setdefault("performer", [chart.practitioner])
    elif made["resourceType"] == "MedicationStatement":
        made.setdefault("effectiveDateTime", chart.visit.date().isoformat())
    coded: JsonObject = made.get("code") or made.get("medicationCodeableConcept") or {}
    head = stamped(made["resourceType"], made["id"], None, coded.get("text", "told by them"))
    return {**head, **made}


def _response(story: Scenario, given: JsonObject, chart: Chart) -> JsonObject:
    made = response_of(
        story.form,
        given,
        identifier=f"{story.name}-{chart.ids}",
        status=story.status,
        subject=chart.subject["reference"],
        authored=chart.moment(chart.visit),
    )
    items = made.pop("item", [])
    said = f"answers to {story.form.title}"
    made = {**stamped("QuestionnaireResponse", made["id"], None, said), **made}
    made["encounter"] = chart.encounter
    made["author"] = chart.practitioner
    made["source"] = made["subject"]
    if items:
        made["item"] = items
    response_habits(made, chart.habits)
    return made


def _codes(given: object) -> list[str]:
    if isinstance(given, str):
        return [given]
    return [one for one in given if isinstance(one, str)] if isinstance(given, list) else []


def patient_bundle(member: Member, base: str, kind: str) -> JsonObject:
    """One patient as a Bundle: a collection, or a transaction that a server loads as it is.

    The transaction keeps the ids (PUT), so that it may be sent twice, and what many patients share
    is there once. Each entry stands after those that it refers to.
    """
    entries = []
    for resource in member.resources:
        place = f"{resource['resourceType']}/{resource['id']}"
        entry: JsonObject = {"fullUrl": f"{base}/{place}", "resource": resource}
        if kind == "transaction":
            entry["request"] = {"method": "PUT", "url": place}
        entries.append(entry)
    return {
        "resourceType": "Bundle",
        "id": f"bundle-{member.patient['id']}",
        "meta": {"security": [TEST_DATA]},
        "type": kind,
        "entry": entries,
    }
