"""`sample` as a command: named scenarios, counts, seeds, files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]


def test_the_list_names_each_scenario_and_what_it_is(call: Call) -> None:
    lines = call("sample", "response", "--list").text.splitlines()

    names = [line.split()[0] for line in lines]
    assert names[:3] == ["everyday-night-cramp", "athlete-heat", "fainted"]
    assert names[-2:] == ["invalid", "random"]
    assert all("only when named" in line for line in lines[-2:])
    assert call("sample", "bundle", "--list").text.splitlines() == lines


@pytest.mark.parametrize(("args", "count"), [([], 16), (["-n", "3"], 3), (["-n", "40"], 40)])
def test_without_a_scenario_all_valid_ones_come_in_turn(
    call: Call, args: list[str], count: int
) -> None:
    done = call("sample", "response", *args)

    assert len(done.lines) == count
    assert len({one["id"] for one in done.lines}) == count
    assert {one["resourceType"] for one in done.lines} == {"QuestionnaireResponse"}
    assert not any(one["id"].startswith("invalid") for one in done.lines)


def test_one_scenario_is_one_response_unless_more_are_asked_for(call: Call) -> None:
    assert len(call("sample", "response", "--scenario", "shock").lines) == 1
    assert len(call("sample", "response", "--scenario", "shock", "-n", "5").lines) == 5


@pytest.mark.parametrize("kind", ["response", "bundle"])
@pytest.mark.parametrize("scenario", ["shock", "random", "invalid"])
def test_the_same_seed_gives_the_same_bytes(call: Call, kind: str, scenario: str) -> None:
    args = ("sample", kind, "--scenario", scenario, "-n", 3, "--seed", 5)

    assert call(*args).out == call(*args).out
    assert call(*args[:-1], 6).out != call(*args).out
    assert call("sample", kind, "--scenario", scenario, "--seed", 0).out == call("sample", kind, "--scenario", scenario).out  # fmt: skip  # noqa: E501


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["response", "--scenario", "shok"], "Did you mean 'shock'?"),
        (["response", "-n", "0"], "0 is not in the range"),
        (["response", "-n", "x"], "not a valid integer"),
        (["response", "--seed", "x"], "not a valid integer"),
        (["response", "--pack", "cramp"], "Did you mean 'cramps'?"),
        (["nonsense"], "nonsense"),
    ],
)
def test_wrong_usage_is_two_and_makes_nothing(call: Call, args: list[str], said: str) -> None:
    done = call("sample", *args)

    assert (done.code, done.out) == (2, b"")
    assert said in done.err


def test_a_sample_is_assessed_as_its_scenario_says(call: Call) -> None:
    for scenario, level in {"shock": "emergency-911", "triage-short": "indeterminate"}.items():
        made = call("sample", "response", "--scenario", scenario).out

        assert call("assess", "-", "--format", "json", stdin=made).json["level"] == level


def test_a_sampled_bundle_can_be_assessed_with_its_own_record(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    call("sample", "bundle", "--scenario", "potassium-critical", "-o", path)

    done = call(
        "assess", path, "--record", path, "--format", "fhir", "--now", "2026-11-20T15:00:00Z"
    )

    made = json.loads(path.read_bytes())["entry"]
    again = done.json["entry"][0]["resource"]
    told = again.pop("note"), again.pop("text")
    # All of it came twice, beside the response and as the record; its own products are in it.
    assert "Record: 14 resources looked at" in str(told)
    assert again == {
        key: one for key, one in made[-3]["resource"].items() if key not in {"note", "text"}
    }
    assert [entry["resource"]["resourceType"] for entry in made] == [
        "Patient",
        "QuestionnaireResponse",
        "Observation",
        "MedicationStatement",
        "RiskAssessment",
        "CommunicationRequest",
        "Provenance",
    ]


def test_samples_go_whole_into_a_file(call: Call, tmp_path: Path) -> None:
    out = tmp_path / "out.ndjson"

    assert call("sample", "response", "-n", "4", "-o", out).out == b""
    assert out.read_bytes() == call("sample", "response", "-n", "4").out


def test_a_pack_without_scenarios_is_named(call: Call) -> None:
    done = call("sample", "response", "--packs", "tests/packs", "--pack", "boiler")

    assert done.code == 2
    assert "scenarios.toml" in done.err


@pytest.mark.parametrize("words", [("call", "cramps"), ("sample", "hook"), ("sample", "response")])
def test_every_command_that_takes_a_scenario_lists_them(call: Call, words: tuple[str, ...]) -> None:
    listed = call(*words, "--list")

    assert listed.code == 0
    assert "no-urine" in {line.split()[0] for line in listed.text.splitlines()}
