"""The routes of the form: GET draws it, POST keeps, judges and decides; the result has its page."""

import hashlib
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cds import wire
from cds.errors import RequestError
from cds.flows.assess import instant
from cds.flows.deciding.assessed import Assessed
from cds.store.model import Decision
from cds.store.sessions import Session
from cds.web.form.answering import Answered, answered, decide, draft_of
from cds.web.form.drawing import FormPage, version_of, voice_of
from cds.web.form.house import House
from cds.web.form.keeping import Visit
from cds.web.form.offered import Spoken
from cds.web.form.posted import Fields, fields_of, has_token, is_ours
from cds.web.form.result import answers_of, values_of
from cds.web.form.tree import knowledge_of
from cds.web.operating.ledger import NotRecorded
from cds.web.refusals import FHIR_JSON, Reply
from cds.web.routes.endpoint import Call, Handler
from cds.web.service import Service

SMALL_BODY = 262_144
MOST_SIGNS = 50
Page = Callable[[Call], Awaitable[Reply]]


def form_routes(service: Service, folders: Mapping[str, Path]) -> tuple[House, dict[str, Any]]:
    """The routes by template and method.

    Raises:
        UsageError: the site offers a language that there is not.
    """
    house = House(service, folders)
    pages = Pages(house)
    return house, {
        "/forms/assets/{name}": {"GET": _of(pages.file)},
        "/forms/{id}": {"GET": _of(pages.show), "POST": _of(pages.take)},
        "/forms/{id}/knowledge.json": {"GET": _of(pages.knowledge)},
        "/forms/{id}/result": {"GET": _of(pages.result)},
        "/forms/{id}/result/{file}": {"GET": _of(pages.download)},
    }


def _of(page: Page) -> Handler:
    """A page as the handler of a route; what it needs of the service is in the house."""

    async def handler(_: Service, call: Call) -> Reply:
        return await page(call)

    return handler


