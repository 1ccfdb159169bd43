"""`sample population` as a command: files, bundles, mixes, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]


def test_a_population_is_a_folder_of_ndjson_with_its_manifest(call: Call, tmp_path: Path) -> None:
    done = call("sample", "population", "-n", 12, "--mix", "messy", "-o", tmp_path / "pop")

    assert (done.code, done.text) == (0, "")
    assert "12 patients" in done.err
    patients = (tmp_path / "pop" / "Patient.ndjson").read_text("utf-8").splitlines()
    assert len({json.loads(line)["id"] for line in patients}) == 12
    manifest = json.loads((tmp_path / "pop" / "manifest.json").read_bytes())
    assert manifest["requiresAccessToken"] is False


@pytest.mark.parametrize("kind", ["collection", "transaction"])
def test_bundles_are_printed_one_a_line(call: Call, kind: str) -> None:
    done = call("sample", "population", "-n", 3, "--bundle", kind)

    assert [one["type"] for one in done.lines] == [kind] * 3
    assert {one["resourceType"] for one in done.lines} == {"Bundle"}


def test_the_mixes_are_listed_with_what_they_are(call: Call) -> None:
    names = [line.split()[0] for line in call("sample", "population", "--list").text.splitlines()]

    assert names == ["everyday", "emergency", "messy"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "name a new folder"),
        (["-o", "-"], "name a new folder"),
        (["--mix", "mesy", "-o", "x"], "Did you mean 'messy'?"),
        (["-n", "0", "-o", "x"], "0 is not in the range"),
        (["--bundle", "collection", "--defects"], "not with --bundle"),
        (["--bundle", "batch"], "batch"),
    ],
)
def test_what_cannot_be_is_refused_with_the_way_out(call: Call, args: list[str], said: str) -> None:
    done = call("sample", "population", *args)

    assert done.code == 2
    assert said in done.err


def test_a_pack_without_a_plan_says_which_file_is_missing(call: Call, tmp_path: Path) -> None:
    scenarios = '[[scenario]]\nname = "any"\ntitle = "Any"\n[scenario.given]\n'
    made = call("pack", "new", "tingles", tmp_path)
    (tmp_path / "tingles" / "scenarios.toml").write_text(scenarios, "utf-8")

    done = call("sample", "population", "--packs", tmp_path, "--pack", "tingles", "-o", "x")

    assert (made.code, done.code) == (0, 2)
    assert "population.toml" in done.err
