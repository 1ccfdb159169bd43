"""What waits in the spool, as it was last looked at: by a thread, since its disk may hang."""

import logging
import time

from cds.errors import StoreError
from cds.store.spool import Spool, SpoolState
from cds.web.operating.lanes import Lane
from cds.web.operating.logs import event

_NOTHING = SpoolState(waiting=False, oldest=None, damaged=False)


class Waiting:
    """The last look of one process at its spool; without a spool nothing ever waits."""

    def __init__(self, spool: Spool | None) -> None:
        """Before the first look nothing is known to wait."""
        self._spool = spool
        self._seen: SpoolState | None = _NOTHING
        self._lane = Lane("spool")

    async def look(self, limit_s: float) -> SpoolState | None:
        """What is there now; None when its disk does not say so within the limit."""
        if self._spool is not None:
            known = self._seen is not None
            try:
                self._seen = await self._lane.run(self._spool.state, limit_s)
            except StoreError as error:
                self._seen = None
                if known:
                    event("spool", {"why": "cannot be read"}, level=logging.ERROR, error=error)
        return self._seen

    def age_s(self) -> float | None:
        """How long the first of those that wait does so; None while that is not known."""
        if self._seen is None:
            return None
        return 0.0 if self._seen.oldest is None else max(0.0, time.time() - self._seen.oldest)

    def said(self) -> str:
        """For an operator: since when entries wait, and what is wrong; empty when all is well."""
        if self._seen is None:
            return "cannot be read: see its disk, and the rights on its folder"
        said = []
        if self._seen.oldest is not None:
            said.append(f"oldest entry waits {int(self.age_s() or 0)} s")
        if self._seen.damaged:
            said.append("lines that could not be read are set aside")
        return ", ".join(said)

    def close(self) -> None:
        """End its thread."""
        self._lane.close()
