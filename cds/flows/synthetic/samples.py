"""Synthetic, seeded data: the same scenario and seed give the same bytes, on any machine."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from cds import wire
from cds.core.pack import Form, Pack
from cds.errors import PackError, UsageError
from cds.fhir.primitives import instant
from cds.fhir.with_inputs import with_inputs
from cds.flows.assess import Assessor
from cds.flows.synthetic.draw import Draw
from cds.flows.synthetic.people import labelled, patient, person
from cds.flows.synthetic.responses import response_of
from cds.forms.questionnaire import Item, Questionnaire, compile_questionnaire
from cds.forms.reading import controls
from cds.forms.response.meets import condition_holds
from cds.forms.response.states import ConditionResults, judged
from cds.knowledge.read.tables import Faults, Table, nearest, read_toml
from cds.wire import JsonObject

# A fixed time: data that changes with the clock is of no use in a test.
EPOCH = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
RANDOM = "random"
ANY_AGE, ADULT = (1, 95), (18, 95)
SELDOM = 0.1  # how often a random person leaves a question blank, or writes something of their own


@dataclass(frozen=True, slots=True)
class Scenario:
    """One made-up patient. `vary`: linkId → answers of which the seed draws one."""

    name: str
    title: str
    form: Form
    given: Mapping[str, Any]
    vary: Mapping[str, list[str]]
    record: tuple[JsonObject, ...]
    wrong: Mapping[str, str]
    valid: bool
    status: str = "completed"
    ages: tuple[int, int] | None = None
    sex: str | None = None
    visit: str = "AMB"


@dataclass(frozen=True, slots=True)
class Sample:
    """A response with the record that goes with it, and whom it is about."""

    scenario: Scenario
    patient: JsonObject
    response: JsonObject
    record: tuple[JsonObject, ...]
    now: datetime


def scenarios_of(folder: Path, pack: Pack) -> dict[str, Scenario]:
    """The scenarios of a pack, by name, `random` at the end; none if it has no scenarios.toml.

    Raises:
        PackError: the file has faults.
    """
    path = folder / "scenarios.toml"
    if not path.is_file():
        return {}
    faults = Faults()
    table = read_toml(path, faults)
    bases = {base.text("name"): base.table("given").raw for base in table.tables("base", "name")}
    found = {
        one.name: one
        for one in (_scenario(t, pack, bases) for t in table.tables("scenario", "name"))
    }
    found[RANDOM] = _anything(table.table("random") if table.has("random") else None, pack)
    table.done()
    if faults.found:
        raise PackError(folder.name, tuple(faults.found))
    return found


def _anything(table: Table | None, pack: Pack) -> Scenario:
    """The scenario whose answers are all drawn; its record holds what may be drawn, too."""
    record = () if table is None else tuple(table.raw.get("record", []))
    if table is not None:
        table.has("record")
        table.done()
    title = "Every answer drawn by the seed"
    return Scenario(RANDOM, title, pack.full, {}, {}, record, {}, valid=False)


def _scenario(table: Table, pack: Pack, bases: Mapping[str, Mapping[str, Any]]) -> Scenario:
    base = table.optional("base")
    if base is not None and base not in bases:
        table.fault("base", f"there is no base {base!r}.", nearest(base, bases))
    wanted = table.text("questionnaire", "full")
    form = next((f for f in pack.forms if f.short == (wanted == "short")), pack.full)
    record = table.raw.get("record", [])
    table.has("record")
    scenario = Scenario(
        name=table.text("name"),
        title=table.text("title"),
        form=form,
        given={**bases.get(base or "", {}), **table.table("given").raw},
        vary=table.table("vary").raw if table.has("vary") else {},
        record=tuple(record),
        wrong=table.table("wrong").raw if table.has("wrong") else {},
        valid=table.flag("valid", default=True),
        status=table.text("status", "completed"),
        ages=ages_of(table),
        sex=table.optional("sex"),
        visit=table.text("class", "AMB"),
    )
    table.done()
    return scenario


def ages_of(table: Table) -> tuple[int, int] | None:
    """The youngest and the oldest of a table, in years; None if it does not say."""
    if not table.has("ages"):
        return None
    match table.raw["ages"]:
        case [int(low), int(high)]:
            return low, high
    table.fault("ages", "must be two whole numbers.", "Like [18, 95].")
    return None


def samples(
    scenarios: Mapping[str, Scenario], pack: Pack, name: str | None, count: int, seed: int
) -> Iterator[Sample]:
    """`count` samples of one scenario, or (None) of all valid ones in turn.

    Raises:
        UsageError: there is no scenario of that name.
    """
    if name is not None and name not in scenarios:
        raise UsageError("--scenario", f"there is no scenario {name!r}.", nearest(name, scenarios))
    valid = [scenario for scenario in scenarios.values() if scenario.valid]
    base = pack.identity.base
    for number in range(count):
        # Only the seed decides; a fixed text in front keeps two scenarios from drawing alike.
        draw = Random(f"{name}/{seed}/{number}")  # noqa: S311 - not for secrets
        if name == RANDOM:
            yield _made(_random(scenarios[name], pack.full, draw), draw, seed, number, base)
        else:
            one = scenarios[name] if name is not None else valid[number % len(valid)]
            yield _made(one, draw, seed, number, base)


def _made(scenario: Scenario, draw: Random, seed: int, number: int, base: str) -> Sample:
    given = {
        **scenario.given,
        **{key: draw.choice(options) for key, options in scenario.vary.items()},
    }
    authored = EPOCH + timedelta(minutes=number)
    whose, identifier = f"example-{seed}-{number}", f"{scenario.name}-{seed}-{number}"
    response = response_of(
        scenario.form,
        {link_id: answer for link_id, answer in given.items() if link_id not in scenario.wrong},
        identifier=identifier,
        status=scenario.status,
        subject=f"Patient/{whose}",
        authored=instant(authored),
    )
    for link_id, code in scenario.wrong.items():
        _put_wrong(response["item"], scenario.form, link_id, code)
    record = tuple(
        dated(resource, f"{identifier}-", response["subject"], authored)
        for resource in scenario.record
    )
    # A row of its own: who a person is must not change what is drawn for the answers.
    faces = Draw(f"person/{seed}/{number}")
    who = person(faces, scenario.ages or ADULT, scenario.sex, authored.date())
    about = patient(who, whose, base, faces)
    return Sample(scenario, about, response, record, authored)


def dated(
    template: Mapping[str, Any], prefix: str, subject: JsonObject, authored: datetime
) -> JsonObject:
    """A resource of the record for this patient, dated before the response."""
    resource = {key: value for key, value in template.items() if key != "hours-before"}
    resource["id"] = f"{prefix}{template['id']}"[:64]
    resource["subject"] = subject
    if "hours-before" in template:
        resource["effectiveDateTime"] = instant(
            authored - timedelta(hours=template["hours-before"])
        )
    # Through the wire, so that numbers are what a record read from a file would hold.
    read: JsonObject = wire.read(wire.write(resource))
    return read


def _put_wrong(items: list[JsonObject], form: Form, link_id: str, code: str) -> None:
    """Write an answer that is no option, where the form has the question."""
    compiled = compile_questionnaire(dict(form.raw)).by_link_id
    item = compiled[link_id]
    system = next(iter(item.codings))[0]
    written = {
        "linkId": link_id,
        "text": item.text,
        "answer": [{"valueCoding": {"system": system, "code": code}}],
    }
    for group in items:
        if item.parent is not None and group["linkId"] == item.parent.link_id:
            group["item"].append(written)
            group["item"].sort(key=lambda one: compiled[one["linkId"]].order)


def _random(anything: Scenario, form: Form, draw: Random) -> Scenario:
    """Random answers to what is asked, some blanks and free text where allowed, some record.

    All branches of the rules can be reached, and every reason why a valid answer stays open.
    """
    compiled = compile_questionnaire(dict(form.raw))
    given: dict[str, list[Any]] = {}
    for item in sorted(compiled.by_link_id.values(), key=lambda one: one.order):
        if (
            item.codes
            and _asked(item, given, compiled)
            and (item.required or draw.random() > SELDOM)
        ):
            given[item.link_id] = _drawn(item, draw)
            if item.type == "open-choice" and draw.random() < SELDOM:
                given[item.link_id] = [{"free-text": "Something in other words"}]
    record = tuple(one for one in anything.record if draw.random() < SELDOM)
    return replace(anything, form=form, given=given, record=record)


def _asked(item: Item, given: Mapping[str, list[Any]], form: Questionnaire) -> bool:
    """Whether the form asks for the item, and for certain: all that decides it is answered."""
    if not all(question in given for question in controls(item)):
        return False
    for one in (*item.ancestors, item):
        results: ConditionResults = [
            (when, condition_holds(when, _written(when.question, given, form)), False)
            for when in one.enable_when
        ]
        if results and not judged(one, results).enabled:
            return False
    return True


def _written(
    question: str, given: Mapping[str, list[Any]], form: Questionnaire
) -> list[dict[str, Any]]:
    """The answers to a question as a response has them."""
    codes = form.by_link_id[question].codes
    return [
        {"valueCoding": codes[one]["valueCoding"]} if isinstance(one, str) else {"valueString": one}
        for one in given[question]
    ]


def _drawn(item: Item, draw: Random) -> list[str]:
    codes = [draw.choice(list(item.codes))]
    if item.repeats and codes[0] not in item.exclusive:
        others = [code for code in item.codes if code not in item.exclusive]
        codes += draw.sample(others, k=draw.choice([0, 0, 1, 2]) if len(others) > 1 else 0)
    return [code for code in item.codes if code in codes]


def sample_bundle(sample: Sample, assessor: Assessor) -> JsonObject:
    """A collection: the patient, the response, the record, and what the engine makes of them."""
    base = assessor.packs[0].identity.base
    inputs = [labelled(one) for one in (sample.patient, sample.response, *sample.record)]
    # As anyone would who has only this bundle: the patient is part of the record.
    record = [inputs[0], *inputs[2:]] if sample.record else None
    made = assessor.assess(inputs[1], now=sample.now, record=record).to_fhir()
    return with_inputs(made, inputs, base)
