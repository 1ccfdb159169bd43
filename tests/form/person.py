"""A person without JavaScript: reads a page, fills its fields, presses a button, keeps cookies."""

import html
import re
from html.parser import HTMLParser
from typing import Any

import httpx

from tests.web.caller import PUBLIC, Caller

Json = dict[str, Any]


class Page(HTMLParser):
    """What is on a page: its text, its links, and the fields, as a browser sends them."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.answer = answer
        self.status = answer.status_code
        self.html = answer.text
        self.fields: dict[str, list[str]] = {}
        self.options: dict[str, list[str]] = {}
        self.hidden: set[str] = set()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.shown: list[str] = []
        self._names: list[str] = []
        self._textarea: str | None = None
        self._closed: list[bool] = []
        self.feed(self.html)

    @property
    def text(self) -> str:
        """What a person can read, hidden questions left out."""
        return " ".join(" ".join(self.shown).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.add(given["id"])
        if tag in {"div", "section"}:
            self._closed.append("hidden" in given or bool(self._closed and self._closed[-1]))
            if "hidden" in given and "data-link" in given:
                self.hidden.add(given["data-link"])
        if tag == "a":
            self.links.append(given.get("href", ""))
        self._field(tag, given.get("name", ""), given)

    def _field(self, tag: str, name: str, given: dict[str, str]) -> None:
        match tag:
            case "textarea":
                self.fields[name] = [""]
                self._textarea = name
            case "select":
                self._names.append(name)
                self.fields[name] = [""]
            case "option":
                self.options.setdefault(self._names[-1], []).append(given.get("value", ""))
                if "selected" in given:
                    self.fields[self._names[-1]] = [given.get("value", "")]
            case "input" if name:
                self._input(name, given)

    def _input(self, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in {"radio", "checkbox"}:
            self.options.setdefault(name, []).append(given.get("value", ""))
            if "checked" in given:
                self.fields.setdefault(name, []).append(given.get("value", ""))
        elif kind != "file":
            self.fields.setdefault(name, []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"div", "section"} and self._closed:
            self._closed.pop()
        if tag == "textarea":
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            # A browser drops the line end right behind the tag.
            self.fields[self._textarea] = [(self.fields[self._textarea][0] + data).lstrip("\n")]
        elif not (self._closed and self._closed[-1]):
            self.shown.append(data)


class Person:
    """One browser without a script."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.cookies: dict[str, str] = {}
        self.page: Page

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request; cookies are kept, nothing is followed."""
        headers = {"accept-language": "en", **more.pop("headers", {})}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        answer = self.caller.request(method, path, headers=headers, **more)
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def _call(self, method: str, path: str, **more: Any) -> Page:
        answer = self.send(method, path, **more)
        if answer.status_code == 303:
            return self._call("GET", answer.headers["location"].partition("#")[0])
        return Page(answer)

    def open(self, path: str = "/forms/cramps", **headers: str) -> Page:
        self.path = path.partition("?")[0]
        self.page = self._call("GET", path, headers=headers)
        return self.page

    def look(self, path: str) -> httpx.Response:
        headers = {"cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        return self.caller.request("GET", path, headers=headers)

    def press(self, do: Any = "send", **changes: Any) -> Page:
        """Press a button, with these fields changed."""
        return self.post({**changes, "do": do})

    def post(self, changes: Json, **headers: str) -> Page:
        fields = {**self.page.fields}
        for name, value in changes.items():
            fields[name] = [value] if isinstance(value, str) else list(value)
        sent = {"origin": PUBLIC, "sec-fetch-site": "same-origin", **headers}
        self.page = self._call("POST", self.path, data=fields, headers=sent)
        return self.page


def summary_of(page: Page) -> list[str]:
    """The lines of the summary of faults."""
    found = re.search(r'<div class="summary".*?</div>', page.html, re.DOTALL)
    lines = re.findall(r"<li>(.*?)</li>", found[0], re.DOTALL) if found else []
    return [html.unescape(re.sub(r"<[^>]+>", "", line)).strip() for line in lines]
