"""What all routes of the form share: forms by language, files, sessions, the rate, errors."""

import logging
import math
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

from cds.errors import RequestError, StoreError, UsageError
from cds.phrases.say import BASE
from cds.store.sessions import Session
from cds.web.contract.languages import accepted, chosen
from cds.web.form.drawing import FormPage, form_values
from cds.web.form.keeping import BrowserSession, Header, Keeping
from cds.web.form.language import all_words
from cds.web.form.oauth import check_smart
from cds.web.form.offered import Spoken, offered
from cds.web.form.pages import PLACE, Asset, own_assets, page_reply, policy, render
from cds.web.form.posted import token_of
from cds.web.form.result import Values
from cds.web.operating.logs import event
from cds.web.refusals import Reply, ThrottledError
from cds.web.routes.endpoint import SERVER_ERROR, Call
from cds.web.service import Service
from cds.web.trust.throttle import Throttle

PROBLEMS = {
    404: "problem.not-found",
    413: "problem.too-long",
    429: "problem.too-many",
    503: "problem.away",
}


class House:
    """One process's forms."""

    def __init__(self, service: Service, folders: Mapping[str, Path]) -> None:
        """Make every form ready in every language that the site offers.

        Raises:
            UsageError: the site offers a language that there is not.
        """
        settings = service.config.form
        for one in settings.languages:
            if one not in all_words():
                known = ", ".join(all_words())
                raise UsageError("[form] languages", f"there is no {one}.", f"Known: {known}.")
        for client in service.config.clients:
            if client.smart_client_id:
                check_smart(client)
        self.service = service
        self.keeping = Keeping(service.config, service.clock, service.ledger)
        self.forms = offered(
            service.assessor.engines, folders, settings.languages, settings.emergency_number
        )
        own = own_assets()
        self._addresses = {name: PLACE + one.name for name, one in own.items()}
        self._assets = {one.name: one for one in own.values()}
        for spoken in self.forms.values():
            for form in spoken.values():
                self._assets[form.script.name] = form.script
        self._throttle = Throttle(service.config.limits.requests_per_minute, time.monotonic)
        self._policy = policy(settings.frame_ancestors)

    # ── What is asked for ──

    def admit(self, call: Call) -> None:
        """Refuse who calls too often.

        Raises:
            ThrottledError: 429.
        """
        seconds = self._throttle.wait(f"form {call.peer}")
        if seconds:
            raise ThrottledError(math.ceil(seconds))

    def languages(self, name: str) -> dict[str, Spoken]:
        """A form in its languages.

        Raises:
            RequestError: 404.
        """
        found = self.forms.get(name)
        if found is None:
            raise RequestError(404, "form", "there is no such form.", code="not-found")
        return found

    def spoken(self, name: str, call: Call, session: Session) -> Spoken:
        """A form in the language asked for, chosen before, the patient's or the browser's."""
        listed = self.languages(name)
        wanted = [
            asked_language(call),
            session.get("language"),
            session.get("patient-language"),
            *accepted(call.header(b"accept-language")),
        ]
        return listed[chosen(wanted, tuple(listed))]

    def asset(self, name: str) -> Asset:
        """A file.

        Raises:
            RequestError: 404.
        """
        found = self._assets.get(name)
        if found is None:
            raise RequestError(404, "file", "there is no such file.", code="not-found")
        return found

    # ── Pages ──

    def page(self, template: str, spoken: Spoken, visit: BrowserSession, values: Values) -> str:
        """One page of a form."""
        shared = {
            "assets": self._addresses,
            "token": token_of(visit.cookie),
            "number": spoken.number,
            "reviewed": spoken.reviewed,
            "knowledge": PLACE + spoken.script.name,
        }
        return render(template, spoken.words, spoken.title, {**shared, **values})

    def form_page(
        self,
        call: Call,
        spoken: Spoken,
        visit: BrowserSession,
        page: FormPage,
        *,
        status: int = 200,
    ) -> Reply:
        """The questions."""
        name = call.params["id"]
        listed = {code: one.words("page.language") for code, one in self.languages(name).items()}
        values = form_values(spoken, page, listed)
        html = self.page("form.html", spoken, visit, {**values, "action": f"/forms/{name}"})
        return self.reply(status, html, call, visit.headers)

    def reply(self, status: int, html: str, call: Call, headers: tuple[Header, ...] = ()) -> Reply:
        """A page as it goes out."""
        # What was posted is not packed together with the token (BREACH).
        accepts = call.header(b"accept-encoding") if call.method == "GET" else None
        return page_reply(status, html, self._policy, headers, accepts)

    def problem(self, error: Exception, call: Call) -> Reply:
        """A fault, told to a person: what to do, and that it is no result."""
        status = _status(error)
        facts: dict[str, str | int] = {"issue": f"form-{status}"}
        reference = ""
        if status >= SERVER_ERROR:
            reference = str(uuid.uuid4())
            call.facts["request"] = reference
            event("failure", {"request": reference}, level=logging.ERROR, error=error)
        wanted = (asked_language(call), *accepted(call.header(b"accept-language")))
        words = all_words()[chosen(wanted, self.service.config.form.languages or (BASE,))]
        usual = "problem.ours" if status >= SERVER_ERROR else "problem.not-found"
        key = PROBLEMS.get(status, usual)
        if isinstance(error, RequestError) and error.where in words.texts:
            key = error.where
        known = call.params.get("id") in self.forms
        any_form = next(iter(self.forms.values()), {})
        spoken = any_form.get(words.language)
        values: Values = {
            "assets": self._addresses,
            "text": words(key),
            "call": spoken.call if spoken else "112 / 999 / 911",
            "reference": reference,
            "back": f"/forms/{call.params['id']}" if known else "",
        }
        headers = ((b"retry-after", b"60"),) if status in {429, 503} else ()
        html = render("problem.html", words, words("problem.title"), values)
        reply = self.reply(status, html, call, headers)
        return reply._replace(facts=facts)


def asked_language(call: Call) -> str | None:
    """`?lang=es`; nothing else of the query is read."""
    for part in call.query.split("&"):
        name, _, value = part.partition("=")
        if name == "lang" and value.replace("-", "").isalnum():
            return value
    return None


def _status(error: Exception) -> int:
    if isinstance(error, RequestError):
        return error.status
    return 503 if isinstance(error, StoreError) else 500