class Pages:
    """The handlers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.service = house.service

    # ── GET ──

    async def file(self, call: Call) -> Reply:
        """A script or the style; the name holds the hash of the content."""
        return self.house.asset(call.params["name"]).reply(call.header(b"accept-encoding"))

    async def knowledge(self, call: Call) -> Reply:
        """The pack's one syntax tree."""
        self.house.admit(call)
        spoken = next(iter(self.house.languages(call.params["id"]).values()))
        return Reply(200, wire.write(knowledge_of(spoken.engine)))

    async def show(self, call: Call) -> Reply:
        """The questions, with what was answered before."""
        self.house.admit(call)
        name = call.params["id"]
        self.house.languages(name)
        visit = await self.house.keeping.visit(call)
        spoken = self.house.spoken(name, call, visit.session)
        kept = _kept(visit.session, name)
        draft = kept.get("draft", {})
        page = self._page(spoken, kept, draft, started=bool(kept))
        return self.house.form_page(call, spoken, visit, page)

    def _page(
        self, spoken: Spoken, kept: Mapping[str, Any], draft: dict[str, list[str]], **more: Any
    ) -> FormPage:
        one = answered(spoken, draft, now=self.service.clock())
        assessed = decide(self.service.assessor, one, now=self.service.clock()) if draft else None
        who, signs = kept.get("who", "you"), " ".join(kept.get("signs", ()))
        return FormPage(draft, one, assessed, who=who, signs=signs, **more)

    # ── POST ──

    async def take(self, call: Call) -> Reply:
        """What the page sends: a draft, another language, one more row, or the answers."""
        self.house.admit(call)
        name = call.params["id"]
        listed = self.house.languages(name)
        spoken = next(iter(listed.values()))
        most = self.service.config.limits.body_bytes if spoken.has_files else SMALL_BODY
        fields = await fields_of(call, most)
        visit = await self.house.keeping.known(call)
        ours = is_ours(call, self.service.public_url)
        if visit is None or not ours or not has_token(fields, visit.cookie):
            return await self._again(call, fields, ours=ours)
        spoken = self.house.spoken(name, call, visit.session)
        do, _, what = next(iter(fields.get("do", ())), "send").partition(":")
        draft = draft_of(fields, spoken)
        signs = _signs(fields, spoken)
        kept = {"draft": draft, "who": voice_of(fields), "signs": signs}
        if do == "erase":
            return await self._erase(call, visit)
        language = what if do == "lang" and what in listed else None
        if do == "add":
            _add_row(draft, what)
        session = await self._keep(visit, name, kept, language)
        if session is None or do == "draft":
            return Reply(204, b"")
        if do in {"lang", "add"}:
            anchor = f"#q.{what}" if do == "add" else ""
            return _see(f"/forms/{name}{anchor}")
        visit = visit._replace(session=session)
        if _first(fields, "version") != version_of(spoken):
            page = self._page(spoken, kept, draft, notice=spoken.words("page.changed-form"))
            return self.house.form_page(call, spoken, visit, page, status=409)
        return await self._send(call, spoken, visit, kept, finish=do == "finish")

    async def _again(self, call: Call, fields: Fields, *, ours: bool) -> Reply:
        """The session is gone, or never was: nothing is taken, and nothing typed is lost."""
        do = _first(fields, "do")
        if do == "draft" or not ours:
            raise RequestError(403, "problem.cookies", "No page of this session sent it.")
        visit = await self.house.keeping.begin({})
        spoken = self.house.spoken(call.params["id"], call, {})
        kept = {"who": voice_of(fields), "signs": _signs(fields, spoken)}
        notice = spoken.words("page.stale")
        page = self._page(spoken, kept, draft_of(fields, spoken), notice=notice)
        return self.house.form_page(call, spoken, visit, page, status=403)

    async def _keep(
        self, visit: Visit, name: str, kept: Mapping[str, Any], language: str | None
    ) -> Session | None:
        def change(session: Session | None) -> Session | None:
            if session is None:
                return None
            forms = session.get("forms", {})
            changed = {**session, "forms": {**forms, name: {**forms.get(name, {}), **kept}}}
            return {**changed, "language": language} if language else changed

        found: Session | None = await self.house.keeping.change(visit.cookie, change)
        return found

    async def _erase(self, call: Call, visit: Visit) -> Reply:
        await self.house.keeping.change(visit.cookie, lambda _: None)
        return _see(f"/forms/{call.params['id']}")

    async def _send(
        self, call: Call, spoken: Spoken, visit: Visit, kept: Mapping[str, Any], *, finish: bool
    ) -> Reply:
        now = self.service.clock()
        draft, identifier = kept["draft"], str(uuid.uuid4())
        one = answered(spoken, draft, now=now, identifier=identifier)
        assessed = decide(self.service.assessor, one, now=now)
        page = FormPage(draft, one, assessed, who=kept["who"], signs=" ".join(kept["signs"]))
        if one.faulty:
            judged = page._replace(judged=True)
            return self.house.form_page(call, spoken, visit, judged, status=422)
        if one.missing and not finish and not assessed.level.alert:
            notice = spoken.words("page.open-some")
            asking = page._replace(ask_finish=True, notice=notice)
            return self.house.form_page(call, spoken, visit, asking)
        recorded = await self._log(call, assessed, one, draft)
        decided = {
            "draft": draft,
            "now": instant(now),
            "id": identifier,
            "recorded": recorded,
        }
        await self._keep(visit, call.params["id"], {"decided": decided}, None)
        return _see(f"/forms/{call.params['id']}/result")

    async def _log(self, call: Call, assessed: Assessed, one: Answered, draft: Session) -> bool:
        """Write the decision; False where it had to be shown without a record."""
        ledger = self.service.ledger
        if ledger is None:
            return True
        pack = assessed.pack
        decision = Decision(
            time=datetime.fromisoformat(assessed.context.now),
            client="form",
            service=f"{pack.id}-form",
            hook_instance=str(one.response["id"]),
            request_hash=hashlib.sha256(wire.write(draft)).hexdigest(),
            pack_id=pack.id,
            pack_version=pack.version,
            pack_hash=pack.hash,
            level=assessed.level.code,
            rules=tuple(finding.rule.id for finding in assessed.findings),
            response=assessed.to_bytes(),
            document=wire.write({"decision": assessed.document()}),
        )
        alert, patience = assessed.level.alert, call.patience
        kept = await ledger.append(decision, must_answer=alert, patience=patience)
        return not isinstance(kept, NotRecorded)

    # ── The result ──

    async def result(self, call: Call) -> Reply:
        """The decision on what was sent, as often as it is looked at."""
        visit, spoken, assessed, kept = await self._decided(call)
        name, words = call.params["id"], spoken.words
        who = voice_of({"who": [kept.get("who", "you")]})
        values = values_of(self.service.assessor, assessed, spoken, who, kept.get("signs", ()))
        if not kept["decided"]["recorded"]:
            values["warnings"].append(words("result.not-recorded"))
        for one in values["open"]:
            if one.get("link"):
                one["href"] = f"/forms/{name}#q.{one['link']}"
        files = (
            ("bundle.json", "bundle"),
            ("response.json", "response"),
            ("decision.json", "decision"),
        )
        values |= {
            "answers": answers_of(assessed, spoken),
            "downloads": [
                (f"/forms/{name}/result/{file}", words(f"result.{key}")) for file, key in files
            ],
            "back": f"/forms/{name}",
            "action": f"/forms/{name}",
            "time": f"{kept['decided']['now'][:16].replace('T', ' ')} UTC",
            "patient": "",
        }
        html = self.house.page("result.html", spoken, visit, values)
        return self.house.reply(200, html, call)

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
            raise RequestError(404, "file", "There is no such file.", code="not-found")
        write, media_type = made[file]
        name = f'attachment; filename="{call.params["id"]}-{file}"'.encode("ascii", "replace")
        return Reply(200, write(), media_type, ((b"content-disposition", name),))

    async def _decided(self, call: Call) -> tuple[Visit, Spoken, Assessed, dict[str, Any]]:
        self.house.admit(call)
        name = call.params["id"]
        self.house.languages(name)
        visit = await self.house.keeping.known(call)
        kept = _kept(visit.session, name) if visit is not None else {}
        if visit is None or "decided" not in kept:
            raise RequestError(404, "problem.no-session", "Nothing was decided here.")
        spoken = self.house.spoken(name, call, visit.session)
        decided = kept["decided"]
        now = datetime.fromisoformat(decided["now"])
        one = answered(spoken, decided["draft"], now=now, identifier=decided["id"])
        return visit, spoken, decide(self.service.assessor, one, now=now), kept


def _kept(session: Session, name: str) -> dict[str, Any]:
    found: dict[str, Any] = session.get("forms", {}).get(name, {})
    return found


def _first(fields: Fields, name: str) -> str:
    return next(iter(fields.get(name, ())), "")


def _signs(fields: Fields, spoken: Spoken) -> list[str]:
    """The rules that alarmed while the page was filled in; only such as there are."""
    rules = {one.rule.id for one in spoken.engine.scorer.applied}
    return [one for one in _first(fields, "signs").split()[:MOST_SIGNS] if one in rules]


def _add_row(draft: dict[str, list[str]], name: str) -> None:
    """One more of what repeats: after the row that is named."""
    head, _, row = name.rpartition("~")
    if head and row.isascii() and row.isdigit():
        draft[f"{head}~{int(row) + 1}:row"] = ["1"]


def _see(where: str) -> Reply:
    return Reply(303, b"", headers=((b"location", where.encode()),))
