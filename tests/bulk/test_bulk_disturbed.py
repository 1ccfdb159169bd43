"""What goes on around a run: inputs that change or lack something, handles that a fork copies."""

import json
import shutil
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cds import wire
from cds.errors import Unreadable
from cds.flows.assess import Assessor, installed
from cds.flows.bulk import manifest as manifests
from cds.flows.bulk.decide import Options
from cds.flows.bulk.files import Folder
from cds.flows.bulk.run import Run
from cds.flows.bulk.tasks import DECIDE, Job
from cds.flows.bulk.workers import Crew
from tests.bulk.conftest import NOW, lines_in
from tests.flows.made_up import members

Bulk = Callable[..., Any]
Json = dict[str, Any]


@pytest.mark.parametrize("change", ["cut off", "longer", "written anew", "gone"])
def test_an_input_that_changes_while_it_is_read_ends_the_run_with_the_reason(
    call: Bulk, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    source, out = tmp_path / "in.ndjson", tmp_path / "out"
    text = (exported / "QuestionnaireResponse.ndjson").read_bytes()
    source.write_bytes(text)
    plainly = Run._stage

    def disturbed(run: Run, stage: str, *rest: Any) -> Any:
        if stage == DECIDE:
            match change:
                case "cut off":
                    source.write_bytes(text[: len(text) // 2])
                case "longer":
                    source.write_bytes(text * 2)
                case "written anew":
                    source.write_bytes(text.replace(b"completed", b"in-progre"))
                case _:
                    source.unlink()
        return plainly(run, stage, *rest)

    monkeypatch.setattr(Run, "_stage", disturbed)
    done = call("bulk", source, "-o", out, "--now", NOW, "--jobs", "0")

    assert done.code == 3
    assert "in.ndjson" in done.err
    assert (
        "cannot be read any more" if change == "gone" else "was written to while it was read"
    ) in done.err
    assert not (out / "decisions.ndjson").exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"error": [{"type": "OperationOutcome", "url": "e.ndjson"}]}, "files of errors (1)"),
        ({"output": [{"type": "Patient"}, 7, {"url": None}, {"url": "//[x"}]}, "no file (4)"),
    ],
)
def test_what_an_export_says_to_be_missing_is_told(
    bulk: Bulk, exported: Path, tmp_path: Path, more: Json, said: str
) -> None:
    shutil.copytree(exported, tmp_path / "pop")
    path = tmp_path / "pop" / "manifest.json"
    manifest = json.loads(path.read_bytes())
    output = [*manifest["output"], *more.get("output", ())]
    path.write_bytes(wire.write({**manifest, **more, "output": output}))

    done = bulk(tmp_path / "pop", "-o", tmp_path / "out")

    assert done.code == 3
    assert said in done.err
    assert len(lines_in(tmp_path / "out" / "decisions.ndjson")) == 60


class _Handles:
    """An assessor that tells which handles its process has beside the standard streams.

    It holds one and is none: no class of Python inherits from a compiled one (`make compiled`).
    """

    def __init__(self, packs: Any) -> None:
        self._assessor = Assessor(packs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._assessor, name)

    def assess(self, *_: object, **__: object) -> Any:
        names = []
        for one in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                names += [str(one.readlink())] if int(one.name) > 2 else []
        raise Unreadable("handles", f"{len([one for one in names if 'socket' in one])} sockets.")


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")
def test_a_forked_worker_holds_no_pipe_of_its_brothers(exported: Path, tmp_path: Path) -> None:
    files, out = [exported / "QuestionnaireResponse.ndjson"], tmp_path / "out"
    packs, options = installed().packs, Options(members("messy")[0].now)
    assessor: Any = partial(_Handles, packs)
    job = Job(out, tuple(files), (files[0].name,), options, assessor, tuple(p.hash for p in packs))
    Folder(out).make()

    with socket.socket(), Crew(job, 3, "fork") as crew:
        crew._staff(3)
        Run(job, crew, manifests.wanted(packs, options, "", None), lambda *_: None).go(None)

    texts = {one["text"] for one in lines_in(out / "faults.ndjson")}
    assert texts == {"1 sockets."}
