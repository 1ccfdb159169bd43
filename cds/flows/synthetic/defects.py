"""Faults put into made-up data on purpose, each with a label that says where and what.

They are put where it matters: on questions that are always asked, on results of tests that the pack
looks for. So each of them must be told by `assess`; a test holds that for every kind.
"""

import copy
from collections.abc import Callable
from typing import NamedTuple

from cds import wire
from cds.core.pack import Pack
from cds.flows.synthetic.draw import Draw
from cds.flows.synthetic.population import Member
from cds.forms.form.every_item import every_item
from cds.wire import JsonObject

SHARE = 100  # of 1,000 patients, how many have a defect


class Label(NamedTuple):
    """One defect: its kind, the resource and the place in it, and what was done."""

    kind: str
    resource: str
    path: str
    what: str


class DefectKind(NamedTuple):
    """What a kind of defect does. `change` gives the place, or None where nothing fits."""

    name: str
    what: str
    change: Callable[[JsonObject, Pack, Draw], str | None]
    of: str


def _item(response: JsonObject, pack: Pack, draw: Draw) -> JsonObject | None:
    wanted = pack.rules.reassurance.safety
    found = [one for one in every_item(response) if one["linkId"] in wanted and one.get("answer")]
    return draw.pick(found) if found else None


def _place(item: JsonObject) -> str:
    return f"QuestionnaireResponse.item.where(linkId='{item['linkId']}')"


def _unknown_option(response: JsonObject, pack: Pack, draw: Draw) -> str | None:
    item = _item(response, pack, draw)
    if item is None:
        return None
    item["answer"][0]["valueCoding"]["code"] = "no-option-of-this-question"
    return _place(item)


def _unknown_question(response: JsonObject, pack: Pack, draw: Draw) -> str | None:
    item = _item(response, pack, draw)
    if item is None:
        return None
    item["linkId"] += ".moved"
    return _place(item)


def _wrong_type(response: JsonObject, pack: Pack, draw: Draw) -> str | None:
    item = _item(response, pack, draw)
    if item is None:
        return None
    coding = item["answer"][0].pop("valueCoding")
    item["answer"][0]["valueString"] = coding.get("display", coding["code"])
    return _place(item)


def _empty_answer(response: JsonObject, pack: Pack, draw: Draw) -> str | None:
    item = _item(response, pack, draw)
    if item is None:
        return None
    item["answer"] = [{}]
    return _place(item)


def _second_item(response: JsonObject, pack: Pack, draw: Draw) -> str | None:
    item = _item(response, pack, draw)
    holders = (one["item"] for one in every_item(response) if item in one.get("item", ()))
    holder = next(holders, None)
    if item is None or holder is None:
        return None
    holder.insert(holder.index(item), copy.deepcopy(item))
    return _place(item)


def _no_status(response: JsonObject, _pack: Pack, _draw: Draw) -> str:
    del response["status"]
    return "QuestionnaireResponse.status"


def _other_form(response: JsonObject, _pack: Pack, _draw: Draw) -> str:
    response["questionnaire"] = "https://elsewhere.example/fhir/Questionnaire/other"
    return "QuestionnaireResponse.questionnaire"


def _unusable_unit(result: JsonObject, _pack: Pack, _draw: Draw) -> str:
    value = result["valueQuantity"]
    value["unit"] = value["code"] = "{counts}"
    result.pop("interpretation", None)
    return "Observation.valueQuantity.unit"


def _no_value(result: JsonObject, _pack: Pack, _draw: Draw) -> str:
    del result["valueQuantity"]
    result.pop("interpretation", None)
    return "Observation.valueQuantity"


_RESPONSE, _RESULT = "QuestionnaireResponse", "Observation"
_KINDS = (
    DefectKind(
        "unknown-option", "a code that is not an option of the question", _unknown_option, _RESPONSE
    ),
    DefectKind(
        "unknown-question", "a linkId that the form does not have", _unknown_question, _RESPONSE
    ),
    DefectKind("wrong-type", "text where a code is asked for", _wrong_type, _RESPONSE),
    DefectKind("empty-answer", "an answer without a value", _empty_answer, _RESPONSE),
    DefectKind("second-item", "the same question twice", _second_item, _RESPONSE),
    DefectKind("no-status", "no status", _no_status, _RESPONSE),
    DefectKind("other-form", "a questionnaire that no pack has", _other_form, _RESPONSE),
    DefectKind(
        "unusable-unit", "a unit that this test is not measured in", _unusable_unit, _RESULT
    ),
    DefectKind("no-value", "a result without a value", _no_value, _RESULT),
)


class LineKind(NamedTuple):
    """A defect of the text itself: only where each resource has a line of its own."""

    name: str
    what: str
    change: Callable[[bytes], bytes]


LINE_KINDS = (
    LineKind("cut-off", "a line that ends too early", lambda line: line[: len(line) * 2 // 3]),
    LineKind(
        "twice", "a key twice in one object", lambda line: line[:-1] + b',"status":"completed"}'
    ),
    LineKind(
        "not-utf-8", "a letter that is not UTF-8", lambda line: line.replace(b"text", b"te\xfft", 1)
    ),
)


def spoil(member: Member, pack: Pack, draw: Draw, *, lines: bool) -> tuple[list[bytes], Label]:
    """The resources of a member as lines, one of them with a defect; `lines`: of the text, too."""
    kinds: tuple[DefectKind | LineKind, ...] = (*_KINDS, *LINE_KINDS) if lines else _KINDS
    start = draw.between(0, len(kinds) - 1)
    for number in range(len(kinds)):
        made = _spoiled(member, pack, draw, kinds[(start + number) % len(kinds)])
        if made is not None:
            return made
    message = "no defect fits this member"
    raise AssertionError(message)


def _spoiled(
    member: Member, pack: Pack, draw: Draw, kind: DefectKind | LineKind
) -> tuple[list[bytes], Label] | None:
    of_result = isinstance(kind, DefectKind) and kind.of == _RESULT
    about = _newest_result(member, pack) if of_result else member.response
    if about is None:
        return None
    changed, path = copy.deepcopy(about), ""
    if isinstance(kind, DefectKind):
        found = kind.change(changed, pack, draw)
        if found is None:
            return None
        path = found
    line = wire.write(changed)
    if isinstance(kind, LineKind):
        line = kind.change(line)
    reference = f"{about['resourceType']}/{about['id']}"
    lines = [line if one is about else wire.write(one) for one in member.own]
    return lines, Label(kind.name, reference, path, kind.what)


def _newest_result(member: Member, pack: Pack) -> JsonObject | None:
    """The newest final result of a test that the pack looks for, if nothing newer replaces it."""
    wanted = {
        code for one in pack.record.get("analyte", ()) for code in one.get("loinc", ()) if code
    }
    newest: JsonObject | None = None
    for one in member.record:
        if one["resourceType"] != _RESULT or one.get("status") != "final":
            continue
        codes = {coding.get("code") for coding in one["code"]["coding"]}
        later = newest is None or one["effectiveDateTime"] > newest["effectiveDateTime"]
        if codes & wanted and "valueQuantity" in one and later:
            newest = one
    return newest
