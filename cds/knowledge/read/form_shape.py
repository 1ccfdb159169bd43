"""The shape of questionnaire.json, checked before anything is read from it.

What has no shape is told as a fault and left out, so that the rest of the pack can still be read.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cds.forms.form.every_item import every_item
from cds.knowledge.read.tables import Faults, nearest
from cds.wire import JsonObject


def well_shaped(raw: JsonObject, name: str, faults: Faults) -> JsonObject:
    """The Questionnaire without items and options that cannot be read; each of them is a fault."""
    items = _items(raw.get("item", []), name, faults)
    seen: dict[str, int] = {}
    for item in every_item({"item": items}):
        link_id = item["linkId"]
        seen[link_id] = seen.get(link_id, 0) + 1
    for link_id, count in seen.items():
        if count > 1:
            where = f"{name}: item {link_id}"
            faults.add(where, f"stands {count} times.", "Each linkId must be its own.")
    for item in every_item({"item": items}):
        for condition in item.get("enableWhen", []):
            _known(condition, f"{name}: item {item['linkId']}: enableWhen", set(seen), faults)
    return {**raw, "item": items}


def _items(raw: object, where: str, faults: Faults) -> list[JsonObject]:
    if not isinstance(raw, list):
        faults.add(f"{where}: item", "must be a list of items.")
        return []
    kept = []
    for number, item in enumerate(raw):
        place = f"{where}: item[{number}]"
        if not isinstance(item, dict):
            faults.add(place, "must be an item (an object).")
        elif not isinstance(item.get("linkId"), str) or not item["linkId"]:
            faults.add(f"{place}: linkId", "is missing.", "Every item needs one of its own.")
        else:
            here = f"{where.partition(':')[0]}: item {item['linkId']}"
            kept.append(_item(item, here, faults))
    return kept


def _item(item: JsonObject, here: str, faults: Faults) -> JsonObject:
    """One item with a linkId, without what has no shape below it."""
    sound = dict(item)
    if not isinstance(item.get("type"), str):
        faults.add(f"{here}: type", "is missing.", "Such as choice or group.")
    if "item" in item:
        sound["item"] = _items(item["item"], here, faults)
    if "answerOption" in item:
        sound["answerOption"] = list(_options(item["answerOption"], here, faults))
    if "enableWhen" in item and not _is_list_of_objects(item["enableWhen"]):
        faults.add(f"{here}: enableWhen", "must be a list of conditions.")
        del sound["enableWhen"]
    return sound


def _options(raw: object, where: str, faults: Faults) -> Iterator[JsonObject]:
    """The options with a code: a rule can name no other."""
    if not isinstance(raw, list):
        faults.add(f"{where}: answerOption", "must be a list of options.")
        return
    for number, option in enumerate(raw):
        coding = option.get("valueCoding") if isinstance(option, dict) else None
        if isinstance(coding, dict) and isinstance(coding.get("code"), str):
            yield option
        else:
            place = f"{where}: answerOption[{number}]"
            faults.add(place, "must be a valueCoding with a code.", "A rule names it by the code.")


def _is_list_of_objects(raw: object) -> bool:
    return isinstance(raw, list) and all(isinstance(one, dict) for one in raw)


def _known(condition: Mapping[str, Any], where: str, known: set[str], faults: Faults) -> None:
    question = condition.get("question")
    if not isinstance(question, str) or question not in known:
        problem = f"question {str(question)!r} is not a linkId of the form."
        faults.add(where, problem, nearest(str(question), known))
