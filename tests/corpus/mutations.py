"""One change to a valid pair of form and response, and the rule that it must break, if any."""

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Json = dict[str, Any]
CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
UCUM = "http://unitsofmeasure.org"
ROOT = "QuestionnaireResponse"
VALUELESS = frozenset({"group", "display", "question"})


@dataclass(frozen=True)
class Change:
    """A changed pair. `rule` is what it breaks, at `place` or below; None if it stays valid."""

    name: str
    form: Json
    response: Json
    rule: str | None
    place: str = ROOT


@dataclass(frozen=True)
class Site:
    """One response item in a copy of a pair: its node, its list, its definition, its place."""

    form: Json
    response: Json
    node: Json
    siblings: list[Json]
    item: Json
    place: str

    def change(self, name: str, rule: str | None, place: str = "") -> Change:
        """The pair as it is now."""
        return Change(name, self.form, self.response, rule, place or self.place)


Mutation = Callable[[Site], Iterator[Change]]


def definitions(items: list[Json]) -> dict[str, Json]:
    """Every item of a form by its linkId."""
    found: dict[str, Json] = {}
    for item in items:
        found[item["linkId"]] = item
        found |= definitions(item.get("item", []))
    return found


def places(items: list[Json], above: str = ROOT) -> Iterator[tuple[Json, list[Json], str]]:
    """Every response item with the list that holds it and its FHIRPath."""
    for index, node in enumerate(items):
        here = f"{above}.item[{index}]"
        yield node, items, here
        yield from places(node.get("item", []), here)
        for at, answer in enumerate(node.get("answer", [])):
            yield from places(answer.get("item", []), f"{here}.answer[{at}]")


def sites(form: Json, response: Json) -> Iterator[Site]:
    """Each response item in a fresh copy of the pair, so that it may be changed."""
    for number in range(len(list(places(response.get("item", []))))):
        one, other = copy.deepcopy(form), copy.deepcopy(response)
        node, siblings, place = list(places(other["item"]))[number]
        yield Site(one, other, node, siblings, definitions(one["item"])[node["linkId"]], place)


def changes(form: Json, response: Json) -> Iterator[Change]:
    """Every change of every kind to a pair."""
    for mutation in (*AT_ITEMS, *AT_ANSWERS):
        for site in sites(form, response):
            if mutation in AT_ANSWERS and not site.node.get("answer"):
                continue
            if mutation not in HARMLESS and _steers(site):
                continue
            yield from mutation(site)
    for whole in WHOLE:
        yield from whole(copy.deepcopy(form), copy.deepcopy(response))


def _steers(site: Site) -> bool:
    """Whether what another item asks hangs on this one: a change would have two effects."""
    listed = definitions(site.form["item"])
    whens = [when for one in listed.values() for when in one.get("enableWhen", ())]
    return "nable" in str([one.get("extension") for one in listed.values()]) or any(
        when["question"] == site.node["linkId"] for when in whens
    )


def _value(answer: Json) -> tuple[str, Any]:
    return next((key, value) for key, value in answer.items() if key.startswith("value"))


def _extend(item: Json, url: str, **value: Any) -> None:
    item.setdefault("extension", []).append({"url": url, **value})


# ── at any item ──


def unknown_link(site: Site) -> Iterator[Change]:
    """A linkId that the form does not have."""
    site.node["linkId"] = "no-such-item"
    yield site.change("unknown-link", "invalidLinkId")


def no_link(site: Site) -> Iterator[Change]:
    """No linkId."""
    del site.node["linkId"]
    yield site.change("no-link", "noLinkId")


def out_of_order(site: Site) -> Iterator[Change]:
    """An item before the one that it followed."""
    at = site.siblings.index(site.node)
    if at and site.siblings[at - 1]["linkId"] != site.node["linkId"]:
        site.siblings[at - 1 : at + 1] = [site.node, site.siblings[at - 1]]
        yield site.change("out-of-order", "order")


