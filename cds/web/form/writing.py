"""What was answered and decided, written back into the EHR as far as it allows; every outcome kept.

The response first, since the decision refers to it; then RiskAssessment, CommunicationRequest and
Provenance, which refer to each other. Each is created only if none with its identifier exists.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cds import wire
from cds.errors import Unreadable
from cds.flows.deciding.assessed import Assessed
from cds.web.form.calls import may_create, send
from cds.web.form.oauth import Smart, Token
from cds.web.trust.outbound import OutboundError
from cds.wire import JsonObject

FHIR_JSON = "application/fhir+json"
CREATED = frozenset((200, 201))
ORDER = ("RiskAssessment", "CommunicationRequest", "Provenance")
URN = "urn:uuid:"


class Outcome(NamedTuple):
    """One resource: what became of it (`written`, `no-scope`, `refused`, `away`, `expired`)."""

    kind: str
    state: str
    reference: str = ""


async def write_back(
    smart: Smart,
    token: Token | None,
    response: JsonObject,
    decided: Callable[[JsonObject], Assessed],
    continues: str = "",
    *,
    earlier: Mapping[str, str] | None = None,
) -> list[Outcome]:
    """Write the response, then what `decided` makes of it as it was kept.

    `earlier`: what was written when the same answers were sent before, by its type; it stays.
    """
    before = earlier or {}
    if token is None:
        return [Outcome("QuestionnaireResponse", "expired")]
    way = _Way(smart, token)
    first = _again("QuestionnaireResponse", before) or await way.response(response, continues)
    kept = dict(response)
    if first.reference:
        kept["id"] = first.reference.partition("/")[2]
    entries = decided(kept).to_fhir()["entry"]
    outcomes = [first]
    known: dict[str, str] = {}
    for kind in ORDER:
        for entry in entries:
            if entry["resource"]["resourceType"] != kind:
                continue
            outcome = _again(kind, before) or await way.create(entry["resource"], known)
            outcomes.append(outcome)
            if outcome.reference:
                known[entry["fullUrl"]] = outcome.reference
    return outcomes


def _again(kind: str, before: Mapping[str, str]) -> Outcome | None:
    return Outcome(kind, "written", before[kind]) if kind in before else None


class _Way:
    """The way to one EHR with one token."""

    def __init__(self, smart: Smart, token: Token) -> None:
        self.smart = smart
        self.token = token

    async def response(self, response: JsonObject, continues: str) -> Outcome:
        kind = "QuestionnaireResponse"
        if continues and may_create(self.token["scope"], kind, "u"):
            return await self._sent(
                kind, "PUT", f"{kind}/{continues}", {**response, "id": continues}
            )
        return await self.create(response, {})

    async def create(self, resource: JsonObject, known: Mapping[str, str]) -> Outcome:
        kind = str(resource["resourceType"])
        if not may_create(self.token["scope"], kind):
            return Outcome(kind, "no-scope")
        plain = {key: value for key, value in resource.items() if key != "id"}
        identifiers = plain.get("identifier")
        one = identifiers[0] if isinstance(identifiers, list) else identifiers
        query = f"identifier={one['system']}|{one['value']}" if one else ""
        return await self._sent(kind, "POST", kind, _linked(plain, known), query)

    async def _sent(
        self, kind: str, method: str, path: str, resource: JsonObject, query: str = ""
    ) -> Outcome:
        headers = {
            "authorization": f"Bearer {self.token['access']}",
            "content-type": FHIR_JSON,
            "accept": FHIR_JSON,
            "prefer": "return=representation",
            **({"if-none-exist": query} if query else {}),
        }
        url = f"{self.smart.base}/{path}"
        try:
            answer = await send(self.smart.http(url), method, url, headers, wire.write(resource))
        except OutboundError:
            return Outcome(kind, "away")
        if answer.status not in CREATED:
            return Outcome(kind, "expired" if answer.status == 401 else "refused")  # noqa: PLR2004 - HTTP
        return Outcome(kind, "written", _reference(kind, answer.location, answer.body))


def _reference(kind: str, location: str, body: bytes) -> str:
    """Where it is kept: by the Location, else by the id of what was answered."""
    parts = location.partition("/_history")[0].rstrip("/").split("/")
    if len(parts) > 1 and parts[-2] == kind:
        return f"{kind}/{parts[-1]}"
    try:
        found = wire.read(body) if body else {}
    except Unreadable:
        found = {}
    name = found.get("id") if isinstance(found, dict) else None
    return f"{kind}/{name}" if isinstance(name, str) else ""


def _linked(value: Any, known: Mapping[str, str]) -> Any:
    """References to what was written before name it; those to what was not are left out."""
    if isinstance(value, list):
        linked = [_linked(one, known) for one in value]
        return [one for one in linked if one is not None]
    if not isinstance(value, dict):
        return value
    reference = value.get("reference")
    if isinstance(reference, str) and reference.startswith(URN):
        return {**value, "reference": known[reference]} if reference in known else None
    made = {key: _linked(one, known) for key, one in value.items()}
    return {key: one for key, one in made.items() if one is not None and one != []}
