"""The disk under the log or the spool hangs, or says no: nobody waits for it, not even an end."""

import errno
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.failures.site import Disk, Json, Service, anew, shown_in_time

pytestmark = pytest.mark.slow
Start = Callable[..., Service]
END_S = 10.0  # what an end may take: platforms give 10 s, and then kill


def _beside(folder: Path) -> dict[str, dict[str, str]]:
    """A log and its spool, each under a name of its own."""
    return {"store": {"url": f"sqlite:///{folder}/kept.db", "spool": str(folder / "waiting-here")}}


def test_the_line_about_a_log_that_failed_says_the_kind_of_error(
    started: Start, disk: Disk, emergency: Json, tmp_path: Path
) -> None:
    service = started(popen={"env": disk.environment}, **_beside(tmp_path))
    shown_in_time(service, emergency, 1)

    disk.fail("kept.db", errno.ENOSPC, "w")
    shown_in_time(service, emergency, 3)
    service.until(lambda: bool(service.events("decision log")))
    disk.fail("/waiting-here", errno.EROFS, "ow")
    shown_in_time(service, emergency, 1)
    service.until(lambda: bool(service.events("emergency answered without a record")))

    assert service.events("decision log")[0]["kind"] == "SQLITE_FULL"
    assert service.events("emergency answered without a record")[0]["kind"] == "EROFS"


def test_a_log_whose_disk_hangs_does_not_hold_up_an_end(
    started: Start, disk: Disk, emergency: Json, tmp_path: Path
) -> None:
    service = started(popen={"env": disk.environment}, **_beside(tmp_path))
    shown_in_time(service, emergency, 3)

    disk.hang("kept.db")
    shown_in_time(service, emergency, 5)
    began = time.monotonic()
    code = service.stop()

    assert code == 0
    assert time.monotonic() - began < END_S
    assert service.events("decision log")[-1]["why"] == "not closed"
    disk.heal()
    again = started(**_beside(tmp_path))
    again.until(lambda: again.get("/readyz").json()["log"] == "whole")
    assert again.post(anew(emergency)).status_code == 200


def test_a_spool_whose_disk_hangs_does_not_hold_up_a_start(
    started: Start, disk: Disk, emergency: Json, tmp_path: Path
) -> None:
    disk.hang("/waiting-here")
    service = started(popen={"env": disk.environment}, **_beside(tmp_path))

    shown_in_time(service, emergency)
    assert service.get("/readyz").status_code == 200
    assert "cannot be read" in service.get("/readyz").json()["spool"]
    assert service.stop() == 0


def test_a_log_whose_disk_hangs_does_not_hold_up_a_start(
    started: Start, disk: Disk, emergency: Json, tmp_path: Path
) -> None:
    disk.hang("kept.db")
    service = started(popen={"env": disk.environment}, **_beside(tmp_path))

    shown_in_time(service, emergency)
    assert service.get("/readyz").status_code == 503
    disk.heal()
    service.until(lambda: service.get("/readyz").json()["log"] == "whole")
    assert service.stop() == 0
