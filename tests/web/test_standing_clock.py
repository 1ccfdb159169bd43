"""A demonstration whose clock stands, and samples that are moved to it: the same on any day."""

import json
from typing import Any

import httpx
import pytest

NOW = "2031-02-28T23:30:00+01:00"


def test_a_sample_is_moved_to_the_time_that_is_named(run: Any) -> None:
    fixed = run("sample", "hook", "--scenario", "potassium-critical")
    moved = run("sample", "hook", "--scenario", "potassium-critical", "--now", NOW)

    assert moved.returncode == 0
    assert fixed.stdout == run("sample", "hook", "--scenario", "potassium-critical").stdout
    prefetch = json.loads(moved.stdout)["prefetch"]
    (response,) = [one["resource"] for one in prefetch["responses"]["entry"]]
    (lab,) = [one["resource"] for one in prefetch["labs"]["entry"]]
    assert response["authored"] == "2031-02-28T22:30:00Z"
    assert lab["effectiveDateTime"] == "2031-02-28T19:30:00Z"


def test_a_demonstration_may_stand_still(running: Any, run: Any) -> None:
    server = running("--demo", "--now", NOW)
    then = json.loads(run("sample", "hook", "--scenario", "no-urine", "--now", NOW).stdout)
    before = json.loads(run("sample", "hook", "--scenario", "no-urine").stdout)
    url = f"{server.url}/cds-services/cramps-patient-view"

    fresh = httpx.post(url, json=then, timeout=10).json()["cards"]
    old = {**before, "hookInstance": "00000000-0000-4000-8000-000000000001"}
    stale = httpx.post(url, json=old, timeout=10).json()["cards"]

    assert fresh[0]["indicator"] == "critical"
    assert "28 Feb 2031" in fresh[0]["detail"]
    assert "Ask again" in stale[0]["summary"]
    assert server.stop() == 0


@pytest.mark.parametrize("args", [("--now", NOW), ("--demo", "--now", "yesterday")])
def test_only_a_demonstration_stands_still_and_at_an_instant(run: Any, args: Any) -> None:
    refused = run("serve", *args)

    assert refused.returncode == 2
    assert b"--now" in refused.stderr
