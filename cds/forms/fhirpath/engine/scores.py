"""weight() of SDC: the number that a coded answer stands for."""

from decimal import Decimal
from typing import Any

from cds.forms.fhirpath.engine.values import Collection, Node, Refused

_CORE = "http://hl7.org/fhir/StructureDefinition/"
_SCORES = (f"{_CORE}itemWeight", f"{_CORE}ordinalValue", f"{_CORE}questionnaire-ordinalValue")


def weight(items: Collection, _: Any, scope: Any) -> Collection:
    """The score of each Coding: its own, or that of the option of the form that it equals.

    Raises:
        Refused: the scores may lie in a value set, which is not looked into.
    """
    found: Collection = []
    for item in items:
        if not isinstance(item, Node) or item.type != "Coding":
            continue
        own = _score(item.value)
        if own is None:
            own = _of_option(item, scope)
        if own is not None:
            found.append(own)
    return found


def _score(element: Any) -> Decimal | None:
    listed = element.get("extension") if isinstance(element, dict) else None
    for extension in listed if isinstance(listed, list) else ():
        if isinstance(extension, dict) and extension.get("url") in _SCORES:
            value = extension.get("valueDecimal")
            return None if value is None else Decimal(str(value))
    return None


def _of_option(coding: Node, scope: Any) -> Decimal | None:
    holder = coding.parent
    while holder is not None and not (isinstance(holder.value, dict) and "linkId" in holder.value):
        holder = holder.parent
    forms = scope.names.get("questionnaire") or ()
    if holder is None or not forms:
        raise Refused("the form of a coded answer is not known")
    item = _find(forms[0].value, holder.value["linkId"])
    if item is None or "answerValueSet" in item:
        raise Refused("scores of a value set are not looked up")
    for option in item.get("answerOption") or ():
        known = option.get("valueCoding") or {}
        same = (known.get("system"), known.get("code"))
        if same == (coding.value.get("system"), coding.value.get("code")):
            own = _score(known)
            return _score(option) if own is None else own
    return None


def _find(form: Any, link_id: Any) -> dict[str, Any] | None:
    waiting = [form]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if one.get("linkId") == link_id:
                return one
            waiting.extend(one.get("item") or ())
    return None