def duplicate_item(site: Site) -> Iterator[Change]:
    """The same item once more; fine for a group that repeats."""
    at = site.siblings.index(site.node)
    site.siblings.insert(at, copy.deepcopy(site.node))
    if site.item["type"] == "group":
        site.item["repeats"] = True
        yield site.change("repeated-group", None)
        site.item["repeats"] = False
    again = re.sub(r"\d+\]$", f"{at + 1}]", site.place)
    yield site.change("duplicate-item", "repeats", again)


def text_mismatch(site: Site) -> Iterator[Change]:
    """Another wording, which is a warning; and the same one with other spaces."""
    if site.item.get("text"):
        site.node["text"] = "Another question altogether?"
        yield site.change("text-mismatch", None)
        site.node["text"] = f"  {site.item['text']}\n"
        yield site.change("text-spaces", None)


def _may_be_hidden(site: Site) -> bool:
    """Whether the item stands with content and under no condition of its own."""
    conditioned = "enableWhen" in site.item or "extension" in site.item
    return not conditioned and ("answer" in site.node or "item" in site.node)


def disabled(site: Site) -> Iterator[Change]:
    """A condition that does not hold on an item that stands there with content."""
    if _may_be_hidden(site):
        new: Json = {"linkId": "new-switch", "type": "boolean"}
        site.form["item"].append(new)
        when = {"question": "new-switch", "operator": "exists", "answerBoolean": False}
        site.item["enableWhen"] = [when]
        yield site.change("enabled-answer", None)
        site.item["enableWhen"] = [when | {"answerBoolean": True}]
        yield site.change("disabled-answer", "notEnabled")


def disabled_by_expression(site: Site) -> Iterator[Change]:
    """The same by FHIRPath."""
    if _may_be_hidden(site):
        for text, rule in (("%resource.status.exists()", None), ("1 = 2", "notEnabled")):
            expression = {"language": "text/fhirpath", "expression": text}
            site.item["extension"] = [
                {"url": f"{SDC}enableWhenExpression", "valueExpression": expression}
            ]
            yield site.change("enable-expression", rule)


def constraint(site: Site) -> Iterator[Change]:
    """A constraint that holds, one that does not, and one that only warns."""
    for text, severity, rule in (
        ("linkId.exists()", "error", None),
        ("linkId.empty()", "error", "invariant"),
        ("linkId.empty()", "warning", None),
    ):
        parts = [
            {"url": "key", "valueId": "k"},
            {"url": "severity", "valueCode": severity},
            {"url": "expression", "valueString": text},
            {"url": "human", "valueString": "Must hold"},
        ]
        site.item["extension"] = [{"url": f"{CORE}questionnaire-constraint", "extension": parts}]
        yield site.change("constraint", rule)


def group_answer(site: Site) -> Iterator[Change]:
    """An answer where only items belong."""
    if site.item["type"] in {"group", "display"}:
        site.node["answer"] = [{"valueString": "x"}]
        rule = "groupShouldNotHaveAnswers" if site.item["type"] == "group" else "displayAnswer"
        yield site.change("group-answer", rule)


def modified(site: Site) -> Iterator[Change]:
    """An extension that may change the meaning: nothing is judged there, and that is no error."""
    site.node["modifierExtension"] = [{"url": "http://example.org/m", "valueBoolean": True}]
    yield site.change("modifier", None)


# ── at items with an answer ──


def wrong_type(site: Site) -> Iterator[Change]:
    """A value of another type."""
    key, _ = _value(site.node["answer"][0])
    wrong = {"valueInteger": 1} if key != "valueInteger" else {"valueBoolean": True}
    kept = {name: part for name, part in site.node["answer"][0].items() if name != key}
    site.node["answer"][0] = wrong | kept
    yield site.change("wrong-type", "invalidAnswerType")


def bad_option(site: Site) -> Iterator[Change]:
    """A code, or a system, that no option has; a display does not matter."""
    key, value = _value(site.node["answer"][0])
    if key != "valueCoding" or not site.item.get("answerOption"):
        return
    value["display"] = "Whatever"
    yield site.change("other-display", None)
    value["system"] = "http://example.org/other-system"
    yield site.change("bad-system", "invalidAnswerOption")
    value["code"] = "no-such-option"
    yield site.change("bad-option", "invalidAnswerOption")


