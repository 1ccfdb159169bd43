"""Answers to a form that is not judged here: which of them say yes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cds.record.remarks import denies
from cds.record.shapes import as_many, as_object, codings_of, text_at, texts_of
from cds.wire import JsonObject

_YES = re.compile(r"(?i)\s*(?:y|yes|true|ja|s[ií]|oui|sim|positiv\w*|present)\b")
_DEEPEST = 32


def is_own(response: Mapping[str, Any], forms: frozenset[str]) -> bool:
    """Whether it answers one of these forms, by the end of any address of theirs."""
    named = response.get("questionnaire")
    if isinstance(named, dict):  # STU3
        named = named.get("reference")
    if not isinstance(named, str):
        return False
    plain = named.split("/_history/")[0].split("|")[0].split("#")[-1]
    return plain.rstrip("/").rpartition("/")[2] in forms


def affirmed_in(response: JsonObject) -> JsonObject:
    """The response with what is answered in it, and with the questions that are answered yes."""
    return {**response, "item": list(_items(response, 0)), "questionnaire": None}


def _items(node: Mapping[str, Any], depth: int) -> Iterator[JsonObject]:
    if depth > _DEEPEST:
        return
    for one in as_many(node.get("item")):
        item = as_object(one)
        for each in as_many(item.get("answer")):
            answer = as_object(each)
            if not _says_no(answer):
                own = {key: value for key, value in answer.items() if key != "item"}
                yield {"answer": own} | ({"text": item.get("text")} if _says_yes(answer) else {})
            yield from _items(answer, depth + 1)
        yield from _items(item, depth + 1)


def _coded(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer as a value of an Observation has it."""
    coding = answer.get("valueCoding")
    return answer if coding is None else {"valueCodeableConcept": {"coding": [coding]}}


def _says_no(answer: Mapping[str, Any]) -> bool:
    return denies(_coded(answer))


def _says_yes(answer: Mapping[str, Any]) -> bool:
    if answer.get("valueBoolean") is True:
        return True
    said = [text_at(answer, "valueString") or ""]
    concept = _coded(answer).get("valueCodeableConcept")
    said += [*texts_of(concept), *(code for _, code, _ in codings_of(concept))]
    return any(map(_YES.match, said))
