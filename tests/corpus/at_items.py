"""Changes at any item: its linkId, place, order, wording, conditions."""

import copy
import re
from collections.abc import Iterator

from tests.corpus.sites import CORE, SDC, Change, Json, Mutation, Site


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
