"""The disk under the log or the spool hangs, or says no: nobody waits for it, not even an end."""

import errno
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cds.store.decisions import DecisionLog
from cds.store.model import Verified
from cds.store.verify import verify
from tests.failures.site import HOOK, Disk, Json, Service, anew, shown_in_time
from tests.web.signing import ISS, Signing, new_signing

pytestmark = pytest.mark.slow
PUBLIC = "https://cds.example.org"
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


@pytest.mark.parametrize("workers", [1, 2])
def test_a_log_whose_disk_hangs_does_not_hold_up_an_end(
    started: Start, disk: Disk, emergency: Json, tmp_path: Path, workers: int
) -> None:
    more = ("--workers", str(workers))
    service = started(*more, popen={"env": disk.environment}, **_beside(tmp_path))
    service.until(lambda: len(service.events("ready")) == workers)
    shown_in_time(service, emergency, 3)

    disk.hang("kept.db")
    shown_in_time(service, emergency, 5)
    began = time.monotonic()
    code = service.stop()

    assert code == 0
    assert time.monotonic() - began < END_S
    told = [line["why"] for line in service.events("decision log")]
    assert told.count("not closed") == workers
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


FILES = ("kept.db", "kept.db-wal", "kept.db-shm")


def _moved(folder: Path, to: Path) -> None:
    to.mkdir(exist_ok=True)
    for name in FILES:
        if (folder / name).exists():
            (folder / name).rename(to / name)


@pytest.mark.parametrize("by", ["nothing", "a copy"])
def test_a_log_whose_file_is_moved_away_acknowledges_nothing_into_it(
    started: Start, emergency: Json, tmp_path: Path, by: str
) -> None:
    """As by whoever tidies up, or puts a copy back, while the service runs."""
    tables = _beside(tmp_path)
    service = started(**tables)
    kept: list[str] = []
    shown_in_time(service, emergency, 3, kept=kept)
    shutil.copy(tmp_path / "kept.db", tmp_path / "copy.db")
    with DecisionLog(f"sqlite:///{tmp_path}/copy.db", create=True):
        pass

    _moved(tmp_path, tmp_path / "away")
    if by == "a copy":
        (tmp_path / "copy.db").rename(tmp_path / "kept.db")
        kept.clear()  # what only the other file holds
    shown_in_time(service, emergency, kept=kept)
    service.until(lambda: bool(service.events("decision log")))
    assert service.events("decision log")[0]["kind"] == "moved"
    if by == "nothing":
        assert service.get("/readyz").status_code == 503
        assert not (tmp_path / "kept.db").exists()
        _moved(tmp_path / "away", tmp_path)

    service.until(lambda: service.get("/readyz").json()["log"] == "whole")
    shown_in_time(service, emergency, 3, kept=kept)
    assert service.stop() == 0
    with DecisionLog(tables["store"]["url"]) as log:
        assert isinstance(verify(log), Verified)
        assert set(kept) <= {entry.hook_instance for entry, _ in log.entries()}


@pytest.mark.parametrize(
    ("kinds", "error"), [("s", errno.EIO), ("rws", errno.ESTALE), ("s", -30), ("s", -200)]
)
def test_a_disk_of_the_log_that_fails_or_is_slow_loses_nothing(
    started: Start, disk: Disk, emergency: Json, tmp_path: Path, kinds: str, error: int
) -> None:
    """`error` below 0: so many milliseconds for each time that it is to be on disk."""
    tables = _beside(tmp_path)
    service = started(popen={"env": disk.environment}, **tables)
    kept: list[str] = []
    shown_in_time(service, emergency, 3, kept=kept)

    disk.fail("kept.db", error, kinds)
    shown_in_time(service, emergency, 30, kept=kept)
    disk.heal()

    service.until(lambda: service.get("/readyz").json()["log"] == "whole")
    assert service.stop() == 0
    with DecisionLog(tables["store"]["url"]) as log:
        assert isinstance(verify(log), Verified)
        assert set(kept) <= {entry.hook_instance for entry, _ in log.entries()}
    assert len(kept) > 25


def _secured(signing: Signing) -> dict[str, Any]:
    return {
        "server": {"public_url": PUBLIC},
        "auth": {"required": True},
        "clients": [{"name": "ehr", "iss": ISS, "jwks_file": str(signing.jwks)}],
    }


@pytest.mark.parametrize("error", [0, errno.ENOSPC, errno.EIO])
def test_used_tokens_that_cannot_be_kept_are_no_fault_of_the_log(
    started: Start, disk: Disk, emergency: Json, tmp_path: Path, error: int
) -> None:
    """Each is good once all the same, and they are kept again once their disk is well."""
    signing = new_signing(tmp_path / "jwks.json")
    service = started(popen={"env": disk.environment}, **_beside(tmp_path), **_secured(signing))

    def called(count: int) -> None:
        for _ in range(count):
            token = {"authorization": f"Bearer {signing.token(PUBLIC + HOOK)}"}
            shown_in_time(service, emergency, 1, kept=None, **token)
            assert service.post(anew(emergency), **token).status_code == 401

    called(1)
    disk.fail("waiting-here.tokens", error)
    called(10)
    service.until(lambda: bool(service.events("used tokens")))  # lines are written a moment later
    assert not service.events("decision log")
    assert service.get("/readyz").status_code == 200

    disk.heal()
    time.sleep(6)  # it is asked again after five seconds
    before = len(service.events("used tokens"))
    called(5)
    time.sleep(0.3)
    assert len(service.events("used tokens")) == before
    assert service.stop() == 0


def test_where_the_system_gives_no_threads_an_emergency_is_shown(
    started: Start, disk: Disk, emergency: Json, tmp_path: Path
) -> None:
    signing = new_signing(tmp_path / "jwks.json")
    service = started(popen={"env": disk.environment}, **_beside(tmp_path), **_secured(signing))

    def called() -> None:
        token = {"authorization": f"Bearer {signing.token(PUBLIC + HOOK)}"}
        shown_in_time(service, emergency, 1, kept=None, **token)

    disk.fail("thread", errno.EAGAIN, "t")
    called()
    filler = [{"resourceType": "Basic", "id": f"b{number}"} for number in range(5000)]
    many = {"procedures": {"resourceType": "Bundle", "entry": filler}}
    big = {**anew(emergency), "prefetch": {**emergency["prefetch"], **many}}
    token = {"authorization": f"Bearer {signing.token(PUBLIC + HOOK)}"}
    assert service.post(big, **token).status_code == 503

    disk.heal()
    token = {"authorization": f"Bearer {signing.token(PUBLIC + HOOK)}"}
    assert service.post(big, **token).status_code == 200
    service.until(lambda: service.get("/readyz").json()["log"] == "whole")
