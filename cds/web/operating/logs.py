"""Log lines: one JSON object each, and only fields of this list. No answer, name, token or address.

Messages of libraries are printed as their templates, without the values that would go in; of an
exception only its type and the places it came through, since its text may quote a patient.
"""

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

from cds.web.operating.lines_out import LinesOut

_NAME = "cds"
FIELDS = (
    "request",
    "method",
    "route",
    "status",
    "ms",
    "bytes",
    "client",
    "service",
    "hook",
    "issue",
    "cards",
    "keys",
    "repeated",
    "spooled",
    "packs",
    "url",
    "port",
    "why",
    "refused",
)

_log = logging.getLogger(_NAME)


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, what happened, and the allowed fields that the event has."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": str(record.msg),
        }
        if record.name != _NAME:
            line["logger"] = record.name
        given = getattr(record, "fields", {})
        line.update({name: given[name] for name in FIELDS if name in given})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["at"] = [f"{_short(frame.filename)}:{frame.lineno}" for frame in frames]
        return json.dumps(line, ensure_ascii=True)


def _short(path: str) -> str:
    return "/".join(path.replace("\\", "/").rsplit("/", 3)[1:])


def event(
    name: str,
    fields: Mapping[str, object] | None = None,
    *,
    level: int = logging.INFO,
    error: BaseException | None = None,
) -> None:
    """Write one line; fields that are not on the list are dropped."""
    if _log.isEnabledFor(level):
        raised = (type(error), error, error.__traceback__) if error is not None else None
        # Made here rather than by `_log.log`, which walks the stack for a place that is not shown.
        record = logging.LogRecord(_NAME, level, "", 0, name, None, raised)
        record.fields = fields or {}
        _log.handle(record)


class _Handler(logging.Handler):
    """Hands lines on to whoever writes them, and does not wait."""

    def __init__(self, out: LinesOut) -> None:
        super().__init__()
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        """Hand it on; a line that cannot be made is dropped, and fails nobody's answer."""
        try:
            line = self.format(record)
        except Exception:  # noqa: BLE001 - to tell of it would fail alike
            self._out.lost()
        else:
            self._out.put(line)


@cache
def lines_out() -> LinesOut:
    """What writes the lines of this process."""
    return LinesOut(sys.stderr.fileno())


def configure(level: str = "info") -> None:
    """Send every log line of the process to stderr as JSON."""
    # No line tells of them, so they need not be asked for; these are the library's own switches.
    logging.logThreads = logging.logMultiprocessing = logging.logProcesses = False
    handler = _Handler(lines_out())
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    set_level(level)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True


def set_level(level: str) -> None:
    """Which of our own lines are written: debug, info, warning or error."""
    _log.setLevel(level.upper())
