"""The chain is verified while others write it, erase from it and are killed: it is whole."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from cds.store.decisions import DecisionLog
from cds.store.model import Verified
from cds.store.verify import Reached, verify

pytestmark = pytest.mark.slow
Start = Callable[..., "subprocess.Popen[str]"]
COUNT = 1500


def test_a_log_is_whole_each_time_it_is_verified_while_it_is_written(
    url: str, log: DecisionLog, start_writer: Start
) -> None:
    writers = [start_writer(url, client, COUNT, 4) for client in ("ehr-a", "ehr-b")]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    erased, found, resumed = 0, list[Verified](), Reached()
    with DecisionLog(url) as reader:
        while any(writer.poll() is None for writer in writers):
            steps: list[Reached] = []
            said = verify(reader, reached=resumed, told=steps.append)
            assert isinstance(said, Verified), said
            found.append(said)
            # Every second time from where the last one came to.
            resumed = steps[-1] if steps and len(found) % 2 else Reached()
            erased += len(log.erase(datetime.now(UTC), "asked", sequences=[erased + 1]))
            if len(found) == 8:
                writers[0].kill()

    last = verify(log)
    assert isinstance(last, Verified)
    assert last.head == log.head()
    assert last.erased == erased > 3
    heads = [one.head.sequence for one in found]
    assert len(found) > 8
    assert heads == sorted(heads)
    assert heads[0] < heads[-1]
