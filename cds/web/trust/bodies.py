"""How much of what was sent may be held at once, and waited for: in all, and for one caller."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from cds.errors import RequestError

_SHARE = 2  # one caller may hold half of all
# Bodies of one caller that may be under way at once. Each counts as a request for seconds, and one
# token is good for any number of them: it is used up only when a body is whole.
MOST_UNDER_WAY = 200


class Bodies:
    """The bytes of the bodies that are being read or answered."""

    def __init__(self, most: int) -> None:
        """0: no limit."""
        self._most = most
        self._all = 0
        self._of: dict[str, int] = {}
        self._under_way: Counter[str] = Counter()

    def take(self, name: str, count: int) -> None:
        """Hold so many bytes more of this caller.

        Raises:
            RequestError: 503, there is no room; nothing was taken.
        """
        held = self._of.get(name, 0) + count
        if self._most and (self._all + count > self._most or held > self._most // _SHARE):
            raise _no_room("the service is busy with other requests.")
        self._all += count
        self._of[name] = held

    @contextmanager
    def under_way(self, name: str) -> Iterator[None]:
        """While a body of this caller is waited for.

        Raises:
            RequestError: 503, too many of its bodies are.
        """
        if self._under_way[name] >= MOST_UNDER_WAY:
            raise _no_room("too many bodies of this caller are under way.")
        self._under_way[name] += 1
        try:
            yield
        finally:
            self._under_way[name] -= 1
            if not self._under_way[name]:
                del self._under_way[name]

    def free(self, name: str, count: int) -> None:
        """They are held no longer."""
        self._all -= count
        left = self._of.get(name, 0) - count
        if left > 0:
            self._of[name] = left
        else:
            self._of.pop(name, None)


def _no_room(why: str) -> RequestError:
    text = f"cannot be read now: {why}"
    return RequestError(503, "body", text, "Try again in a moment.", code="transient")
