"""The answers that the service itself keeps, for EHRs from which they are not to be had.

They stand, encrypted, in the entries of the decision log of what our form and `$assess` decided for
the same client and patient; erased with them. Which of them count is decided as of all others.
"""

from typing import NamedTuple

from cds import wire
from cds.errors import StoreError
from cds.flows.deciding.assessed import Assessed
from cds.web.contract.prefetch import RESPONSES, WHOLE, Arrival, Supply
from cds.web.operating.ledger import Ledger
from cds.web.operating.patience import Patience
from cds.web.settings import Client, Config
from cds.wire import JsonObject

KEEPING = frozenset(("own", "both"))
SERVICES = ("assess", "form")
AWAY = "our own log is unavailable"
_KEY = "response"


def document_of(config: Config, client: str, assessed: Assessed) -> bytes:
    """What the log keeps of a decision; with the answers, where the site wants them kept."""
    document = {"decision": assessed.document()}
    if any(one.name == client and one.responses in KEEPING for one in config.clients):
        document[_KEY] = assessed.response
    return wire.write(document)


class WhoseAnswers(NamedTuple):
    """Which client, which pack and which patient."""

    client: Client
    pack: str
    patient: str


async def supplies_with_kept(
    ledger: Ledger, whose: WhoseAnswers, supplies: dict[str, Supply], patience: Patience
) -> dict[str, Supply]:
    """The supplies with our own answers beside those of the EHR, for a client whose we keep."""
    theirs = supplies[RESPONSES]
    # Where answers are kept with us alone, the EHR's silence tells nothing.
    whole = theirs.state in WHOLE or whose.client.responses == "own"
    subject = f"{whose.client.name}|{whose.patient}"
    services = [f"{whose.pack}-{one}" for one in SERVICES]
    try:
        kept = await ledger.documents((subject, services), patience)
    except StoreError:
        state: Arrival = "partial" if theirs.resources else "failed"
        return {**supplies, RESPONSES: theirs._replace(state=state, why=AWAY)}
    found = (*theirs.resources, *(one for part in kept for one in _responses(part)))
    if whole:
        state = "given" if found else "empty"
        return {**supplies, RESPONSES: theirs._replace(state=state, resources=found, why="")}
    state = "partial" if found else theirs.state
    return {**supplies, RESPONSES: theirs._replace(state=state, resources=found)}


def _responses(document: bytes) -> list[JsonObject]:
    value = wire.read(document, max_bytes=len(document))
    response = value.get(_KEY) if isinstance(value, dict) else None
    return [response] if isinstance(response, dict) else []
