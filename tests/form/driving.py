"""A real browser, driven by browser.mjs; the tests of a session share one demonstration."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from tests.form.node import HERE, OUT, installed
from tests.replies import CALM
from tests.web.processes import Running

Drive = Callable[..., Any]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FIRST = ("safety.consciousness", "none")
SIGN = ("safety.urine", "none-new")
# What the driver leaves in the log of a page that refused to run it, or that asked for a refusal.
OWN = ("Content Security Policy", "404 (Not Found)")


@pytest.fixture(scope="session")
def demonstration() -> Iterator[Running]:
    """A demonstration in a process of its own."""
    service = Running("--demo")
    yield service
    service.stop()


@pytest.fixture(scope="session")
def drive(demonstration: Running) -> Drive:
    """Run one part of browser.mjs; what it found, once it complained of nothing."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("Chromium is not installed, so no page can be opened in it")
    modules = installed()
    (OUT / "shots").mkdir(exist_ok=True)

    def driven(part: str, expects: Sequence[str] = (), **more: Any) -> Any:
        job = {
            "modules": str(modules),
            "chromium": browser,
            "shots": str(OUT / "shots"),
            "url": f"{demonstration.url}/forms/cramps",
            "part": part,
            "first": FIRST,
            "sign": SIGN,
            "calm": "usual",
            "answers": list(CALM.items()),
            **more,
        }
        ended = subprocess.run(
            ["node", str(HERE / "browser.mjs")],
            input=json.dumps(job).encode(),
            capture_output=True,
            timeout=600,
            check=False,
            env={**os.environ, "LANG": "C.UTF-8"},
        )
        assert ended.returncode == 0, ended.stderr.decode()
        found = json.loads(ended.stdout)
        own = (*OWN, *expects)
        strange = [one for one in found["said"] if not any(text in one for text in own)]
        assert strange == [], strange
        return found["result"]

    return driven