def two_answers(site: Site) -> Iterator[Change]:
    """A second answer, which only an item that repeats may have; a limit at and below that."""
    if len(site.node["answer"]) > 1 or site.item.get("answerOption"):
        return
    site.node["answer"].append(copy.deepcopy(site.node["answer"][0]))
    site.item["repeats"] = False
    yield site.change("two-answers", "repeats")
    site.item["repeats"] = True
    yield site.change("repeating-question", None)
    _extend(site.item, f"{CORE}questionnaire-maxOccurs", valueInteger=2)
    yield site.change("occurs-at-limit", None)
    site.item["extension"][-1]["valueInteger"] = 1
    yield site.change("occurs-over-limit", "maxCount")


def too_few(site: Site) -> Iterator[Change]:
    """Fewer answers than asked for, which only a completed response must have."""
    count = len(site.node["answer"])
    site.item.update({"required": True, "repeats": True})
    _extend(site.item, f"{CORE}questionnaire-minOccurs", valueInteger=count)
    yield site.change("min-occurs-at-limit", None)
    site.item["extension"][-1]["valueInteger"] = count + 1
    if site.response["status"] in {"completed", "amended"}:
        yield site.change("min-occurs-below-limit", "minCount")
    site.response["status"] = "in-progress"
    yield site.change("min-occurs-in-progress", None)


def required_missing(site: Site) -> Iterator[Change]:
    """An item that must be answered is not there."""
    site.item["required"] = True
    at = site.siblings.index(site.node)
    link_id = site.node["linkId"]
    if sum(node["linkId"] == link_id for node in site.siblings) > 1:
        return
    above = site.place.rpartition(".item[")[0]
    if len(site.siblings) == 1:
        return  # what is left would be an empty array, or an optional group that is absent
    del site.siblings[at]
    if site.response["status"] in {"completed", "amended"}:
        yield site.change("required-missing", "required", above)
    for status in ("in-progress", "stopped", "entered-in-error"):
        site.response["status"] = status
        yield site.change(f"required-missing-{status}", None)


def item_under_question(site: Site) -> Iterator[Change]:
    """Items below a question stand in answer.item."""
    site.item.setdefault("item", []).append({"linkId": "new-below", "type": "string"})
    below = {"linkId": "new-below", "answer": [{"valueString": "x"}]}
    site.node["answer"][0].setdefault("item", []).append(below)
    yield site.change("nested-answer", None)
    site.node["answer"][0]["item"].pop()
    if not site.node["answer"][0]["item"]:
        del site.node["answer"][0]["item"]
    site.node["item"] = [below]
    yield site.change("item-under-question", "itemUnderQuestion")


def empty_answer(site: Site) -> Iterator[Change]:
    """An answer without content."""
    site.item["repeats"] = True
    site.node["answer"].append({})
    yield site.change("empty-answer", "emptyAnswer")


def lengths(site: Site) -> Iterator[Change]:
    """Text at, above and below its length, and in and out of its format."""
    key, value = _value(site.node["answer"][0])
    if key != "valueString" or len(value) < 2 or len(site.node["answer"]) > 1:
        return
    for length, rule in ((len(value), None), (len(value) - 1, "maxLength")):
        site.item["maxLength"] = length
        yield site.change("max-length", rule)
    del site.item["maxLength"]
    least = {"url": f"{CORE}minLength"}
    for length, rule in ((len(value), None), (len(value) + 1, "minLength")):
        site.item["extension"] = [least | {"valueInteger": length}]
        yield site.change("min-length", rule)
    for pattern, rule in ((re.escape(value), None), (re.escape(value[:-1]), "regex")):
        site.item["extension"] = [{"url": f"{CORE}regex", "valueString": pattern}]
        yield site.change("regex", rule)


def limits(site: Site) -> Iterator[Change]:
    """A number or a date at its limits and one step beyond."""
    key, value = _value(site.node["answer"][0])
    if len(site.node["answer"]) > 1 or site.item.get("answerOption"):
        return
    if key == "valueDate":
        inside, above, below = value[:4], f"{int(value[:4]) - 1}", f"{int(value[:4]) + 1}"
    elif key in {"valueInteger", "valueDecimal"}:
        inside, above, below = value, value - 1, value + 1
    else:
        return
    for url, limit, rule in (
        ("maxValue", inside, None),
        ("minValue", inside, None),
        ("maxValue", above, "maxValue"),
        ("minValue", below, "minValue"),
    ):
        site.item["extension"] = [{"url": CORE + url, key: limit}]
        yield site.change(url, rule)


