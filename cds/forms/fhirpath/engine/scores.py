"""weight() of SDC: the number that a coded answer stands for."""

from decimal import Decimal
from typing import Any

from cds.forms.fhirpath.engine.navigation import member
from cds.forms.fhirpath.engine.values import Collection, ElementNode, Refused
from cds.wire import objects

_CORE = "http://hl7.org/fhir/StructureDefinition/"
_SCORES = (f"{_CORE}itemWeight", f"{_CORE}ordinalValue", f"{_CORE}questionnaire-ordinalValue")


def weight(items: Collection, _: Any, scope: Any) -> Collection:
    """The score of each coded answer: its own, or that of the option of the form that it equals.

    Raises:
        Refused: the scores may lie in a value set or a code system, which are not looked into.
    """
    found: Collection = []
    for coding in (one for item in items for one in _codings(item)):
        own = _score(coding.value)
        score = _of_option(coding, scope) if own is None else own
        if score is not None:
            found.append(score)
    return found


def _codings(item: Any) -> list[ElementNode]:
    """The Coding itself, or that of an answer; any other value has no score here."""
    if not isinstance(item, ElementNode):
        return []
    if item.type.endswith(".answer"):
        return [one for one in member(item, "value") if one.type == "Coding"]
    return [item] if item.type == "Coding" else []


def _score(element: Any) -> Decimal | None:
    for extension in objects(element.get("extension")) if isinstance(element, dict) else ():
        if extension.get("url") in _SCORES:
            value = extension.get("valueDecimal")
            return None if value is None else Decimal(str(value))
    return None


def _of_option(coding: ElementNode, scope: Any) -> Decimal | None:
    holder = coding.parent
    while holder is not None and not (isinstance(holder.value, dict) and "linkId" in holder.value):
        holder = holder.parent
    forms = scope.names.get("questionnaire") or ()
    if holder is None or not forms:
        raise Refused("the form of a coded answer is not known")
    item = _find(forms[0].value, holder.value["linkId"])
    if item is None or "answerValueSet" in item:
        raise Refused("scores of a value set are not looked up")
    options = [one for one in item.get("answerOption") or () if isinstance(one, dict)]
    scores = [_option_score(option) for option in options]
    if not any(score is not None for score in scores):
        raise Refused("scores of a code system are not looked up")
    wanted = (coding.value.get("system"), coding.value.get("code"))
    for option, score in zip(options, scores, strict=True):
        known = option.get("valueCoding") or {}
        if (known.get("system"), known.get("code")) == wanted:
            return score
    return None


def _option_score(option: dict[str, Any]) -> Decimal | None:
    own = _score(option.get("valueCoding"))
    return _score(option) if own is None else own


def _find(form: Any, link_id: Any) -> dict[str, Any] | None:
    waiting = [form]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if one.get("linkId") == link_id:
                return one
            waiting.extend(one.get("item") or ())
    return None
