"""Changes at an item with an answer: its type, option, count, length, limits."""

import copy
import re
from collections.abc import Iterator
from decimal import Decimal

from tests.corpus.sites import CORE, SDC, UCUM, Change, Mutation, Site, extend, value_of


def wrong_type(site: Site) -> Iterator[Change]:
    """A value of another type."""
    key, _ = value_of(site.node["answer"][0])
    wrong = {"valueInteger": 1} if key != "valueInteger" else {"valueBoolean": True}
    kept = {name: part for name, part in site.node["answer"][0].items() if name != key}
    site.node["answer"][0] = wrong | kept
    yield site.change("wrong-type", "invalidAnswerType")


def bad_option(site: Site) -> Iterator[Change]:
    """A code, or a system, that no option has; a display does not matter."""
    key, value = value_of(site.node["answer"][0])
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
    extend(site.item, f"{CORE}questionnaire-maxOccurs", valueInteger=2)
    yield site.change("occurs-at-limit", None)
    site.item["extension"][-1]["valueInteger"] = 1
    yield site.change("occurs-over-limit", "maxCount")


def too_few(site: Site) -> Iterator[Change]:
    """Fewer answers than asked for, which only a completed response must have."""
    count = len(site.node["answer"])
    site.item.update({"required": True, "repeats": True})
    extend(site.item, f"{CORE}questionnaire-minOccurs", valueInteger=count)
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
    key, value = value_of(site.node["answer"][0])
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
    key, value = value_of(site.node["answer"][0])
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
    key, value = value_of(site.node["answer"][0])
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
