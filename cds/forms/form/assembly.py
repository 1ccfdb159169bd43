"""A form put together from its parts: SDC's subQuestionnaire, as `$assemble` does it.

A display item that stands for another form is replaced by the items of that form, if it is among
the resources at hand. One that is not, or that leads back to itself, stays, and is told of.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cds.forms.form import extensions as ext
from cds.forms.form.every_item import every_item
from cds.forms.form.items import MAX_DEPTH, MAX_ITEMS
from cds.forms.support import Support, contained
from cds.wire import JsonObject

_PREFIX = "linkIdPrefix"
_LITERAL = re.compile(r"\s*'([^'\\]{0,64})'\s*\Z")
_CARRIED = frozenset((ext.VARIABLE, ext.CONSTRAINT, ext.TARGET_CONSTRAINT))


def assembled(form: JsonObject, support: Support) -> JsonObject:
    """The form with the items of its sub-forms; the same object where it has none at hand."""
    if not isinstance(form, dict) or not _has_parts(form):
        return form
    work = _Assembly(support, form)
    whole = {**form, "item": work.items(form.get("item"), "", (str(form.get("url")),), form)}
    if work.contained:
        whole["contained"] = [*_list(form.get("contained")), *work.contained]
    return work.carried(whole, form)


def _has_parts(form: JsonObject) -> bool:
    return any("extension" in item and _canonical_of(item) is not None for item in every_item(form))


@dataclass(slots=True)
class _Assembly:
    """One form being put together; it ends when it is larger than any form that is judged."""

    support: Support
    root: JsonObject
    contained: list[JsonObject] = field(default_factory=list)
    # By the object that holds the items: what the sub-forms among them bring along.
    _brought: dict[int, list[JsonObject]] = field(default_factory=dict)
    _count: int = 0

    def items(
        self, raw: object, prefix: str, chain: tuple[str, ...], owner: JsonObject
    ) -> list[Any]:
        """The items of one place. `chain` are the forms that led here."""
        return list(self._items(raw, prefix, chain, owner))

    def carried(self, made: JsonObject, owner: JsonObject) -> JsonObject:
        """What was made of the owner, with the variables and constraints of the forms inside."""
        brought = self._brought.get(id(owner))
        if brought:
            made["extension"] = [*_list(owner.get("extension")), *brought]
        return made

    def _items(
        self, raw: object, prefix: str, chain: tuple[str, ...], owner: JsonObject
    ) -> Iterator[Any]:
        for item in _list(raw):
            self._count += 1
            if not isinstance(item, dict):
                yield item
                continue
            sub = self._sub_form(item, chain)
            if sub is None:
                yield self._copy(item, prefix, chain)
                continue
            url = str(sub.get("url"))
            self._bring(sub, owner)
            yield from self._items(
                self._own_sets(sub), prefix + _prefix_of(item), (*chain, url), owner
            )

    def _copy(self, item: JsonObject, prefix: str, chain: tuple[str, ...]) -> JsonObject:
        copy = _prefixed(item, prefix) if prefix else item
        if "item" in item and len(chain) < MAX_DEPTH:
            inside = self.items(item["item"], prefix, (*chain, ""), item)
            copy = self.carried({**copy, "item": inside}, item)
        return copy

    def _sub_form(self, item: JsonObject, chain: tuple[str, ...]) -> JsonObject | None:
        canonical = _canonical_of(item)
        if canonical is None or self._count > MAX_ITEMS or len(chain) >= MAX_DEPTH:
            return None
        url = canonical.partition("|")[0]
        if canonical.startswith("#"):
            found = contained(self.root, canonical, "Questionnaire")
        else:
            find = self.support.find
            found = find("Questionnaire", canonical) or find("Questionnaire", url)
        return None if found is None or str(found.get("url")) in chain else found

    def _bring(self, sub: JsonObject, owner: JsonObject) -> None:
        brought = [
            one
            for one in _list(sub.get("extension"))
            if isinstance(one, dict) and str(one.get("url")) in _CARRIED
        ]
        if brought:
            self._brought.setdefault(id(owner), []).extend(brought)

    def _own_sets(self, sub: JsonObject) -> list[Any]:
        """The items of a sub-form; what it contains comes along, renamed where that is taken."""
        taken = {
            str(one.get("id"))
            for one in (*_list(self.root.get("contained")), *self.contained)
            if isinstance(one, dict)
        }
        renamed: dict[str, str] = {}
        for one in _list(sub.get("contained")):
            if isinstance(one, dict) and isinstance(one.get("id"), str):
                name = one["id"]
                if name in taken:
                    name = f"{name}-{len(self.contained)}-of-sub-form"
                    renamed[f"#{one['id']}"] = f"#{name}"
                self.contained.append({**one, "id": name})
        items = _list(sub.get("item"))
        return [_renamed(item, renamed, 0) for item in items] if renamed else items


def _renamed(item: object, names: Mapping[str, str], depth: int) -> object:
    if not isinstance(item, dict) or depth > MAX_DEPTH:
        return item
    made = dict(item)
    named = item.get("answerValueSet")
    if isinstance(named, str) and named in names:
        made["answerValueSet"] = names[named]
    if "item" in item:
        made["item"] = [_renamed(one, names, depth + 1) for one in _list(item["item"])]
    return made


def _canonical_of(item: JsonObject) -> str | None:
    value = ext.first_value(ext.extensions_of(item), ext.SUB_QUESTIONNAIRE)
    return value if isinstance(value, str) and value else None


def _prefix_of(item: JsonObject) -> str:
    """What goes before the linkIds of a sub-form: the variable for it, if it is a plain text."""
    for extension in ext.extensions_of(item).get(ext.VARIABLE, ()):
        value = extension.get("valueExpression")
        if isinstance(value, dict) and value.get("name") == _PREFIX:
            found = _LITERAL.match(str(value.get("expression")))
            return found.group(1) if found else ""
    return ""


def _prefixed(item: JsonObject, prefix: str) -> JsonObject:
    made = dict(item)
    if isinstance(item.get("linkId"), str):
        made["linkId"] = prefix + item["linkId"]
    if isinstance(item.get("enableWhen"), list):
        made["enableWhen"] = [
            {**when, "question": prefix + when["question"]}
            if isinstance(when, dict) and isinstance(when.get("question"), str)
            else when
            for when in item["enableWhen"]
        ]
    return made


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
