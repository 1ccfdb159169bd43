"""How much of what was sent may be held at once: in all, and for one caller."""

from cds.errors import RequestError

_SHARE = 2  # one caller may hold half of all


class Bodies:
    """The bytes of the bodies that are being read or answered."""

    def __init__(self, most: int) -> None:
        """0: no limit."""
        self._most = most
        self._all = 0
        self._of: dict[str, int] = {}

    def take(self, name: str, count: int) -> None:
        """Hold so many bytes more of this caller.

        Raises:
            RequestError: 503, there is no room; nothing was taken.
        """
        held = self._of.get(name, 0) + count
        if self._most and (self._all + count > self._most or held > self._most // _SHARE):
            hint = "Try again in a moment."
            text = "cannot be read now: the service is busy with other requests."
            raise RequestError(503, "body", text, hint, code="transient")
        self._all += count
        self._of[name] = held

    def free(self, name: str, count: int) -> None:
        """They are held no longer."""
        self._all -= count
        left = self._of.get(name, 0) - count
        if left > 0:
            self._of[name] = left
        else:
            self._of.pop(name, None)
