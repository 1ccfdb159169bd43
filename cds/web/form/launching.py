"""The routes of SMART: a launch by a registered EHR (or to one), and the way back from it."""

import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from cds import wire
from cds.errors import Unreadable
from cds.store.sessions import Session
from cds.web.contract.prefetch import KEYS, Supply, templates
from cds.web.contract.shapes import FhirAuthorization
from cds.web.form.house import House
from cds.web.form.oauth import Endpoints, Smart, TokenResponse, refused
from cds.web.form.offered import Spoken
from cds.web.form.patient import (
    begun,
    known_of,
    language_of,
    responses_in,
    smart_session,
    voice_for,
)
from cds.web.form.renewed import page_version
from cds.web.refusals import Reply
from cds.web.routes.endpoint import Call
from cds.web.settings import Client
from cds.web.trust.ehr import Ehr
from cds.web.trust.outbound import OutboundError, Resolve

EHR_MS = 8000  # a person waits; a hook does not


class Launching:
    """The handlers of a launch."""

    def __init__(self, house: House, resolve: Resolve) -> None:
        """`resolve` looks up names for all calls to an EHR."""
        self.house = house
        self.service = house.service
        self._resolve = resolve

    def smart(self, client: Client) -> Smart:
        """One EHR."""
        return Smart(client, self.service.config, self._resolve)

    async def launch(self, call: Call) -> Reply:
        """GET /smart/launch?iss=…&launch=…: only a registered address leads anywhere."""
        self.house.admit(call)
        given = _query(call)
        client = self._registered(given.get("iss", ""))
        smart = self.smart(client)
        try:
            endpoints = await smart.endpoints()
        except OutboundError as error:
            raise refused("ehr-away") from error
        going = smart.go(endpoints, given.get("launch", ""))
        before = await self.house.keeping.known(call)
        session: Session = {
            "going": {
                "client": client.name,
                "state": going.state,
                "verifier": going.verifier,
                "nonce": going.nonce,
                "endpoints": list(endpoints),
                "form": self._form(given.get("form", "")),
            },
            "before": _carried(before.session) if before is not None else {},
        }
        visit = await self.house.keeping.begin(session, same_site="Lax")
        return Reply(303, b"", headers=((b"location", going.url.encode()), *visit.headers))

    def _registered(self, iss: str) -> Client:
        """The client whose FHIR server this is: compared whole, and nothing is fetched before."""
        for client in self.service.config.clients:
            if client.smart_client_id and client.fhir_base.rstrip("/") == iss.rstrip("/"):
                return client
        raise refused("not-registered")

    def _form(self, name: str) -> str:
        """A form that is offered; the default for any other name."""
        return name if name in self.house.forms else next(iter(self.service.packs))

    async def callback(self, call: Call) -> Reply:
        """GET /smart/callback?code=…&state=…: a state is good once, in the browser that has it."""
        self.house.admit(call)
        given = _query(call)
        visit = await self.house.keeping.known(call)
        if visit is None or not _is_state(given.get("state", ""), visit.session):
            raise refused("launch-lost")
        going = visit.session["going"]
        # Taken out before it is used: a second answer with the same state finds nothing.
        await self.house.keeping.change(visit.cookie, lambda _: None)
        client = next(one for one in self.service.config.clients if one.name == going["client"])
        endpoints = Endpoints(*going["endpoints"])
        if given.get("iss") and endpoints.issuer and given["iss"] != endpoints.issuer:
            raise refused("launch-lost")
        if "code" not in given:
            raise refused("ehr-refused")
        return await self._arrived(client, endpoints, visit.session, given["code"])

    async def _arrived(
        self, client: Client, endpoints: Endpoints, begun_as: Session, code: str
    ) -> Reply:
        going = begun_as["going"]
        smart, now = self.smart(client), self.service.clock()
        try:
            token, raw = await smart.exchange(
                endpoints, code, going["verifier"], int(now.timestamp())
            )
        except OutboundError as error:
            raise refused("ehr-refused") from error
        patient = raw.get("patient")
        if not isinstance(patient, str) or not patient.replace("-", "").replace(".", "").isalnum():
            raise refused("no-patient")
        user = await smart.user(endpoints, raw, going["nonce"])
        name = _wanted_form(raw.get("appContext"), self.house) or going["form"]
        spoken = next(iter(self.house.languages(name).values()))
        supplies = await self._record(client, token, patient, spoken)
        banner = raw.get("need_patient_banner") is not False
        session: Session = {
            "smart": {
                **smart_session(supplies, patient, user, banner=banner),
                "client": client.name,
                "token": token,
                "endpoints": list(endpoints),
            },
            "patient-language": language_of(supplies),
        }
        session["forms"] = self._forms(session, begun_as.get("before", {}), supplies, name)
        new = await self.house.keeping.begin(session, same_site="Lax")
        return Reply(303, b"", headers=((b"location", f"/forms/{name}".encode()), *new.headers))

    def _forms(
        self, session: Session, before: Mapping[str, Any], supplies: Mapping[str, Supply], name: str
    ) -> dict[str, Any]:
        """What was typed for the same patient before stays; else the record fills in."""
        if before.get("patient") == session["smart"]["patient"]:
            forms: dict[str, Any] = before["forms"]
            return forms
        spoken = next(iter(self.house.languages(name).values()))
        rules = self.service.records.get(spoken.engine.pack.id)
        found = begun(
            spoken, known_of(session), responses_in(supplies), rules, self.service.clock()
        )
        return {
            name: {
                "draft": found.draft,
                "asked": page_version(spoken),
                "sources": found.sources,
                "hints": found.hints,
                "continues": found.continues,
                "who": voice_for(session["smart"]["user"]),
                "signs": [],
            }
        }

    async def _record(
        self, client: Client, token: TokenResponse, patient: str, spoken: Spoken
    ) -> dict[str, Supply]:
        """The patient and the record, as far as the token reaches and the EHR answers."""
        queries = {
            key: query.replace("{{context.patientId}}", patient)
            for key, query in templates(spoken.engine.pack).items()
        }
        wanted = [Supply(key, "absent", why="not sent") for key in KEYS]
        allowed = FhirAuthorization(access_token=token["access"], scope=token["scope"])
        ehr = Ehr(self.service.config, self._resolve, budget_ms=EHR_MS)
        try:
            found = await ehr.fetch(client, allowed, wanted, queries)
        finally:
            await ehr.close()
        return {one.key: one for one in found}