def quantities(site: Site) -> Iterator[Change]:
    """A quantity against limits in its own unit and in others."""
    key, value = _value(site.node["answer"][0])
    if key != "valueQuantity" or len(site.node["answer"]) > 1:
        return
    value |= {"value": Decimal(2), "unit": "kg", "system": UCUM, "code": "kg"}
    for url, limit, code, rule in (
        ("maxQuantity", 2, "kg", None),
        ("maxQuantity", 2000, "g", None),
        ("maxQuantity", 1999, "g", "maxValue"),
        ("minQuantity", Decimal("2.0"), "kg", None),
        ("minQuantity", 2001, "g", "minValue"),
        ("minQuantity", 1, "m", "minValueIncompatUnits"),
    ):
        bound = {"value": limit, "system": UCUM, "code": code}
        site.item["extension"] = [{"url": SDC + url, "valueQuantity": bound}]
        yield site.change(url, rule)


# ── the whole pair ──


def _canonical(response: Json, form: Json) -> str:
    return str(form.get("url") or response.get("questionnaire", ""))


def versions(form: Json, response: Json) -> Iterator[Change]:
    """Another version is a warning, another form an error."""
    if form.get("url"):
        for suffix in ("|0.0.0-other", f"|{form.get('version', '1')}", "#part"):
            response["questionnaire"] = form["url"] + suffix
            yield Change("version-suffix", form, response, None)
        response["questionnaire"] = "http://example.org/Questionnaire/some-other-form"
        yield Change("wrong-canonical", form, response, "questionnaireMismatch")


def states(form: Json, response: Json) -> Iterator[Change]:
    """The state of the form, its time and its subjects are warnings."""
    for more in (
        {"status": "draft"},
        {"status": "retired"},
        {"effectivePeriod": {"end": "1999"}},
        {"effectivePeriod": {"start": "2999"}},
        {"subjectType": ["Location"]},
    ):
        yield Change("state", {**form, **more}, response, None)


def structure(form: Json, response: Json) -> Iterator[Change]:
    """What FHIR itself does not allow."""
    for more, place in (
        ({"status": "done"}, f"{ROOT}.status"),
        ({"nonsense": 1}, ROOT),
        ({"authored": "yesterday"}, f"{ROOT}.authored"),
        ({"subject": "Patient/1"}, f"{ROOT}.subject"),
    ):
        rule = "value" if place.endswith("authored") else "structure"
        yield Change("structure", form, response | more, rule, place)
    yield Change("status-missing", form, _without(response, "status"), "structure")


def _without(response: Json, key: str) -> Json:
    return {name: value for name, value in response.items() if name != key}


def _added(form: Json, response: Json, item: Json, answer: Json) -> tuple[Json, Json, str]:
    """The pair with one more question and its answer at the end."""
    one = {**form, "item": [*form["item"], {"linkId": "new", **item}]}
    node = {"linkId": "new", "answer": [answer]}
    other = {**response, "item": [*response.get("item", []), node]}
    return one, other, f"{ROOT}.item[{len(other['item']) - 1}]"


def added_answers(form: Json, response: Json) -> Iterator[Change]:
    """One more question of each finer kind, answered well and badly."""
    for name, item, answer, rule in ADDED:
        one, other, place = _added(form, response, item, answer)
        yield Change(name, one, other, rule, place)


def _x(url: str, **value: Any) -> Json:
    return {"extension": [{"url": CORE + url, **value}]}


