"""Which form a response names: EHRs and fillers write one address in many ways.

The canonical with or without its version, http for https, relative, under an address of the
server that keeps it, a version of its history, a copy contained in the response, or nothing at
all. Where the name is strange, what was answered tells (linkIds).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cds.core.pack import Form, Pack
from cds.forms.form.every_item import every_item
from cds.wire import JsonObject

_RELATIVE = re.compile(r"/?Questionnaire/(?P<id>[A-Za-z0-9\-.]{1,64})")
_HISTORY = re.compile(r"/_history/[^/|#?]*")
_WEB = ("http", "https")


class WhoseForm(Enum):
    """Whose form a response answers."""

    OURS = "ours"
    FOREIGN = "foreign"
    UNCLEAR = "unclear"  # some of what it answers is ours, and it names something else


class Recognised(NamedTuple):
    """Whose form it is; of ours, the response as it can be read: with our canonical, or none."""

    whose: WhoseForm
    response: JsonObject


class FormNames:
    """The names of one pack's forms, at one server.

    `bases`: addresses that the server has; `given`: names of its own, as the site lists them;
    `others`: the forms of other packs, which are none of these.
    """

    def __init__(
        self,
        pack: Pack,
        bases: Iterable[str] = (),
        given: Mapping[str, str] | None = None,
        others: Iterable[Form] = (),
    ) -> None:
        """Look up what is the same for every response."""
        # The usual names need no closer look.
        self._usual = {form.url for form in pack.forms}
        self._by_url = {_same(form.url): form for form in pack.forms}
        self._by_id = {form.id: form for form in pack.forms}
        self._bases = {_same(base) for base in bases}
        self._given = {_same(name): url for name, url in (given or {}).items()}
        self._others = {_same(form.url) for form in others} - set(self._by_url)
        items = list(every_item(pack.full.raw))
        self._groups = {one.get("linkId") for one in items if one.get("type") == "group"}
        self._asked = {one.get("linkId") for one in items} - self._groups

    def read(self, response: JsonObject) -> Recognised:
        """Whose form the response answers."""
        name = _name_of(response)
        if name is not None and name.partition("|")[0] in self._usual:
            return Recognised(WhoseForm.OURS, response)
        if name is None:
            ours = any(one in self._asked for one in _link_ids(response.get("item")))
            return Recognised(WhoseForm.OURS if ours else WhoseForm.FOREIGN, _unnamed(response))
        url, _, version = name.partition("|")
        url = _contained_url(url, response) or url
        form = self._by_canonical(url) or self._by_place(url, response)
        if form is not None:
            canonical = f"{form.url}|{version}" if version else form.url
            if canonical != response.get("questionnaire"):
                response = {**response, "questionnaire": canonical}
            return Recognised(WhoseForm.OURS, response)
        if _same(url) in self._others:
            return Recognised(WhoseForm.FOREIGN, response)
        return self._by_answers(response)

    def _by_canonical(self, url: str) -> Form | None:
        plain = _same(url)
        given = self._given.get(plain)
        return self._by_url.get(plain if given is None else _same(given.partition("|")[0]))

    def _by_place(self, url: str, response: JsonObject) -> Form | None:
        """The form of this id at the server, unless what was answered is another form's."""
        plain = _same(url)
        base, _, last = plain.rpartition("/Questionnaire/")
        relative = _RELATIVE.fullmatch(plain)
        if base not in self._bases and relative is None:
            return None
        form = self._by_id.get(relative["id"] if relative else last)
        used = set(_link_ids(response.get("item"))) - self._groups
        return form if not used or used & self._asked else None

    def _by_answers(self, response: JsonObject) -> Recognised:
        used = set(_link_ids(response.get("item"))) - self._groups
        ours = used & self._asked
        if not ours:
            return Recognised(WhoseForm.FOREIGN, response)
        whose = WhoseForm.OURS if 2 * len(ours) >= len(used) else WhoseForm.UNCLEAR
        return Recognised(whose, _unnamed(response))


def otherwise_named(response: Mapping[str, Any], forms: Iterable[Form]) -> Form | None:
    """The form that a response names relatively, by a version of its history or inside itself.

    An address of somebody else's server tells nothing here.
    """
    listed = list(forms)
    name = _name_of(response) or ""
    url = name.partition("|")[0]
    plain = _same(_contained_url(url, response) or url)
    relative = _RELATIVE.fullmatch(plain)
    for form in listed:
        if _same(form.url) == plain:
            return form
        if relative is not None and relative["id"] == form.id:
            used = set(_link_ids(response.get("item")))
            asked = {item.get("linkId") for item in every_item(form.raw)}
            return form if not used or used & asked else None
    return None


def _name_of(response: Mapping[str, Any]) -> str | None:
    """What it names; earlier versions of FHIR had a Reference here."""
    name = response.get("questionnaire")
    if isinstance(name, dict):
        name = name.get("reference")
    return name if isinstance(name, str) and name.strip() else None


def _contained_url(url: str, response: Mapping[str, Any]) -> str | None:
    """The canonical of the form that the response brings along, where it points to that."""
    if not url.startswith("#"):
        return None
    contained = response.get("contained")
    for one in contained if isinstance(contained, list) else ():
        if isinstance(one, dict) and one.get("id") == url[1:]:
            named = one.get("url")
            return named if isinstance(named, str) else None
    return None


def _unnamed(response: JsonObject) -> JsonObject:
    """The response without the name that says nothing: the form is then assumed."""
    return {key: value for key, value in response.items() if key != "questionnaire"}


def _same(url: str) -> str:
    """The address without what makes no difference: http or https, case of the host, history."""
    text = _HISTORY.sub("", url.strip()).partition("#")[0].rstrip("/")
    try:
        parts = urlsplit(text)
        port = "" if parts.port in {None, 80, 443} else f":{parts.port}"
    except ValueError:
        return text
    if parts.scheme.lower() not in _WEB or not parts.hostname:
        return text
    return f"//{parts.hostname}{port}{parts.path}"


def _link_ids(items: object) -> Iterator[str]:
    """Every linkId of a response, wherever it stands."""
    todo: list[object] = [items]
    while todo:
        listed = todo.pop()
        for item in listed if isinstance(listed, list) else ():
            if not isinstance(item, dict):
                continue
            if isinstance(item.get("linkId"), str):
                yield item["linkId"]
            todo.append(item.get("item"))
            answers = item.get("answer")
            todo += (
                [one.get("item") for one in answers if isinstance(one, dict)]
                if isinstance(answers, list)
                else []
            )
