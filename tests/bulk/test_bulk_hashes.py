"""Inputs are hashed beside their first parts; what nobody has hashed is not gone on with."""

import gzip
import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cds import wire
from cds.flows.assess import installed
from cds.flows.bulk import manifest as manifests
from cds.flows.bulk.decide import Options
from cds.flows.bulk.files import Folder
from cds.flows.bulk.run import Run
from cds.flows.bulk.tasks import HASH, Job, Plan, Task
from cds.flows.bulk.workers import Alone, Done
from tests.bulk.conftest import results_in
from tests.flows.made_up import members

Bulk = Callable[..., Any]


class _PartsFirst(Alone):
    """Hands that are stopped when they come to the hashes: after all the rest."""

    def do(self, tasks: Iterable[Task], plan: Plan | None = None) -> Iterator[Done]:
        listed = list(tasks)
        hashing = any(stage == HASH for stage, _ in listed)
        yield from super().do([one for one in listed if one[0] != HASH], plan)
        if hashing:
            raise KeyboardInterrupt


def run_of(source: Path, out: Path, hands: type[Alone] = Alone) -> None:
    """A run on one file, or the rest of one."""
    options, packs = Options(members("messy")[0].now), installed().packs
    hashes = tuple(one.hash for one in packs)
    job = Job(out, (source,), (source.name,), options, installed, hashes)
    earlier = manifests.kept(Folder(out))
    Folder(out).make()
    begun = manifests.wanted(packs, options, "", None)
    Run(job, hands(job), begun, lambda *_: None).go(earlier)


def test_each_input_has_its_own_hash_however_it_is_packed(
    bulk: Bulk, exported: Path, tmp_path: Path
) -> None:
    source = tmp_path / "in"
    source.mkdir()
    responses = (exported / "QuestionnaireResponse.ndjson").read_bytes()
    (source / "a.ndjson").write_bytes(responses)
    (source / "b.ndjson.gz").write_bytes(gzip.compress(responses))
    (source / "c.json").write_bytes(wire.write(members("messy")[0].response, indent=True))
    (source / "d.ndjson").write_bytes(b"")

    bulk(source, "-o", tmp_path / "out")

    inputs = wire.read((tmp_path / "out" / "manifest.json").read_bytes())["inputs"]
    assert [one["sha256"] for one in inputs] == [
        hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(source.iterdir())
    ]


def test_parts_of_an_input_that_was_not_hashed_are_made_again(
    exported: Path, tmp_path: Path
) -> None:
    source = tmp_path / "in.ndjson"
    shutil.copy(exported / "QuestionnaireResponse.ndjson", source)
    with pytest.raises(KeyboardInterrupt):
        run_of(source, tmp_path / "out", _PartsFirst)
    assert list(Folder(tmp_path / "out").work.glob("decide-*.done"))
    assert wire.read((tmp_path / "out" / "manifest.json").read_bytes())["inputs"] == []
    source.write_bytes(b"".join(reversed(source.read_bytes().splitlines(keepends=True))))

    run_of(source, tmp_path / "out")
    run_of(source, tmp_path / "plain")

    assert results_in(tmp_path / "out") == results_in(tmp_path / "plain")
