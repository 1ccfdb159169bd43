"""`bulk report`: what came of a run, counted for people who may not see whom."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from cds.flows.assess import Assessor, installed
from cds.flows.bulk import manifest as manifests
from cds.flows.bulk.decide import Options
from cds.flows.bulk.files import Folder
from cds.flows.bulk.report.witnesses import witnesses
from cds.flows.bulk.run import Run
from cds.flows.bulk.tasks import Job
from cds.flows.bulk.workers import Alone
from cds.knowledge.read.pack import load_pack, pack_folders
from tests.bulk.conftest import NOW, lines_in
from tests.commands.conftest import call as call  # noqa: PLC0414 - a fixture

pytest.importorskip("duckdb", reason="the extra `bulk` is not installed")
Called = Callable[..., Any]
Json = dict[str, Any]


@pytest.fixture(scope="module")
def ended(faulty: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run over a population with defects."""
    import cds.__main__ as door  # noqa: PLC0415

    out = tmp_path_factory.mktemp("report") / "out"
    words = ["bulk", str(faulty), "-o", str(out), "--now", NOW, "--jobs", "0"]
    assert door.main([*words, "--fail-on", "never"]) == 0
    return out


@pytest.fixture
def report(call: Called, ended: Path) -> Called:
    def made(*args: object) -> Any:
        done = call("bulk", "report", ended, "-o", "-", *args)
        assert (done.code, done.err) == (0, "")
        return done

    return made


def test_every_count_is_that_of_the_rows(report: Called, ended: Path) -> None:
    document = report("--format", "json", "--small", 1).json

    rows = lines_in(ended / "responses.ndjson")
    assert document["responses"] == len(rows)
    assert {one["code"]: one["count"] for one in document["levels"]} == Counter(
        row["level"] for row in rows
    )
    for name in ("rules", "open", "causes", "issues", "notes"):
        expected = Counter(one for row in rows for one in row[name])
        assert {one["code"]: one["count"] for one in document[name]} == expected
    faults = Counter(one["kind"] for one in lines_in(ended / "faults.ndjson"))
    assert {one["code"]: one["count"] for one in document["faults"]} == faults
    for table, column in zip(document["groups"], ("month", "site", "age_band"), strict=True):
        expected = Counter((row[column] or "not known", row["level"]) for row in rows)
        found = {
            (row["name"], level): count
            for row in table["rows"]
            for level, count in zip(table["levels"], row["counts"], strict=True)
            if count
        }
        assert found == expected
        assert sum(row["total"] for row in table["rows"]) == len(rows)


def test_levels_and_rules_come_with_their_words(report: Called) -> None:
    document = report("--format", "json").json

    assert all(one["text"] != one["code"] for one in document["levels"])
    assert all(one["text"] != one["code"] for one in document["rules"])


@pytest.mark.parametrize("form", ["html", "json", "csv"])
def test_nobody_is_named_and_no_small_count_is_shown(
    report: Called, ended: Path, form: str
) -> None:
    text = report("--format", form).text

    for row in lines_in(ended / "responses.ndjson"):
        assert row["response"] not in text
        assert row["subject"].partition("/")[2] not in text
    assert not re.search(r"(Observation|Condition|Patient|MedicationRequest)/", text)
    if form == "json":
        numbers = [
            one["count"]
            for name in ("levels", "rules", "open", "causes", "faults", "validity", "record")
            for one in json.loads(text)[name]
        ]
        assert not any(count is not None and 0 < count < 5 for count in numbers)
        assert None in numbers


def test_the_csv_says_the_same_as_the_json(report: Called) -> None:
    document = report("--format", "json").json
    rows = list(csv.DictReader(io.StringIO(report("--format", "csv").text)))

    rules = [(row["row"], row["count"]) for row in rows if row["table"] == "rules"]
    assert rules == [
        (one["code"], "" if one["count"] is None else str(one["count"]))
        for one in document["rules"]
    ]
    assert {row["table"] for row in rows} >= {"levels", "month", "site", "age band"}


