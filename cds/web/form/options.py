"""The options of a question that names a contained ValueSet, listed, so that one can be chosen."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from cds.forms.form.every_item import every_item
from cds.wire import JsonObject


def with_options(form: Mapping[str, Any]) -> JsonObject:
    """The form with the codes of its contained value sets as options.

    Only sets that list their codes: what is filtered, imported or kept elsewhere is not guessed.
    """
    made: JsonObject = deepcopy(dict(form))
    sets = {
        f"#{one.get('id')}": list(_codings(one))
        for one in made.get("contained", ())
        if isinstance(one, dict) and one.get("resourceType") == "ValueSet"
    }
    for item in every_item(made) if sets else ():
        codings = sets.get(str(item.get("answerValueSet")))
        if codings and "answerOption" not in item:
            item["answerOption"] = [{"valueCoding": coding} for coding in codings]
            del item["answerValueSet"]
    return made


def _codings(value_set: Mapping[str, Any]) -> Iterator[JsonObject]:
    """The codes of a set that lists them: its expansion, else its compose."""
    listed = value_set.get("expansion", {}).get("contains")
    if listed:
        yield from (_coding(one, one.get("system")) for one in listed if "code" in one)
        return
    compose = value_set.get("compose", {})
    includes = compose.get("include", ())
    if compose.get("exclude") or any("concept" not in one for one in includes):
        return
    for include in includes:
        yield from (_coding(one, include.get("system")) for one in include["concept"])


def _coding(concept: Mapping[str, Any], system: Any) -> JsonObject:
    found = {"system": system, "code": concept.get("code"), "display": concept.get("display")}
    return {key: value for key, value in found.items() if value is not None}
