"""A usual log line goes past `logging`: it is written as any other, and only where none listens."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.web.operating import logs

VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
GIVEN = st.dictionaries(st.sampled_from((*logs.FIELDS, "answer")), VALUES)


class Lines:
    """What was handed on to be written."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def put(self, line: str | Callable[[], str]) -> None:
        self.kept.append(line() if callable(line) else line)


@pytest.fixture(scope="module")
def lines() -> Any:
    kept, root = Lines(), logging.getLogger()
    before, level = root.handlers[:], logging.getLogger("cds").level
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "lines_out", lambda: kept)
        logs.configure("info")
        yield kept
        root.handlers[:] = before
        logging.getLogger("cds").setLevel(level)


@given(GIVEN)
def test_it_is_the_line_that_a_record_of_logging_makes(lines: Any, given: dict[str, Any]) -> None:
    root = logging.getLogger()
    root.handlers[:] = [one for one in root.handlers if isinstance(one, logs._Handler)]
    lines.kept.clear()
    logs.event("request", given)
    logs.event("request", given, level=logging.WARNING)

    usual, record = (json.loads(one) for one in lines.kept)
    assert usual.pop("time")[:16] <= record.pop("time")[:16]
    assert (usual.pop("level"), record.pop("level")) == ("info", "warning")
    assert usual == record
    assert lines.kept[0].isascii()
    assert lines.kept[0].startswith('{"time": "')
    assert "answer" not in usual