class _Page(HTMLParser):
    """What a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.links += [value or "" for name, value in attrs if name in {"src", "href", "action"}]
        if tag not in {"meta", "rect", "line", "path", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"rect", "line", "path"}:
            return
        assert self.open.pop() == tag


def test_the_page_stands_alone_is_small_and_whole(report: Called) -> None:
    data = report().out
    page = _Page()

    page.feed(data.decode())

    assert len(data) <= 60_000
    assert page.open == []
    assert page.links == []
    assert page.tags["script"] == 0
    assert page.tags["table"] == 3
    assert page.tags["h1"] == 1
    assert b"url(http" not in data
    assert b"default-src 'none'" in data
    assert b'name="viewport"' in data


def test_without_a_file_the_page_is_written_beside_the_run(call: Called, ended: Path) -> None:
    done = call("bulk", "report", ended)

    assert done.code == 0
    assert (ended / "report.html").read_text("utf-8").startswith("<!doctype html>")
    assert str(ended / "report.html") in done.err


def test_two_runs_on_the_same_answers_are_compared(
    call: Called, faulty: Path, ended: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site.toml"
    site.write_text("[site]\nsafety_net = false\n", "utf-8")
    words = ["--now", NOW, "--jobs", 0, "--config", site, "--fail-on", "never"]
    call("bulk", faulty, "-o", tmp_path / "other", *words)
    args = ["--against", ended, "--format", "json", "--small", 1, "-o", "-"]

    changes = call("bulk", "report", tmp_path / "other", *args).json["changes"]

    before = {row["response"]: row for row in lines_in(ended / "responses.ndjson")}
    after = {row["response"]: row for row in lines_in(tmp_path / "other" / "responses.ndjson")}
    pairs = Counter((before[name]["level"], after[name]["level"]) for name in before)
    assert {(one["from"], one["to"]): one["count"] for one in changes["levels"]} == pairs
    moved = {one["code"]: one["count"] for one in changes["responses"]}
    assert moved["less urgent"] == sum(
        after[name]["level_rank"] < before[name]["level_rank"] for name in before
    )
    assert moved["less urgent"] > 0
    gained = Counter(
        rule
        for name in before
        for rule in after[name]["rules"]
        if rule not in before[name]["rules"]
    )
    assert {one["code"]: one["count"] for one in changes["rules-gained"]} == gained


def test_a_run_against_itself_has_not_changed(report: Called, ended: Path) -> None:
    changes = report("--against", ended, "--format", "json", "--small", 1).json["changes"]

    assert [one["code"] for one in changes["responses"]] == ["same level"]
    assert all(one["from"] == one["to"] for one in changes["levels"])
    assert changes["rules-gained"] == changes["rules-lost"] == []


def released() -> Assessor:
    return Assessor([load_pack(pack_folders()["cramps"] / "released" / "1.0.0")])


@pytest.mark.slow
def test_the_answers_given_to_an_earlier_pack_are_compared_with_what_pack_diff_proves(
    call: Called, exported: Path, tmp_path: Path
) -> None:
    options = Options(datetime.fromisoformat(NOW))
    for name, assessor in (("old", released), ("new", installed)):
        packs = assessor().packs
        hashes = tuple(one.hash for one in packs)
        files = sorted(exported.glob("[A-Z]*"))
        names = tuple(path.name for path in files)
        job = Job(tmp_path / name, tuple(files), names, options, assessor, hashes)
        Folder(job.folder).make()
        begun = manifests.wanted(packs, options, "", None)
        Run(job, Alone(job), begun, lambda *_: None).go(None)
    args = ["--against", tmp_path / "old", "--format", "json", "--small", 1, "-o", "-"]

    done = call("bulk", "report", tmp_path / "new", *args)

    changes = done.json["changes"]
    assert changes["against"][0]["version"] == "1.0.0"
    assert sum(one["count"] for one in changes["responses"]) == 60
    assert changes["witnesses"]
    assert all("1.0.0" in line for line in changes["witnesses"])
    page = call("bulk", "report", tmp_path / "new", *args[:2], "-o", "-").out.decode()
    for heading in ("Rules that fire now", "Rules that fire no more"):
        assert f"<h3>{heading}</h3>" in page
    for label in re.findall(r"<li><span>([^<]+)</span>", page):
        first, _, second = label.partition(" ")
        assert first != second


def test_a_version_that_is_not_installed_is_told_where_two_packs_are_compared() -> None:
    runs = [{"packs": [{"hash": name}]} for name in ("one", "other")]

    assert "not compared" in witnesses(runs[0], runs[1], [])[0]
    assert witnesses(runs[0], runs[0], []) == []


def test_a_folder_without_a_finished_run_is_refused(call: Called, tmp_path: Path) -> None:
    done = call("bulk", "report", tmp_path)

    assert done.code == 2
    assert "is not the folder of a bulk run" in done.err