_ATTACHED = {"contentType": "image/png", "data": "YWJj", "size": 3}
_PLACES = _x("maxDecimalPlaces", valueInteger=2)
_IMAGES = _x("mimeType", valueCode="image/*")
_PATIENTS = _x("questionnaire-referenceResource", valueCode="Patient")
_UNTIL = _x("maxValue", valueDate="2022-06")
_SET = {"answerValueSet": "http://example.org/nowhere"}
ADDED: tuple[tuple[str, Json, Json, str | None], ...] = (
    ("decimals", {"type": "decimal", **_PLACES}, {"valueDecimal": Decimal("1.50")}, None),
    ("decimals", {"type": "decimal", **_PLACES}, {"valueDecimal": 5}, None),
    (
        "decimals",
        {"type": "decimal", **_PLACES},
        {"valueDecimal": Decimal("1.500")},
        "maxDecimalPlaces",
    ),
    ("attachment", {"type": "attachment", **_IMAGES}, {"valueAttachment": _ATTACHED}, None),
    (
        "attachment-type",
        {"type": "attachment", **_IMAGES},
        {"valueAttachment": _ATTACHED | {"contentType": "text/plain"}},
        "invalidAttachmentType",
    ),
    (
        "attachment-size",
        {"type": "attachment"},
        {"valueAttachment": _ATTACHED | {"size": 4}},
        "attachmentSizeInconsistent",
    ),
    (
        "attachment-too-large",
        {"type": "attachment", **_x("maxSize", valueDecimal=2)},
        {"valueAttachment": _ATTACHED},
        "maxAttachmentSize",
    ),
    (
        "attachment-at-limit",
        {"type": "attachment", **_x("maxSize", valueDecimal=3)},
        {"valueAttachment": _ATTACHED},
        None,
    ),
    (
        "reference",
        {"type": "reference", **_PATIENTS},
        {"valueReference": {"reference": "https://example.org/fhir/Patient/1"}},
        None,
    ),
    (
        "reference-type",
        {"type": "reference", **_PATIENTS},
        {"valueReference": {"reference": "Group/1"}},
        "invalidRefResourceTypeRestriction",
    ),
    (
        "reference-text",
        {"type": "reference"},
        {"valueReference": {"reference": "see overleaf"}},
        "invalidRefValue",
    ),
    ("url", {"type": "url"}, {"valueUri": "relative/path"}, None),
    ("url", {"type": "url"}, {"valueUri": "urn:uuid:not-one"}, "invalidUrlValue"),
    ("date-precision", {"type": "date", **_UNTIL}, {"valueDate": "2022-06-30"}, None),
    ("date-precision", {"type": "date", **_UNTIL}, {"valueDate": "2022"}, None),
    ("date-precision", {"type": "date", **_UNTIL}, {"valueDate": "2022-07"}, "maxValue"),
    ("no-such-date", {"type": "date"}, {"valueDate": "2023-02-29"}, "value"),
    ("unknown-set", {"type": "choice", **_SET}, {"valueCoding": {"code": "a"}}, None),
    ("open", {"type": "open-choice", **_SET}, {"valueString": "free"}, None),
    ("closed", {"type": "choice", **_SET}, {"valueString": "free"}, "invalidAnswerType"),
    ("abstract", {"type": "question"}, {"valueString": "x"}, "invalidType"),
)


def value_sets(form: Json, response: Json) -> Iterator[Change]:
    """A contained value set holds the code, or does not."""
    include = {"system": "s", "concept": [{"code": "a"}]}
    contained = {"resourceType": "ValueSet", "id": "new-set", "compose": {"include": [include]}}
    more = form | {"contained": [*form.get("contained", []), contained]}
    item = {"type": "choice", "answerValueSet": "#new-set"}
    for code, rule in (("a", None), ("b", "invalidCoding")):
        answer = {"valueCoding": {"system": "s", "code": code}}
        one, other, place = _added(more, response, item, answer)
        yield Change("value-set", one, other, rule, place)


AT_ITEMS: tuple[Mutation, ...] = (
    unknown_link,
    no_link,
    out_of_order,
    duplicate_item,
    text_mismatch,
    disabled,
    disabled_by_expression,
    constraint,
    group_answer,
    modified,
)
AT_ANSWERS: tuple[Mutation, ...] = (
    wrong_type,
    bad_option,
    two_answers,
    too_few,
    required_missing,
    item_under_question,
    empty_answer,
    lengths,
    limits,
    quantities,
)
HARMLESS = (text_mismatch, constraint, modified, empty_answer)
WHOLE = (versions, states, structure, added_answers, value_sets)
