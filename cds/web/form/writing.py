"""What was answered and decided, written back into the EHR as far as it allows; every outcome kept.

In one transaction, where the token allows all of it and the server takes it. Else the response
first, since the decision refers to it; then RiskAssessment, CommunicationRequest and Provenance,
which refer to each other. Each is created only if none with its identifier, or its tag, exists.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cds import wire
from cds.errors import Unreadable
from cds.fhir.context import TRANSACTION
from cds.flows.deciding.assessed import Assessed
from cds.web.form.calls import ServerAnswer, may_create, send
from cds.web.form.oauth import Smart, TokenResponse
from cds.web.trust.ehr import BARE_FHIR_JSON
from cds.web.trust.outbound import OutboundError
from cds.wire import JsonObject

CREATED = frozenset((200, 201))
UNAUTHORIZED = 401
_ORDER = ("RiskAssessment", "CommunicationRequest", "Provenance")
URN = "urn:uuid:"


class WriteOutcome(NamedTuple):
    """One resource: what became of it (`written`, `no-scope`, `refused`, `away`, `expired`).

    Of a Bundle `apart`: the server refused the transaction, so each resource was written by itself.
    """

    kind: str
    state: str
    reference: str = ""


async def write_back(
    smart: Smart,
    token: TokenResponse | None,
    response: JsonObject,
    decided: Callable[[JsonObject], Assessed],
    continues: str = "",
    *,
    earlier: Mapping[str, str] | None = None,
) -> list[WriteOutcome]:
    """Write the response, then what `decided` makes of it as it was kept.

    `earlier`: what was written when the same answers were sent before, by its type; it stays.
    """
    before = earlier or {}
    if token is None:
        return [WriteOutcome("QuestionnaireResponse", "expired")]
    way = _Way(smart, token)
    together = await way.together(response, decided, continues) if not before else None
    if together:
        return together
    apart = [] if together is None else [WriteOutcome("Bundle", "apart")]
    return [*apart, *await _one_by_one(way, response, decided, continues, before)]


async def _one_by_one(
    way: "_Way",
    response: JsonObject,
    decided: Callable[[JsonObject], Assessed],
    continues: str,
    before: Mapping[str, str],
) -> list[WriteOutcome]:
    first = _again("QuestionnaireResponse", before)
    first = first or await way.apart(way.entry(response, continues), {})
    entries = _entries(decided, response, first.reference)
    outcomes = [first]
    known: dict[str, str] = {}
    for kind in _ORDER:
        for entry in entries:
            if entry["resource"]["resourceType"] != kind:
                continue
            outcome = _again(kind, before) or await way.apart(entry, known)
            outcomes.append(outcome)
            if outcome.reference:
                known[entry["fullUrl"]] = outcome.reference
    return outcomes


def _entries(
    decided: Callable[[JsonObject], Assessed], response: JsonObject, place: str
) -> list[JsonObject]:
    """The decision on a response, each resource with what finds it again on the server.

    It is decided under the response's own id, so that its identifiers are the same whichever way it
    is written; `place` is what the response is called there.
    """
    assessed = decided(response)
    context = assessed.context.as_transaction()
    entries = assessed._replace(context=context).to_fhir()["entry"]
    own = f"QuestionnaireResponse/{response['id']}"
    return [_renamed(one, {own: place or own}) for one in entries]


def _again(kind: str, before: Mapping[str, str]) -> WriteOutcome | None:
    return WriteOutcome(kind, "written", before[kind]) if kind in before else None


class _Way:
    """The way to one EHR with one token."""

    def __init__(self, smart: Smart, token: TokenResponse) -> None:
        self.smart = smart
        self.token = token

    def entry(self, response: JsonObject, continues: str) -> JsonObject:
        """The response as an entry of a transaction: created, or in the place of one begun."""
        kind = "QuestionnaireResponse"
        if continues and may_create(self.token["scope"], kind, "u"):
            return {
                "fullUrl": f"{self.smart.base}/{kind}/{continues}",
                "resource": {**response, "id": continues},
                "request": {"method": "PUT", "url": f"{kind}/{continues}"},
            }
        one = response["identifier"]
        query = f"identifier={one['system']}|{one['value']}"
        request = {"method": "POST", "url": kind, "ifNoneExist": query}
        return {"fullUrl": f"{URN}{response['id']}", "resource": response, "request": request}

    async def apart(self, entry: JsonObject, known: Mapping[str, str]) -> WriteOutcome:
        """Write one entry by itself; `known`: what the others are called there, by their URN."""
        resource, request = entry["resource"], entry["request"]
        kind = str(resource["resourceType"])
        if request["method"] == "POST":
            if not may_create(self.token["scope"], kind):
                return WriteOutcome(kind, "no-scope")
            resource = _linked({key: resource[key] for key in resource if key != "id"}, known)
        try:
            answer = await self._call(request, resource, prefer="return=representation")
        except OutboundError:
            return WriteOutcome(kind, "away")
        if answer.status not in CREATED:
            return WriteOutcome(kind, "expired" if answer.status == UNAUTHORIZED else "refused")
        return WriteOutcome(kind, "written", _reference(kind, answer.location, answer.body))

    async def together(
        self, response: JsonObject, decided: Callable[[JsonObject], Assessed], continues: str
    ) -> list[WriteOutcome] | None:
        """All in one transaction; an empty list where the server does not take it.

        None where the token does not allow every part: it is taken as a whole or not at all.

        Where it is not reached, or its answer is lost, no other way is tried: a later sending finds
        what was kept.
        """
        scope = self.token["scope"]
        first = self.entry(response, continues)
        new = first["request"]["method"] == "POST"
        place = first["fullUrl"] if new else first["request"]["url"]
        entries = [first, *_entries(decided, response, place)]
        kinds = [one["resource"]["resourceType"] for one in entries]
        if not all(may_create(scope, kind) for kind in kinds):
            return None
        bundle = {"resourceType": "Bundle", "type": TRANSACTION, "entry": entries}
        try:
            answer = await self._call({"method": "POST"}, bundle, prefer="return=minimal")
        except OutboundError:
            return [WriteOutcome(kind, "away") for kind in kinds]
        if answer.status == UNAUTHORIZED:
            return [WriteOutcome(kind, "expired") for kind in kinds]
        places = _places(answer, len(entries)) if answer.status in CREATED else []
        return [
            WriteOutcome(kind, "written", _reference(kind, place, b""))
            for kind, place in zip(kinds, places, strict=False)
        ]

    async def _call(
        self, request: Mapping[str, str], body: JsonObject, *, prefer: str
    ) -> ServerAnswer:
        headers = {
            "authorization": f"Bearer {self.token['access']}",
            "content-type": BARE_FHIR_JSON,
            "accept": BARE_FHIR_JSON,
            "prefer": prefer,
        }
        if "ifNoneExist" in request:
            headers["if-none-exist"] = request["ifNoneExist"]
        url = f"{self.smart.base}/{request['url']}" if "url" in request else self.smart.base
        return await send(self.smart.http(url), request["method"], url, headers, wire.write(body))


def _renamed(value: Any, named: Mapping[str, str]) -> Any:
    """The same, with references to `named` under their other name."""
    if isinstance(value, list):
        return [_renamed(one, named) for one in value]
    if not isinstance(value, dict):
        return value
    made = {key: _renamed(one, named) for key, one in value.items()}
    reference = made.get("reference")
    if isinstance(reference, str) and reference in named:
        made["reference"] = named[reference]
    return made


def _places(answer: ServerAnswer, count: int) -> list[str]:
    """Where each entry of a transaction is kept; nothing where the answer does not tell."""
    try:
        found = wire.read(answer.body)
    except Unreadable:
        return []
    listed = found.get("entry") if isinstance(found, dict) else None
    if not isinstance(listed, list) or len(listed) != count:
        return []
    told = [one.get("response") if isinstance(one, dict) else None for one in listed]
    places = [one.get("location") if isinstance(one, dict) else None for one in told]
    return [one for one in places if isinstance(one, str)] if all(places) else []


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
