"""The short form, generated from the full one: two copies of safety logic would drift apart."""

from collections.abc import Iterator, Mapping
from typing import Any

from cds.forms.form.every_item import every_item
from cds.knowledge.read.tables import Faults, Table, nearest

# Elements of the full form that are said anew, or that speak of its history.
_NOT_INHERITED = frozenset(
    ("id", "url", "name", "title", "description", "item", "derivedFrom", "_derivedFrom")
)
_DERIVATION = "questionnaire-derivationType"


def short_form(full: Mapping[str, Any], table: Table, faults: Faults) -> dict[str, Any]:
    """The Questionnaire that `table` ([short-form] of pack.toml) keeps of the full one.

    `keep` names linkIds: a group is kept with all below it, a question with the groups around it.
    `enable-when` gives a kept question the condition under which a desk asks it.
    """
    keep = table.texts("keep", None)
    conditions: dict[str, list[dict[str, Any]]] = {}
    for entry in table.each("enable-when", "item"):
        conditions.setdefault(entry.text("item"), []).append(
            {
                "question": entry.text("question"),
                "operator": "=",
                "answerCoding": {
                    "system": _system_of(full, entry.text("question")),
                    "code": entry.text("answerCoding"),
                },
            }
        )
    found: set[str] = set()
    items = _kept(full.get("item", []), frozenset(keep), conditions, found)
    identifier = table.text("id")
    base, _, _ = str(full.get("url", "")).rpartition("/")
    result: dict[str, Any] = {
        "resourceType": "Questionnaire",
        "id": identifier,
        "url": f"{base}/{identifier}",
        "name": table.text("name"),
        "title": table.text("title"),
        "derivedFrom": [f"{full.get('url')}|{full.get('version')}"],
        "_derivedFrom": [_derivation(full, items, conditions)],
        "description": table.text("description"),
    }
    result |= {key: value for key, value in full.items() if key not in {*_NOT_INHERITED, *result}}
    result["item"] = items
    for link_id in keep:
        if link_id not in found:
            known = [item.get("linkId", "") for item in every_item(full)]
            problem = f"{link_id!r} is not a linkId of the questionnaire."
            faults.add(f"{table.where}: keep", problem, nearest(link_id, known))
    table.done()
    return result


def _derivation(
    full: Mapping[str, Any], items: list[dict[str, Any]], conditions: Mapping[str, Any]
) -> dict[str, Any]:
    """How the short form comes from the full one, in HL7's words.

    It complies if its responses answer the full form as well: whatever that requires is asked.
    """
    kept = {item.get("linkId") for item in every_item({"item": items})} - set(conditions)
    coding = {
        "system": f"http://hl7.org/fhir/{_DERIVATION}",
        "code": "compliesWith" if kept.issuperset(_required(full)) else "inspiredBy",
    }
    url = f"http://hl7.org/fhir/StructureDefinition/{_DERIVATION}"
    return {"extension": [{"url": url, "valueCoding": coding}]}


def _required(form: Mapping[str, Any]) -> Iterator[str]:
    """The linkIds of what a form requires."""
    for item in every_item(form):
        if item.get("required") is True:
            yield item.get("linkId", "")


def _kept(
    items: list[dict[str, Any]],
    keep: frozenset[str],
    conditions: Mapping[str, list[dict[str, Any]]],
    found: set[str],
) -> list[dict[str, Any]]:
    kept = []
    for item in items:
        link_id = item.get("linkId", "")
        if link_id in keep:
            found.add(link_id)
            kept.append(_conditioned(item, conditions))
            continue
        children = _kept(item.get("item", []), keep, conditions, found)
        if children:
            kept.append({**item, "item": children})
    return kept


def _conditioned(
    item: dict[str, Any], conditions: Mapping[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    added = conditions.get(item.get("linkId", ""))
    if not added:
        return item
    changed = {key: value for key, value in item.items() if key != "enableBehavior"}
    changed["enableWhen"] = added
    if len(added) > 1:
        changed["enableBehavior"] = "any"
    return changed


def _system_of(full: Mapping[str, Any], link_id: str) -> str:
    """The code system of a question's options."""
    systems = (
        str(option.get("valueCoding", {}).get("system", ""))
        for item in every_item(full)
        if item.get("linkId") == link_id
        for option in item.get("answerOption", [])
    )
    return next(systems, "")
