"""The routes of the form: GET draws it, POST keeps what is typed, judges it and has it decided."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from cds import wire
from cds.core.model import Presence
from cds.errors import RequestError
from cds.store.sessions import Session
from cds.web.form.answering import Answered, answered, decide, draft_of
from cds.web.form.drawing import FormPage, voice_of
from cds.web.form.fields import ROW_PART, first_of
from cds.web.form.house import House, asked_language
from cds.web.form.keeping import BrowserSession
from cds.web.form.launching import Launching
from cds.web.form.offered import Spoken
from cds.web.form.patient import Known, known_of
from cds.web.form.posted import Fields, fields_of, has_token, is_of_our_page
from cds.web.form.renewed import page_version, renewed
from cds.web.form.result import alarming
from cds.web.form.sending import Sending, kept_of, session_with_kept
from cds.web.form.showing import Showing
from cds.web.form.tree import knowledge_of
from cds.web.refusals import Reply
from cds.web.routes.endpoint import Call, Handler
from cds.web.service import Service
from cds.web.trust.outbound import Resolve, resolve

SMALL_BODY = 262_144
MOST_SIGNS = 50
MOST_VERSION = 4000  # of a page: a few characters for each of its questions
_Page = Callable[[Call], Awaitable[Reply]]


def form_routes(
    service: Service, folders: Mapping[str, Path], resolve: Resolve = resolve
) -> tuple[House, dict[str, Any]]:
    """The routes by template and method.

    Raises:
        UsageError: the site offers a language that there is not, or a client's key is missing.
    """
    house = House(service, folders)
    launching = Launching(house, resolve)
    pages, showing = Pages(house, Sending(house, launching)), Showing(house)
    return house, {
        "/forms/assets/{name}": {"GET": _of(pages.file)},
        "/forms/{id}": {"GET": _of(pages.show), "POST": _of(pages.take)},
        "/forms/{id}/knowledge.json": {"GET": _of(pages.knowledge)},
        "/forms/{id}/result": {"GET": _of(showing.result)},
        "/forms/{id}/result/{file}": {"GET": _of(showing.download)},
        "/smart/launch": {"GET": _of(launching.launch)},
        "/smart/callback": {"GET": _of(launching.callback)},
    }


def _of(page: _Page) -> Handler:
    """A page as the handler of a route; what it needs of the service is in the house."""

    async def handler(_: Service, call: Call) -> Reply:
        return await page(call)

    return handler


class Pages:
    """The questions, and what comes back from them."""

    def __init__(self, house: House, sending: Sending) -> None:
        self.house = house
        self.service = house.service
        self.sending = sending

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
        asked = (asked_language(call) or "").lower().partition("-")[0]
        if asked == spoken.language != visit.session.get("language"):
            # What the address asks for holds for the visit: what is sent has another address.
            await self.sending.keep(visit, name, {}, spoken.language)
        kept, changed = renewed(kept_of(visit.session, name), spoken)
        notice = spoken.words("page.changed-form") if changed else ""
        page = self._page(spoken, visit.session, kept, started=bool(kept), notice=notice)
        return self.house.form_page(call, spoken, visit, page)

    def _page(
        self, spoken: Spoken, session: Session, kept: Mapping[str, Any], **more: Any
    ) -> FormPage:
        """The page of what is kept, before it is sent."""
        known = known_of(session)
        one = answered(spoken, kept, known, self.service.clock())
        return self._drawn(one, known, kept, **more)

    def _drawn(self, one: Answered, known: Known, kept: Mapping[str, Any], **more: Any) -> FormPage:
        draft, assessed = kept.get("draft", {}), None
        if draft or known.record is not None:
            now = self.service.clock()
            assessed = decide(self.service.assessor, one.response, known, now=now)
        alarms = alarming(assessed) if assessed is not None else []
        facts = assessed.facts.facts.values() if assessed is not None else ()
        presence = {Presence.PRESENT: True, Presence.ABSENT: False}
        return FormPage(
            draft,
            one,
            assessed,
            who=kept.get("who", "you"),
            signs=list(dict.fromkeys((*kept.get("signs", ()), *alarms))),
            meant=[one for one in kept.get("meant", ()) if one not in alarms],
            patient=known.name,
            facts={f.id: presence[f.presence] for f in facts if f.presence in presence},
            hints=kept.get("hints", {}),
            sources=kept.get("sources", {}),
            **more,
        )

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
        ours = is_of_our_page(call, self.service.public_url)
        if visit is None or not ours or not has_token(fields, visit.cookie):
            return await self._again(call, fields, ours=ours)
        spoken = self.house.spoken(name, call, visit.session)
        do, _, what = next(iter(fields.get("do", ())), "send").partition(":")
        if do == "erase":
            await self.house.keeping.change(visit.cookie, lambda _: None)
            return see(f"/forms/{name}")
        draft = draft_of(fields, spoken)
        if do == "add":
            _add_row(draft, what)
        typed = {"draft": draft, **_beside(fields, spoken)}
        if do == "meant":
            typed["meant"] = typed["signs"]
        language = what if do == "lang" and what in listed else None
        if do in {"draft", "lang", "add", "meant"}:
            await self.sending.keep(visit, name, typed, language)
            anchor = f"#q.{what}" if do == "add" else ""
            return Reply(204, b"") if do == "draft" else see(f"/forms/{name}{anchor}")
        visit = visit._replace(session=session_with_kept(visit.session, name, typed))
        return await self._sent(call, spoken, visit, finish=do == "finish")

    async def _sent(
        self, call: Call, spoken: Spoken, visit: BrowserSession, *, finish: bool
    ) -> Reply:
        name, session = call.params["id"], visit.session
        kept, known = kept_of(session, name), known_of(session)
        if kept["asked"] != page_version(spoken):
            kept = renewed(kept, spoken).kept
            await self.sending.keep(visit, name, kept)
            changed = spoken.words("page.changed-form")
            page = self._page(spoken, session, kept, notice=changed)
            return self.house.form_page(call, spoken, visit, page, status=409)
        sent = self.sending.judged(spoken, known, kept)
        asks = sent.answered.missing and not finish and not sent.assessed.level.alert
        # Without a script only this tells on the next page that a sign was marked.
        alarms = alarming(sent.assessed)
        kept["signs"] = list(dict.fromkeys((*kept.get("signs", ()), *alarms)))
        visit = visit._replace(session=session_with_kept(session, name, kept))
        if not sent.answered.faulty and not asks:
            await self.sending.send(call, spoken, visit, sent)
            return see(f"/forms/{name}/result")
        await self.sending.keep(visit, name, kept)
        page = self._drawn(sent.answered, known, kept)
        if sent.answered.faulty:
            judged = page._replace(judged=True)
            return self.house.form_page(call, spoken, visit, judged, status=422)
        notice = spoken.words("page.open-some")
        asking = page._replace(ask_finish=True, notice=notice)
        return self.house.form_page(call, spoken, visit, asking)

    async def _again(self, call: Call, fields: Fields, *, ours: bool) -> Reply:
        """The session is gone, or never was: nothing is taken, and nothing typed is lost."""
        do = first_of(fields, "do")
        if do == "draft" or not ours:
            raise RequestError(403, "problem.cookies", "no page of this session sent it.")
        visit = await self.house.keeping.begin({})
        spoken = self.house.spoken(call.params["id"], call, {})
        typed = {"draft": draft_of(fields, spoken), **_beside(fields, spoken)}
        kept, changed = renewed(typed, spoken)
        notice = spoken.words("page.changed-form" if changed else "page.stale")
        page = self._page(spoken, {}, kept, notice=notice)
        return self.house.form_page(call, spoken, visit, page, status=403)


def _beside(fields: Fields, spoken: Spoken) -> dict[str, Any]:
    """What is kept beside the answers.

    Who answers, what the page was made from, and the rules that alarmed while it was filled in,
    and whose end was meant: only such as there are.
    """
    rules = {one.rule.id for one in spoken.engine.scorer.applied}
    signs = {
        name: [one for one in first_of(fields, name).split()[:MOST_SIGNS] if one in rules]
        for name in ("signs", "meant")
    }
    asked = first_of(fields, "version")[:MOST_VERSION]
    return {"who": voice_of(fields), "asked": asked, **signs}


def _add_row(draft: dict[str, list[str]], name: str) -> None:
    """One more of what repeats: after the row that is named."""
    head, _, row = name.rpartition("~")
    if head and row.isascii() and row.isdigit():
        draft[f"{head}~{int(row) + 1}:{ROW_PART}"] = ["1"]


def see(where: str) -> Reply:
    """Look there."""
    return Reply(303, b"", headers=((b"location", where.encode()),))
