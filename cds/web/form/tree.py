"""A pack's one syntax tree as JSON, for an evaluator that is not ours: conditions, levels, form.

`engine.js` decides by it in the page. Nothing here is a second implementation: the conditions are
those that the scorer runs, with the site's options applied.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cds.core.conditions import (
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    Equals,
    HasFact,
    IsOpen,
    NoneOf,
)
from cds.core.scorer import Applied
from cds.flows.deciding.engine import Engine
from cds.web.form.messages import is_exclusive
from cds.wire import JsonObject

_SCHEMA = "cramp-cds/knowledge/1"
_KEPT = ("linkId", "type", "text", "required", "repeats", "enableWhen", "enableBehavior")
_OF_LEVEL = ("code", "rank", "word", "symbol", "colour", "display", "alert")


def knowledge_of(engine: Engine, listed: Mapping[str, Any] | None = None) -> JsonObject:
    """All that a page needs to decide: the form without its extensions, the rules, the levels.

    `listed`: the form with the options of its value sets.
    """
    pack, scorer, form = engine.pack, engine.scorer, engine.form
    return {
        "schema": _SCHEMA,
        "pack": {"id": pack.id, "version": pack.version, "hash": pack.hash},
        "form": {
            "id": form.id,
            "url": form.url,
            "version": form.version,
            "short": form.short,
            "item": list(_items((listed or form.raw).get("item", []))),
        },
        "unknown": sorted(pack.unknown),
        "levels": [
            {name: getattr(level, name) for name in _OF_LEVEL} for level in scorer.rules.levels
        ],
        "safety": list(scorer.safety),
        "history": list(scorer.history),
        "floor": scorer.floor.code,
        "lowest": scorer.lowest.code,
        "otherwise": scorer.otherwise.code,
        "rules": [_rule(one) for one in scorer.applied],
        "causes": [
            {"cause": cause.id, "supportedBy": [condition_of(one) for one in cause.supported_by]}
            for cause in scorer.rules.causes
        ],
        "advice": [
            {
                "id": one.id,
                "levels": list(one.levels),
                "yieldsTo": list(one.yields_to),
                **({"when": condition_of(one.when)} if one.when is not None else {}),
            }
            for one in pack.advice
        ],
        "deviations": [
            {"option": option.name, "value": value, "text": option.text}
            for option, value in scorer.deviations
        ],
        "wording": {
            "unfinished": pack.wording.unfinished,
            "shortForm": pack.wording.short_form,
            "freeText": pack.wording.free_text,
        },
    }


def condition_of(condition: Condition) -> JsonObject:
    """One condition: a leaf names its question or facts, a join holds its parts."""
    match condition:
        case AnyOf(parts):
            return {"any": [condition_of(part) for part in parts]}
        case AllOf(parts):
            return {"all": [condition_of(part) for part in parts]}
        case NoneOf(parts):
            return {"none": [condition_of(part) for part in parts]}
        case AtLeast(count, parts):
            return {"atLeast": count, "of": [condition_of(part) for part in parts]}
        case Equals(question, codes):
            return {"question": question, "codes": list(codes)}
        case IsOpen(question, wanted):
            return {"question": question, "open": wanted}
        case HasFact(facts):
            return {"facts": list(facts)}


def _items(items: list[Mapping[str, Any]]) -> Iterator[JsonObject]:
    """The items with what decides: types, conditions, options."""
    for item in items:
        kept: JsonObject = {key: item[key] for key in _KEPT if key in item}
        options = [_option(option) for option in item.get("answerOption", [])]
        if options:
            kept["answerOption"] = options
        children = list(_items(item.get("item", [])))
        if children:
            kept["item"] = children
        yield kept


def _option(option: Mapping[str, Any]) -> JsonObject:
    kept: JsonObject = {
        key: _coding(value) if key == "valueCoding" else value
        for key, value in option.items()
        if key.startswith("value")
    }
    if is_exclusive(option):
        kept["exclusive"] = True
    return kept


def _coding(coding: Any) -> Any:  # JSON of the pack
    keys = ("system", "version", "code", "display")
    return {key: coding[key] for key in keys if key in coding}


def _rule(one: Applied) -> JsonObject:
    rule = one.rule
    made: JsonObject = {
        "rule": rule.id,
        "finding": rule.finding,
        "level": one.level.code,
        "basis": rule.basis,
        "sources": list(rule.sources),
        "when": condition_of(rule.when),
    }
    if rule.remark is not None:
        made["note"] = {"code": rule.remark.code, "text": rule.remark.text}
    if one.floor is not None:
        made["floor"] = one.floor.code
    if one.deviates is not None:
        made["deviates"] = one.deviates
    return made
