"""Answers that are sent: decided, written into the log, and into the EHR as far as it allows."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from cds import wire
from cds.fhir.primitives import instant
from cds.flows.deciding.assessed import Assessed
from cds.store.sessions import Session
from cds.web.form.answering import Answered, answered, decide
from cds.web.form.house import House
from cds.web.form.keeping import BrowserSession
from cds.web.form.launching import Launching
from cds.web.form.oauth import EARLY_S, Endpoints, Smart, TokenResponse
from cds.web.form.offered import Spoken
from cds.web.form.patient import Known, known_of
from cds.web.form.renewed import page_version
from cds.web.form.writing import WriteOutcome, write_back
from cds.web.operating.kept import document_of
from cds.web.operating.ledger import NotRecorded
from cds.web.routes.endpoint import Call
from cds.web.routes.logged import decision_without_cards
from cds.web.trust.outbound import OutboundError


class Sent(NamedTuple):
    """Answers with the decision on them; `now` and `identifier` are those of the first sending."""

    now: datetime
    identifier: str
    answered: Answered
    assessed: Assessed


class Sending:
    """What becomes of answers that are sent."""

    def __init__(self, house: House, launching: Launching) -> None:
        self.house = house
        self.service = house.service
        self.launching = launching

    async def keep(
        self, visit: BrowserSession, name: str, kept: Mapping[str, Any], language: str | None = None
    ) -> Session | None:
        """Keep this of one form; None where the session has ended."""

        def change(session: Session | None) -> Session | None:
            if session is None:
                return None
            changed = session_with_kept(session, name, kept)
            return {**changed, "language": language} if language else changed

        found: Session | None = await self.house.keeping.change(visit.cookie, change)
        return found

    def judged(self, spoken: Spoken, known: Known, kept: Mapping[str, Any]) -> Sent:
        """The decision on what is kept. Sent a second time, it is the first one."""
        earlier = kept.get("decided", {})
        version = page_version(spoken)
        same = earlier.get("draft") == kept["draft"] and earlier.get("asked", version) == version
        now = datetime.fromisoformat(earlier["now"]) if same else self.service.clock()
        identifier = earlier["id"] if same else str(uuid.uuid4())
        one = answered(spoken, kept, known, now, identifier)
        assessed = decide(self.service.assessor, one.response, known, now=now)
        return Sent(now, identifier, one, assessed)

    async def send(self, call: Call, spoken: Spoken, visit: BrowserSession, sent: Sent) -> None:
        """Log it, write it back, and keep what became of it."""
        name = call.params["id"]
        kept = kept_of(visit.session, name)
        recorded = await self._log(call, visit, sent, kept["draft"])
        outcomes = await self._written(visit, sent, kept)
        decided = {
            "draft": kept["draft"],
            "asked": page_version(spoken),
            "now": instant(sent.now),
            "id": sent.identifier,
            "recorded": recorded,
            "written": [list(one) for one in outcomes],
        }
        first = next((one.reference for one in outcomes if one.reference), "")
        more = {"continues": first.partition("/")[2]} if first else {}
        await self.keep(visit, name, {**kept, "decided": decided, **more})

    async def _log(self, call: Call, visit: BrowserSession, sent: Sent, draft: Session) -> bool:
        """Write the decision; False where it had to be shown without a record."""
        ledger = self.service.ledger
        if ledger is None:
            return True
        assessed = sent.assessed
        smart = visit.session.get("smart", {})
        client = smart.get("client", "form")
        decision = decision_without_cards(
            assessed,
            time=sent.now,
            client=client,
            kind="form",
            name=sent.identifier,
            request=wire.write(draft),
            told=(assessed.to_bytes(), document_of(self.service.config, client, assessed)),
            patient=smart.get("patient"),
        )
        kept = await ledger.append(
            decision, must_answer=assessed.level.alert, patience=call.patience
        )
        return not isinstance(kept, NotRecorded)

    # ── Into the EHR ──

    async def _written(
        self, visit: BrowserSession, sent: Sent, kept: Mapping[str, Any]
    ) -> list[WriteOutcome]:
        smart = visit.session.get("smart")
        if smart is None:
            return []
        client = next(
            (one for one in self.service.config.clients if one.name == smart["client"]), None
        )
        if client is None:
            return [WriteOutcome("QuestionnaireResponse", "expired")]
        known, way = known_of(visit.session), self.launching.smart(client)
        token = await self._token(way, visit, smart)

        def decided(response: Any) -> Assessed:
            return decide(self.service.assessor, response, known, now=sent.now)

        done = kept.get("decided", {})
        before = {
            kind: reference
            for kind, state, reference in done.get("written", ())
            if state == "written" and done.get("id") == sent.identifier
        }
        continues = kept.get("continues", "")
        response = sent.answered.response
        return await write_back(way, token, response, decided, continues, earlier=before)

    async def _token(
        self, way: Smart, visit: BrowserSession, smart: Mapping[str, Any]
    ) -> TokenResponse | None:
        """A token that is still good: the one at hand, or a renewed one; else None."""
        now = int(self.service.clock().timestamp())
        token: TokenResponse = smart["token"]
        # A life of some seconds is one: only what is over, or about to be, is renewed.
        if token["expires"] > now + (EARLY_S if token.get("refresh") else 0):
            return token
        try:
            renewed = await way.renew(Endpoints(*smart["endpoints"]), token, now)
        except OutboundError:
            return None

        def change(session: Session | None) -> Session | None:
            return session and {**session, "smart": {**session["smart"], "token": renewed}}

        await self.house.keeping.change(visit.cookie, change)
        return renewed


def session_with_kept(session: Session, name: str, kept: Mapping[str, Any]) -> Session:
    """The session with this kept of one form as well."""
    forms = session.get("forms", {})
    return {**session, "forms": {**forms, name: {**forms.get(name, {}), **kept}}}


def kept_of(session: Session, name: str) -> dict[str, Any]:
    """What is kept of one form."""
    found: dict[str, Any] = session.get("forms", {}).get(name, {})
    return found
