"""A worker ends with its parent, also in the middle of a task that never ends."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cds.flows.assess import Assessor, installed
from cds.flows.bulk import manifest as manifests
from cds.flows.bulk.decide import Options
from cds.flows.bulk.files import Folder
from cds.flows.bulk.run import Run
from cds.flows.bulk.tasks import Job
from cds.flows.bulk.workers import Crew
from tests.bulk.test_bulk_stops import ROOT, children_of, until
from tests.flows.made_up import members

BEGUN = "begun"


class _Stuck(Assessor):
    """An assessor that comes to no end, and leaves a file to say that it has begun."""

    def __init__(self, folder: Path) -> None:
        super().__init__(installed().packs)
        self._folder = folder

    def assess(self, *_: object, **__: object) -> Any:
        (self._folder / BEGUN).touch()
        time.sleep(3600)


def run_for_ever(folder: Path) -> None:
    """The parent: a run of which no part is ever finished."""
    source, out = folder / "QuestionnaireResponse.ndjson", folder / "out"
    packs, options = installed().packs, Options(members("everyday")[0].now)
    hashes = tuple(one.hash for one in packs)
    job = Job(out, (source,), (source.name,), options, partial(_Stuck, folder), hashes)
    Folder(out).make()
    with Crew(job, 1) as crew:
        Run(job, crew, manifests.wanted(packs, options, "", None), lambda *_: None).go(None)


@pytest.mark.slow
def test_a_worker_in_the_middle_of_a_task_ends_with_its_parent(
    exported: Path, tmp_path: Path
) -> None:
    lines = (exported / "QuestionnaireResponse.ndjson").read_bytes()
    (tmp_path / "QuestionnaireResponse.ndjson").write_bytes(lines)
    code = "import sys, pathlib, tests.bulk.test_bulk_orphans as run; "
    with subprocess.Popen(
        [sys.executable, "-c", code + "run.run_for_ever(pathlib.Path(sys.argv[1]))", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as parent:
        try:
            until((tmp_path / BEGUN).exists)
            workers = children_of(parent.pid)
        finally:
            parent.send_signal(signal.SIGKILL)

    assert workers
    until(lambda: not any(Path(f"/proc/{one}").exists() for one in workers))
