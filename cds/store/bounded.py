"""PostgreSQL connections that give up on their side, however silent the other side is.

The server's own timeouts end what a server works on. One that is stopped, or whose packets vanish,
ends nothing: psycopg would wait for it for ever.
"""

import time
from collections.abc import Callable, Generator
from typing import Any, TypeVar

import psycopg

T = TypeVar("T")
_LOOK_S = 0.02
# The server ends first, if it can: then the connection stays good.
_MORE_S = 0.1


def connecting(timeout_s: float) -> Callable[..., Any]:
    """A listener for SQLAlchemy's `do_connect`: connections of which no wait lasts longer."""

    class Bounded(_Bounded):
        limit_s = timeout_s + _MORE_S

    def connect(_dialect: object, _record: object, words: Any, named: Any) -> Any:
        return Bounded.connect(*words, **named)

    return connect


class _Bounded(psycopg.Connection[Any]):
    """A connection that closes itself when an answer does not come in time."""

    limit_s = 5.0

    def wait(self, gen: Any, interval: float = _LOOK_S, timeout: float | None = None) -> Any:
        """As psycopg's, within the limit.

        Raises:
            OperationalError: the server says nothing.
        """
        del interval
        end = time.monotonic() + (self.limit_s if timeout is None else timeout)
        return super().wait(self._until(gen, end), _LOOK_S)

    def _until(self, gen: Generator[Any, Any, T], end: float) -> Generator[Any, Any, T]:
        try:
            state = next(gen)
            while True:
                ready = yield state
                if not ready and time.monotonic() > end:
                    self.close()
                    message = "the server says nothing"
                    raise psycopg.OperationalError(message)
                state = gen.send(ready)
        except StopIteration as ended:
            result: T = ended.value
            return result
