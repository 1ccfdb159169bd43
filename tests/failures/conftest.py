"""Services that are ended with their test, and requests of an emergency and of a calm patient."""

import json
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cds.flows.synthetic.hook_samples import hook_request, moved
from cds.flows.synthetic.samples import samples, scenarios_of
from cds.knowledge.read.pack import find_pack, pack_folders
from tests.failures.site import Disk, Json, Service, site


def _request(scenario: str) -> Json:
    pack = find_pack("cramps")
    scenarios = scenarios_of(pack_folders()[pack.id], pack)
    sample = next(samples(scenarios, pack, scenario, 1, 0))
    by = datetime.now(UTC).replace(microsecond=0) - sample.now
    resources = [moved(one, by) for one in (sample.response, *sample.record)]
    patient = sample.response["subject"]["reference"].partition("/")[2]
    whole = hook_request(
        pack, "patient-view", resources, patient=patient, instance=str(uuid.uuid4())
    )
    copied: Json = json.loads(json.dumps(whole, default=float))
    return copied


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    running: list[Service] = []

    def start(*args: str, wait: bool = True, popen: Any = None, **tables: Any) -> Service:
        folder = tmp_path / f"service-{len(running)}"
        folder.mkdir()
        running.append(Service(site(folder, **tables), *args, **(popen or {})))
        return running[-1].wait() if wait else running[-1]

    yield start
    for one in running:
        one.kill()


@pytest.fixture(scope="session")
def _shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a disk can be made to do, as a library to be loaded first."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    made = tmp_path_factory.mktemp("disk") / "disk.so"
    source = Path(__file__).with_name("disk.c")
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", made, source, "-ldl"], check=True)
    return made


@pytest.fixture
def disk(_shim: Path, tmp_path: Path) -> Iterator[Disk]:
    made = Disk(_shim, tmp_path / "disk-fault")
    yield made
    made.heal()


@pytest.fixture(scope="session")
def emergency() -> Json:
    return _request("no-urine")


@pytest.fixture(scope="session")
def calm() -> Json:
    return _request("everyday-night-cramp")
