"""Log lines: one JSON object each, and only fields of this list. No answer, name, token or address.

Messages of libraries are printed as their templates, without the values that would go in; of an
exception only its type and the places it came through, since its text may quote a patient; of a
store also the short name that its database or the system has for the error.
"""

import json
import logging
import sys
import time
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from json.encoder import encode_basestring_ascii
from math import isfinite

from cds.errors import StoreError
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
            "time": _shown(record.created),
            "level": record.levelname.lower(),
            "event": str(record.msg),
        }
        if record.name != _NAME:
            line["logger"] = record.name
        given: Mapping[str, object] = getattr(record, "fields", {})
        line.update({name: given[name] for name in FIELDS if name in given})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            if isinstance(record.exc_info[1], StoreError) and record.exc_info[1].kind:
                line["kind"] = record.exc_info[1].kind
            frames = traceback.extract_tb(record.exc_info[2])
            line["at"] = [f"{_short(frame.filename)}:{frame.lineno}" for frame in frames]
        return json.dumps(line, ensure_ascii=True)


def _shown(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).isoformat(timespec="milliseconds")


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
    if not _log.isEnabledFor(level):
        return
    if level == logging.INFO and error is None and _is_ours_alone():
        _tell(name, fields or {})
    else:
        raised = (type(error), error, error.__traceback__) if error is not None else None
        # Made here rather than by `_log.log`, which walks the stack for a place that is not shown.
        record = logging.LogRecord(_NAME, level, "", 0, name, None, raised)
        record.fields = fields or {}
        _log.handle(record)


def _is_ours_alone() -> bool:
    """Whether nobody but us listens to our lines, as in a service that runs."""
    listening = _log.root.handlers
    return len(listening) == 1 and type(listening[0]) is _Handler and not _log.handlers


def _tell(name: str, fields: Mapping[str, object]) -> None:
    """A usual line without a record of logging in between, which takes longer than all else."""
    lines_out().put(partial(_usual, name, time.time_ns(), fields))


def _usual(name: str, nanoseconds: int, fields: Mapping[str, object]) -> str:
    second, milliseconds = divmod(nanoseconds // 1_000_000, 1000)
    line, keys = _printed(name, tuple(fields))
    values = [fields[key] for key in keys]
    told = [one if type(one) is int else _written(one) for one in values]
    return line % (_begun(second), milliseconds, *told)


@lru_cache(maxsize=64)
def _printed(name: str, given: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The line of an event with gaps for the time and the values, and whose values go in.

    Few differ in more than these: of a request's line, half of the time went into its names.
    """
    keys = tuple(key for key in FIELDS if key in given)
    told = _written(name).replace("%", "%%")
    fields = "".join(f', "{key}": %s' for key in keys)
    return f'{{"time": "%s.%03d+00:00", "level": "info", "event": {told}{fields}}}', keys


@lru_cache(maxsize=2)
def _begun(second: int) -> str:
    """A second since 1970 as `_shown` writes it, without what follows the second."""
    return datetime.fromtimestamp(second, UTC).isoformat().partition("+")[0]


def _written(value: object) -> str:
    """As `json.dumps`, which prepares itself anew each time."""
    if type(value) is str:
        return encode_basestring_ascii(value)
    usual = type(value) is int or (type(value) is float and isfinite(value))
    return repr(value) if usual else json.dumps(value)


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


def write_out() -> None:
    """Wait a moment for the lines so far to be written: a worker ends by a signal, and with them.

    Where somebody else listens to our lines, there are none of ours to be waited for.
    """
    if _is_ours_alone():
        lines_out().flush()


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
