"""What is made up as files and Bundles, what others say of it, and the defects put into it."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cds import wire
from cds.errors import CdsError, PackError, UsageError
from cds.flows.synthetic.defects import _KINDS, LINE_KINDS, spoil
from cds.flows.synthetic.draw import Draw
from cds.flows.synthetic.exported import bundles, write_bulk_data
from cds.flows.synthetic.habits import HABITS
from cds.flows.synthetic.plan import plan_of
from cds.flows.synthetic.population import Member, patient_bundle
from tests.flows.made_up import MIXES, PACK, SCENARIOS, members, plan, population, references
from tests.replies import assessor_of

Judge = Callable[[Path], tuple[int, str]]
NINE = 9  # what must come up in this many members or more


# ── Defects ──


@pytest.mark.parametrize("kind", [*_KINDS, *LINE_KINDS], ids=lambda kind: kind.name)
def test_every_kind_of_defect_is_told_by_assess(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cds.flows.synthetic.defects._KINDS", (kind,))
    monkeypatch.setattr("cds.flows.synthetic.defects.LINE_KINDS", ())
    met = 0
    for number, member in enumerate(members("messy")[:60]):
        try:
            lines, label = spoil(member, PACK, Draw(str(number)), lines=False)
        except AssertionError:
            continue  # nothing of this member can have it
        met += 1
        assert label.kind == kind.name
        words = told(member, lines, label.resource, label.path)
        assert words, (number, label)
        without = [wire.write(one) for one in member.own]
        assert words != told(member, without, label.resource, label.path)

    assert met >= NINE


def told(member: Member, lines: list[bytes], reference: str, path: str) -> list[str]:
    """The refusal, or what the decision says of the place or of the resource."""
    record = [wire.read(line) for line in lines[:-1]]
    try:
        assessed = assessor_of().assess(lines[-1], now=member.now, record=record)
    except CdsError as error:
        return [str(error)]
    document = assessed.document()
    link_id = path.partition("linkId='")[2].partition("'")[0]
    about = reference if reference.startswith("Observation/") else link_id or "status"
    said = [*document["issues"], *document["open"], *document["notes"]]
    return [text for one in said if about in (text := wire.write(one).decode())]


# ── Bundles and files ──


@pytest.mark.parametrize("kind", ["collection", "transaction"])
def test_a_bundle_holds_all_of_one_patient_each_after_what_it_refers_to(kind: str) -> None:
    bundle = json.loads(wire.write(patient_bundle(members("messy")[0], PACK.identity.base, kind)))

    seen: set[str] = set()
    for entry in bundle["entry"]:
        resource = entry["resource"]
        assert set(references(resource)) <= seen
        place = f"{resource['resourceType']}/{resource['id']}"
        assert entry["fullUrl"].endswith(place)
        assert entry.get("request") == (
            {"method": "PUT", "url": place} if kind == "transaction" else None
        )
        seen.add(place)
    assert bundle["type"] == kind


def test_the_manifest_counts_what_the_files_hold(tmp_path: Path) -> None:
    write_bulk_data(population("messy"), 60, tmp_path / "out", defects=PACK)

    manifest = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
    for entry in manifest["output"]:
        lines = (tmp_path / "out" / entry["url"]).read_bytes().splitlines()
        assert len(lines) == entry["count"]
    named = {entry["url"] for entry in manifest["output"]} | {"manifest.json", "defects.ndjson"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == named


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")

    with pytest.raises(UsageError) as caught:
        write_bulk_data(population("everyday"), 1, tmp_path)

    assert caught.value.where == "--output"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


# ── Independent validators ──


@pytest.mark.slow
def test_the_independent_validator_finds_no_error_in_any_mix(judge: Judge, tmp_path: Path) -> None:
    for mix in MIXES:
        write_bulk_data(population(mix), 150, tmp_path / mix)
        for kind in ("collection", "transaction"):
            path = tmp_path / mix / f"{kind}.ndjson"
            path.write_bytes(b"\n".join(bundles(population(mix), 5, PACK.identity.base, kind)))
        (tmp_path / mix / "manifest.json").unlink()  # not a resource

    assert judge(tmp_path) == (0, "")


@pytest.mark.slow
@pytest.mark.usefixtures("oracle")  # it installs the packages
def test_another_engine_finds_no_fault_against_the_profiles_of_us_core(tmp_path: Path) -> None:
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    home = os.environ.get("CRAMP_CDS_ORACLE_HOME") or str(Path(cache) / "cramp-cds-oracle")
    script = Path(__file__).parent / "us_core.mjs"
    write_bulk_data(population("messy"), 200, tmp_path / "out")
    files = [str(tmp_path / "out" / f"{kind}.ndjson") for kind in ("Patient", "MedicationRequest")]

    done = subprocess.run(
        ["node", str(script), home, *files], capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.returncode) == ("", 0), done.stderr
    assert int(done.stderr) > 250


# ── population.toml ──


def test_an_unknown_mix_gets_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        plan().mix("mesy")

    assert caught.value.hint == "Did you mean 'messy'?"


def test_every_fault_of_population_toml_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "population.toml").write_text(
        """
        [[mix]]
        name = "one"
        title = "One"
        scenarios = { shok = 5, fainted = 0 }
        habits = { ofset = 5 }
        [[background]]
        name = "b"
        title = "B"
        ages = 5
        answers = { "no.such" = "x" }
        serie = []
        series = [ { test = "none", range = "usual", every = 1, over = 2 } ]
        """,
        "utf-8",
    )

    with pytest.raises(PackError) as caught:
        plan_of(tmp_path, PACK, SCENARIOS)

    assert [fault.where for fault in caught.value.faults] == [
        "population.toml: mix one: scenarios",
        "population.toml: mix one: habits",
        "population.toml: mix one: fainted",
        "population.toml: background b: ages",
        "population.toml: background b: series",
        "population.toml: background b: answers",
        "population.toml: background b: serie",
    ]


def test_a_pack_without_the_file_has_no_plan(tmp_path: Path) -> None:
    assert plan_of(tmp_path, PACK, SCENARIOS) is None


# ── The page about it ──

PAGE = Path(__file__).parents[2] / "docs" / "populations.md"


def test_the_page_names_every_mix_habit_and_kind_of_defect() -> None:
    text = PAGE.read_text("utf-8")

    named = [*MIXES, *HABITS, *(kind.name for kind in (*_KINDS, *LINE_KINDS))]
    assert [name for name in named if name not in text] == []
    told = [*HABITS.values(), *(kind.what for kind in (*_KINDS, *LINE_KINDS))]
    assert [what for what in told if what not in text] == []
