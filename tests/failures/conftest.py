"""Services that are ended with their test, and requests of an emergency and of a calm patient."""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cds.flows.synthetic.hook_samples import hook_request, moved
from cds.flows.synthetic.samples import samples, scenarios_of
from cds.knowledge.read.pack import find_pack, pack_folders
from tests.failures.site import Json, Service, site


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
def emergency() -> Json:
    return _request("no-urine")


@pytest.fixture(scope="session")
def calm() -> Json:
    return _request("everyday-night-cramp")
