"""Synthetic data: every scenario, the same for the same seed, valid, and all rules in reach."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from cds import wire
from cds.errors import PackError, UsageError
from cds.flows.assess import Assessor, assess
from cds.flows.synthetic.samples import (
    RANDOM,
    Sample,
    Scenario,
    sample_bundle,
    samples,
    scenarios_of,
)
from cds.forms.validate import validate
from cds.knowledge.read.pack import pack_folders
from tests.replies import Json, assessor_of, decide, fired, opened
from tests.strategies import engine_of, pack_of

Judge = Callable[[Path], tuple[int, str]]
PACK = pack_of("cramps")
FOLDER = pack_folders()["cramps"]
SCENARIOS = scenarios_of(FOLDER, PACK)
# As interfaces.md lists them, with the level of each.
LISTED = {
    "everyday-night-cramp": "self-care",
    "athlete-heat": "urgent",
    "fainted": "emergency-911",
    "unresponsive": "emergency-911",
    "no-urine": "emergency-911",
    "dialysis-no-urine": "routine",
    "shock": "emergency-911",
    "severe-dehydration": "emergency-evaluation",
    "potassium-critical": "emergency-evaluation",
    "neuropathy": "emergency-evaluation",
    "pelvic-mass": "emergency-evaluation",
    "cauda-equina": "emergency-evaluation",
    "cold-leg": "emergency-evaluation",
    "pregnancy": "routine",
    "incomplete": "indeterminate",
    "triage-short": "indeterminate",
    "invalid": "urgent",
}


def drawn(name: str | None, count: int = 1, seed: int = 0) -> list[Sample]:
    return list(samples(SCENARIOS, PACK, name, count, seed))


def test_the_scenarios_are_those_that_were_promised() -> None:
    assert [*LISTED, RANDOM] == list(SCENARIOS)
    assert [one.name for one in SCENARIOS.values() if not one.valid] == ["invalid", RANDOM]


@pytest.mark.parametrize("seed", [0, 1, 7])
@pytest.mark.parametrize("name", list(LISTED))
def test_each_scenario_keeps_its_level_for_every_seed(name: str, seed: int) -> None:
    for sample in drawn(name, 4, seed):
        assessed = decide(sample.response)

        assert assessed.level.code == LISTED[name]
        assert assessed.invalid is (name == "invalid")
        assert sample.response["subject"]["reference"].startswith("Patient/")
        assert sample.response["authored"]


@pytest.mark.parametrize("name", [*LISTED, RANDOM, None])
def test_the_same_scenario_and_seed_give_the_same_bytes(name: str | None) -> None:
    first, again, other = (
        [wire.write(sample.response) for sample in drawn(name, 20, seed)] for seed in (3, 3, 4)
    )

    assert first == again
    assert first != other
    assert len({json.loads(one)["id"] for one in first}) == 20


def test_a_longer_run_begins_like_a_shorter_one() -> None:
    assert [s.response for s in drawn(RANDOM, 3)] == [s.response for s in drawn(RANDOM, 9)][:3]


def test_without_a_name_all_valid_scenarios_come_in_turn() -> None:
    valid = [name for name in LISTED if name != "invalid"]

    assert [sample.scenario.name for sample in drawn(None, len(valid) + 1)] == [*valid, valid[0]]


@pytest.mark.parametrize(
    ("name", "hint"), [("shok", "Did you mean 'shock'?"), ("rand", "Did you mean 'random'?")]
)
def test_an_unknown_scenario_gets_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        drawn(name)

    assert (caught.value.where, caught.value.hint) == ("--scenario", hint)


@pytest.mark.parametrize(
    "name", [*(n for n in LISTED if n not in {"invalid", "incomplete"}), RANDOM]
)
def test_what_is_sampled_is_valid(name: str) -> None:
    for sample in drawn(name, 10):
        form = engine_of("cramps", short=sample.scenario.form.short).reading.questionnaire

        found = validate(sample.response, form)

        assert [issue.rule for issue in found if issue.severity in {"error", "fatal"}] == []


def bundles(count: int) -> list[Json]:
    return [sample_bundle(sample, assessor_of()) for sample in drawn(RANDOM, count)]


def test_random_patients_reach_every_rule_and_every_reason_to_stay_open() -> None:
    rules: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    blank: set[str] = set()
    for bundle in bundles(300):
        response = _of_type(bundle, "QuestionnaireResponse")
        assessed = assess(response, record=bundle, now=drawn(RANDOM)[0].now)
        rules.update(fired(assessed))
        reasons.update(opened(assessed).values())
        blank |= opened(assessed).keys()

    # The made-up patients are adults, as the pack is for adults.
    assert set(rules) == {rule.id for rule in PACK.rules.rules} - {"A1"}
    assert set(reasons) >= {"unanswered", "unknown", "free-text"}
    assert blank >= set(PACK.rules.reassurance.safety)


def _of_type(bundle: Json, kind: str) -> Json:
    found: Json = next(
        one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == kind
    )
    return found


@pytest.mark.parametrize("name", [n for n in LISTED if n != "invalid"])
def test_a_bundle_holds_the_inputs_and_the_very_decision_on_them(name: str) -> None:
    (sample,) = drawn(name)

    bundle = sample_bundle(sample, assessor_of())

    kinds = [one["resource"]["resourceType"] for one in bundle["entry"]]
    assert kinds[:2] == ["Patient", "QuestionnaireResponse"]
    assert kinds[-1] == "Provenance"
    assert len({one["fullUrl"] for one in bundle["entry"]}) == len(kinds)
    again = assess(
        _of_type(bundle, "QuestionnaireResponse"),
        record=json.loads(wire.write(bundle)),
        now=sample.now,
    )
    risk = _of_type(bundle, "RiskAssessment")
    assert _but_for_the_count(again.to_fhir()["entry"][0]["resource"]) == _but_for_the_count(risk)


def _but_for_the_count(risk: Json) -> Json:
    """Without how many resources were handed in: the products of the bundle are among them."""
    plain: Json = json.loads(wire.write(risk))
    del plain["text"]
    notes = plain.pop("note", [])
    return {**plain, "note": [one for one in notes if not one["text"].startswith("Record: ")]}


def test_the_record_speaks_in_the_bundle_of_potassium() -> None:
    (sample,) = drawn("potassium-critical")

    risk = _of_type(sample_bundle(sample, assessor_of()), "RiskAssessment")

    assert any(one["reference"].startswith("Observation/") for one in risk["basis"])


# ── The file ──


def written(tmp_path: Path, text: str) -> dict[str, Scenario]:
    (tmp_path / "scenarios.toml").write_text(text, "utf-8")
    return scenarios_of(tmp_path, PACK)


def test_a_pack_without_the_file_has_no_scenarios(tmp_path: Path) -> None:
    assert scenarios_of(tmp_path, PACK) == {}


def test_every_fault_of_the_file_is_told_at_once(tmp_path: Path) -> None:
    text = """
        [[base]]
        name = "calm"
        given = {}
        [[scenario]]
        name = "one"
        base = "calmer"
        given = {}
        [[scenario]]
        name = "two"
        title = "Two"
        givn = {}
        given = {}
        [randm]
    """

    with pytest.raises(PackError) as caught:
        written(tmp_path, text)

    told = {fault.where: fault.problem + fault.hint for fault in caught.value.faults}
    assert told == {
        "scenarios.toml: scenario one: base": "there is no base 'calmer'.Did you mean 'calm'?",
        "scenarios.toml: scenario one: title": "is missing.It must be a string.",
        "scenarios.toml: scenario two: givn": "is not a known key.Did you mean 'given'?",
        "scenarios.toml: randm": "is not a known key.Did you mean 'random'?",
    }


def test_a_pack_without_scenarios_can_still_draw_at_random(tmp_path: Path) -> None:
    found = written(tmp_path, "")
    (sample,) = samples(found, PACK, RANDOM, 1, 0)

    assert Assessor([PACK]).assess(sample.response, now=sample.now).level
    assert sample.record == ()


# ── The independent validator ──


@pytest.mark.slow
def test_the_independent_validator_finds_no_error_in_any_scenario(
    judge: Judge, tmp_path: Path
) -> None:
    for name in [*LISTED, RANDOM]:
        for number, sample in enumerate(drawn(name, 20 if name == RANDOM else 2)):
            resources = {
                "response": sample.response,
                "decision": decide(sample.response).to_fhir(),
                "bundle": sample_bundle(sample, assessor_of()),
            }
            for kind, resource in resources.items():
                path = tmp_path / f"{name}-{number}-{kind}.json"
                path.write_bytes(wire.write(resource))

    assert judge(tmp_path) == (0, "")
