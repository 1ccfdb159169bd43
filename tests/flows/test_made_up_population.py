"""Made-up populations: reproducible, coherent, labelled as synthetic, and valid."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds import wire
from cds.flows.synthetic.draw import Draw
from cds.flows.synthetic.exported import write_bulk_data
from cds.flows.synthetic.habits import HABITS
from cds.flows.synthetic.population import Member, Population
from cds.forms.validate import validate
from tests.flows.made_up import (
    MIXES,
    PACK,
    SCENARIOS,
    Json,
    codes,
    everyone,
    members,
    plan,
    population,
    references,
)
from tests.replies import assessor_of
from tests.strategies import engine_of

NINE = 9  # what must come up in this many members or more


# ── The same bytes ──


def test_the_draws_of_a_text_never_change() -> None:
    draw = Draw("a text")

    drawn = [draw.between(0, 999) for _ in range(6)], [draw.number("3.5", "5.0") for _ in range(4)]

    assert drawn == ([472, 449, 402, 199, 374, 323], ["4.6", "4.1", "4.4", "4.4"])


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(MIXES), st.integers(-3, 10**6), st.integers(0, 10**5))
def test_who_a_member_is_depends_on_mix_seed_and_number_alone(
    mix: str, seed: int, number: int
) -> None:
    (alone,) = population(mix, seed).members(1, start=number)
    *_, third = population(mix, seed).members(3, start=max(number - 2, 0))
    again = alone if number < 2 else third

    assert wire.write(list(alone.resources)) == wire.write(list(again.resources))


def test_another_process_with_another_hash_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    write_bulk_data(population("messy"), 30, tmp_path / "here", defects=PACK)
    words = ["-m", "cds", "sample", "population", "-n", "30", "--mix", "messy", "--seed", "7"]

    subprocess.run(
        [sys.executable, *words, "--defects", "-o", str(tmp_path / "there")],
        env={"PYTHONHASHSEED": "3", "PYTHONPATH": str(Path.cwd()), "TZ": "Asia/Tokyo"},
        check=True,
        capture_output=True,
    )

    here, there = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("here", "there")
    )
    assert here == there
    assert "QuestionnaireResponse.ndjson" in here


# ── Who they are ──


@pytest.mark.parametrize("mix", MIXES)
def test_a_patient_has_twelve_resources_on_average(mix: str) -> None:
    sizes = [len(member.own) for member in members(mix)]

    assert sum(sizes) / len(sizes) >= 12


def test_every_resource_says_that_it_is_test_data_to_programs_and_to_readers() -> None:
    for member in everyone():
        for resource in member.resources:
            labels = {one["code"] for one in resource["meta"]["security"]}
            assert labels == {"HTEST"}
            assert "Synthetic test data" in resource["text"]["div"]


@pytest.mark.parametrize("mix", MIXES)
def test_ids_are_used_once_and_references_lead_to_what_stands_before(mix: str) -> None:
    shared = population(mix)
    seen = {
        f"{r['resourceType']}/{r['id']}" for r in (*shared.organizations, *shared.practitioners)
    }
    for member in members(mix):
        for resource in member.own:
            place = f"{resource['resourceType']}/{resource['id']}"
            assert place not in seen
            assert len(resource["id"]) <= 64
            seen.add(place)
        for resource in member.own:
            assert set(references(resource)) <= seen


def test_people_are_of_all_ages_and_as_old_as_their_story_asks() -> None:
    ages = set()
    for member in everyone():
        born = member.patient["birthDate"]
        authored = member.now.date().isoformat()
        age = int(authored[:4]) - int(born[:4]) - (authored[5:] < born[5:])
        ages.add(age)
        low, high = member.scenario.ages or (1, 95)
        assert low <= age <= high
        assert member.scenario.sex in {None, member.patient["gender"]}

    assert min(ages) < 12
    assert max(ages) > 85


# ── What they have fits what they answered ──


def test_whoever_says_so_has_it_in_the_record() -> None:
    for background in plan().backgrounds:
        said = [
            member
            for member in everyone()
            if background.answers
            and all(code in answered(member, link_id) for link_id, code in background.answers)
        ]
        assert not background.answers or len(said) >= 1, background.name
        for member in said:
            found = set().union(*(codes(one) for one in member.record))
            for one in background.conditions:
                assert {one.get("snomed"), one.get("icd10cm")} & found, background.name


def answered(member: Member, link_id: str) -> set[str]:
    def walk(items: list[Json]) -> Iterator[Json]:
        for item in items:
            yield item
            yield from walk(item.get("item", []))

    return {
        answer["valueCoding"]["code"]
        for item in walk(member.response.get("item", []))
        if item["linkId"] == link_id
        for answer in item["answer"]
        if "valueCoding" in answer
    }


def test_a_dialysis_patient_has_potassium_before_and_after_the_session() -> None:
    dialysed = [m for m in members("everyday") if m.scenario.name == "dialysis-no-urine"]
    assert dialysed
    for member in dialysed:
        results = [
            (one["effectiveDateTime"], one["valueQuantity"]["value"])
            for one in member.record
            if one["resourceType"] == "Observation" and "2823-3" in codes(one)
        ]
        pairs = list(zip(results[::2], results[1::2], strict=True))
        assert pairs
        for (before, high), (after, low) in pairs:
            assert before[:10] == after[:10]
            assert high > low


def test_nothing_in_a_record_is_later_than_the_visit() -> None:
    for member in members("everyday"):
        for one in member.record:
            when = one.get("effectiveDateTime") or one.get("authoredOn") or one.get("recordedDate")
            assert when is None or when <= member.response["authored"]


# ── Valid ──


@pytest.mark.parametrize("mix", MIXES)
def test_every_response_of_a_population_passes_our_own_validate(mix: str) -> None:
    for member in members(mix):
        form = engine_of("cramps", short=member.scenario.form.short).reading.questionnaire
        found = validate(member.response, form)
        assert [one for one in found if one.severity in {"error", "fatal"}] == []


def test_a_half_filled_response_says_that_it_is_in_progress() -> None:
    statuses = {
        member.response["status"] for member in everyone() if member.scenario.name == "incomplete"
    }

    assert statuses == {"in-progress"}


def test_no_record_of_a_population_is_refused_and_its_rules_fire() -> None:
    fired = set()
    for member in everyone():
        record = [member.patient, *member.record]
        assessed = assessor_of().assess(member.response, now=member.now, record=record)
        assert not assessed.invalid
        fired |= {finding.rule.id for finding in assessed.findings}

    assert len(fired) >= NINE


@pytest.mark.parametrize("name", HABITS)
def test_each_habit_changes_what_is_written_and_makes_no_response_invalid(name: str) -> None:
    table = plan()
    mix = table.mix("messy")
    with_it = mix.__class__(mix.name, mix.title, mix.scenarios, ((name, 1000),))
    without = mix.__class__(mix.name, mix.title, mix.scenarios, ())

    pairs = [
        [list(Population(PACK, SCENARIOS, table, one, 7).members(20)) for one in (with_it, without)]
    ]

    for changed, plain in pairs:
        assert wire.write([m.own for m in changed]) != wire.write([m.own for m in plain])
        for member in changed:
            form = engine_of("cramps", short=member.scenario.form.short).reading.questionnaire
            found = validate(member.response, form)
            assert [one for one in found if one.severity in {"error", "fatal"}] == []
