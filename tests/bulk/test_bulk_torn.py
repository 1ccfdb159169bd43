"""What a loss of power has torn is made again: nobody waits for the disk, parts have marks."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cds.flows.assess import installed
from cds.flows.bulk import manifest as manifests
from cds.flows.bulk.decide import Options
from cds.flows.bulk.files import Folder
from cds.flows.bulk.run import Run
from cds.flows.bulk.tasks import JOIN_FILES, Job, Plan, Task
from cds.flows.bulk.workers import Alone, Done
from tests.bulk.conftest import results_in
from tests.flows.made_up import members


class _Unplugged(Alone):
    """Hands that stop before the parts are put together."""

    def do(self, tasks: Iterable[Task], plan: Plan | None = None) -> Iterator[Done]:
        listed = list(tasks)
        if any(stage == JOIN_FILES for stage, _ in listed):
            raise KeyboardInterrupt
        return super().do(listed, plan)


def _one_job(files: list[Path], out: Path) -> tuple[Job, dict[str, Any]]:
    options = Options(members("messy")[0].now)
    packs = installed().packs
    hashes = tuple(one.hash for one in packs)
    job = Job(out, tuple(files), tuple(path.name for path in files), options, installed, hashes)
    Folder(out).make()
    return job, manifests.wanted(packs, options, "", None)


@pytest.mark.parametrize("record", [False, True])
def test_what_a_loss_of_power_has_torn_is_done_again(
    exported: Path, tmp_path: Path, record: bool
) -> None:
    files = [exported / "QuestionnaireResponse.ndjson"]
    files += [exported / "Patient.ndjson"] if record else []
    whole, begun = _one_job(files, tmp_path / "whole")
    Run(whole, Alone(whole), begun, lambda *_: None).go(None)
    job, begun = _one_job(files, tmp_path / "torn")
    with pytest.raises(KeyboardInterrupt):
        Run(job, _Unplugged(job), begun, lambda *_: None).go(None)
    parts = sorted(Folder(job.folder).work.glob("*-0*.*"))
    parts = [one for one in parts if one.suffix in {".decisions", ".responses", ".spill"}]
    assert parts
    for number, path in enumerate(parts):
        if number % 2:
            path.write_bytes(b"\0" * path.stat().st_size)
        else:
            path.unlink()
    for mark in sorted(Folder(job.folder).work.glob("*.done"))[-1:]:
        mark.write_bytes(b"")

    job, begun = _one_job(files, tmp_path / "torn")
    earlier = manifests.kept(Folder(job.folder))
    assert earlier is not None
    assert earlier["inputs"]
    Run(job, Alone(job), begun, lambda *_: None).go(earlier)

    assert results_in(tmp_path / "torn") == results_in(tmp_path / "whole")
