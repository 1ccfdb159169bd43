"""The result of what was sent: its page, and its files."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from cds import wire
from cds.errors import RequestError
from cds.flows.deciding.assessed import Assessed
from cds.web.form.answering import answered, decide
from cds.web.form.house import House
from cds.web.form.keeping import BrowserSession
from cds.web.form.offered import Spoken
from cds.web.form.patient import known_of
from cds.web.form.renewed import page_version
from cds.web.form.result import Values, _values_of, answers_of
from cds.web.form.sending import kept_of
from cds.web.refusals import FHIR_JSON, Reply
from cds.web.routes.endpoint import Call

_FILES = (("bundle.json", "bundle"), ("response.json", "response"), ("decision.json", "decision"))


class Showing:
    """The handlers of the result."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.service = house.service

    async def result(self, call: Call) -> Reply:
        """The decision on what was sent, as often as it is looked at."""
        visit, spoken, assessed, kept = await self._decided(call)
        name, words = call.params["id"], spoken.words
        who = kept.get("who", "you")
        values = _values_of(self.service.assessor, assessed, spoken, who, kept.get("signs", ()))
        if not kept["decided"]["recorded"]:
            values["warnings"].append(words("result.not-recorded"))
        for one in values["open"]:
            if one.get("link"):
                one["href"] = f"/forms/{name}#q.{one['link']}"
        values |= {
            "answers": answers_of(assessed, spoken),
            "downloads": [
                (f"/forms/{name}/result/{file}", words(f"result.{key}")) for file, key in _FILES
            ],
            "back": f"/forms/{name}",
            "action": f"/forms/{name}",
            "time": f"{kept['decided']['now'][:16].replace('T', ' ')} UTC",
            "patient": known_of(visit.session).name,
            **self._record(visit, kept),
        }
        html = self.house.page("result.html", spoken, visit, values)
        return self.house.reply(200, html, call)

    def _record(self, visit: BrowserSession, kept: dict[str, Any]) -> Values:
        """What became of the answers in the EHR, and what to do about what was not written."""
        written = [
            {"kind": kind, "state": state} for kind, state, _ in kept["decided"].get("written", ())
        ]
        states = {one["state"] for one in written}
        smart = visit.session.get("smart", {})
        client = next(
            (one for one in self.service.config.clients if one.name == smart.get("client")), None
        )
        again = "expired" in states and client is not None
        base = quote(client.fhir_base, safe="") if client is not None else ""
        return {
            "written": written,
            "lost": bool(states - {"written", "apart"}),
            "relaunch": f"/smart/launch?iss={base}" if again else "",
        }

    async def download(self, call: Call) -> Reply:
        """The decision or the answers, as a file."""
        _, _, assessed, _ = await self._decided(call)
        file = call.params["file"]
        made = {
            "bundle.json": (assessed.to_bytes, FHIR_JSON),
            "response.json": (lambda: wire.write(assessed.response), FHIR_JSON),
            "decision.json": (lambda: wire.write(assessed.document()), "application/json"),
        }
        if file not in made:
            raise RequestError(404, "file", "there is no such file.", code="not-found")
        write, media_type = made[file]
        name = f'attachment; filename="{call.params["id"]}-{file}"'.encode("ascii", "replace")
        return Reply(200, write(), media_type, ((b"content-disposition", name),))

    async def _decided(self, call: Call) -> tuple[BrowserSession, Spoken, Assessed, dict[str, Any]]:
        self.house.admit(call)
        name = call.params["id"]
        self.house.languages(name)
        visit = await self.house.keeping.known(call)
        kept = kept_of(visit.session, name) if visit is not None else {}
        if visit is None or "decided" not in kept:
            raise RequestError(404, "problem.no-session", "nothing was decided here.")
        spoken = self.house.spoken(name, call, visit.session)
        decided, known = kept["decided"], known_of(visit.session)
        if decided.get("asked", version := page_version(spoken)) != version:
            # What was decided stands in the log; by the rules of today it is another decision.
            raise RequestError(409, "page.changed-form", "was decided by an earlier version.")
        now = datetime.fromisoformat(decided["now"])
        sent = {**kept, "draft": decided["draft"]}
        one = answered(spoken, sent, known, now, decided["id"])
        return visit, spoken, decide(self.service.assessor, one.response, known, now=now), kept
