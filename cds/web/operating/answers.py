"""Which clients never send answers: an EHR without a search for them, not one that failed.

A card *not assessed* on every patient would train everybody to close it. So a client that has not
sent the key once in many calls counts as one whose answers are not to be had, and whoever runs the
service is told.
"""

from collections.abc import Callable

from cds.web.operating.logs import event

CALLS = 20  # without a single answer, before silence is taken for how this EHR is


class AnswersSeen:
    """What the clients of one process did about the answers, since it started."""

    def __init__(self, counted: Callable[[str, int], None]) -> None:
        """`counted(client, without)` is told 1 or 0 when what is known of a client changes."""
        self._counted = counted
        self._calls: dict[str, int] = {}
        self._sent: set[str] = set()

    def note(self, client: str, *, sent: bool) -> None:
        """One call: whether it brought the key, in whatever state, or let it be fetched."""
        if client in self._sent:
            return
        if sent:
            self._sent.add(client)
            if self._calls.pop(client, 0) >= CALLS:
                self._counted(client, 0)
            return
        self._calls[client] = self._calls.get(client, 0) + 1
        if self._calls[client] == CALLS:
            event("no answers from client", {"client": client})
            self._counted(client, 1)

    def never(self, client: str) -> bool:
        """Whether this client has called often and never sent any."""
        return self._calls.get(client, 0) >= CALLS

    def without(self) -> list[str]:
        """Those clients, for the operator."""
        return sorted(name for name, count in self._calls.items() if count >= CALLS)