def _is_state(given: str, session: Session) -> bool:
    """Whether this is the state of the launch that this browser began."""
    going = session.get("going", {"state": ""})
    return bool(given) and hmac.compare_digest(given.encode(), str(going["state"]).encode())


def _carried(session: Session) -> dict[str, Any]:
    """What a new launch takes over from the visit before, if it is the same patient's."""
    patient = session.get("smart", {}).get("patient")
    return {"patient": patient, "forms": session.get("forms", {})} if patient else {}


def _wanted_form(context: Any, house: House) -> str:
    """The form that the EHR was told to open, by our name or its canonical.

    Launchers that drop the context get the usual form.
    """
    try:
        value = wire.read(context.encode()) if isinstance(context, str) else context
    except Unreadable:
        return ""
    given = value if isinstance(value, dict) else {}
    form, canonical = given.get("form"), str(given.get("questionnaire", "")).partition("|")[0]
    if isinstance(form, str) and form in house.forms:
        return form
    return next(
        (
            name
            for name, spoken in house.forms.items()
            if next(iter(spoken.values())).engine.form.url == canonical
        ),
        "",
    )


def _query(call: Call) -> dict[str, str]:
    """The parameters; of one that stands twice, none counts."""
    pairs = parse_qsl(call.query, max_num_fields=20)
    names = [name for name, _ in pairs]
    return {name: value for name, value in pairs if names.count(name) == 1}
