"""Items of a Questionnaire, written short, and what was answered to them."""

from typing import Any

from tests.form.person import Person

Json = dict[str, Any]
CORE = "http://hl7.org/fhir/StructureDefinition/"


def one(kind: str, link_id: str = "q", **more: Any) -> Json:
    return {"linkId": link_id, "type": kind, "text": f"Ask {link_id}", **more}


def extension(name: str, **value: Any) -> Json:
    return {"url": CORE + name, **value}


def control(code: str) -> Json:
    return extension("questionnaire-itemControl", valueCodeableConcept={"coding": [{"code": code}]})


def coding(code: str, display: str = "", **more: Any) -> Json:
    shown = display or code.title()
    return {"valueCoding": {"system": "urn:x", "code": code, "display": shown}, **more}


OPTIONS = [coding("a"), coding("b"), coding("c")]
ALONE = extension("questionnaire-optionExclusive", valueBoolean=True)


def response_of(person: Person) -> Json:
    found: Json = person.look("/forms/any/result/response.json").json()
    return found


def answers(response: Json, link_id: str) -> list[Any]:
    def items(holder: Json) -> Any:
        for item in holder.get("item", ()):
            yield item
            yield from items(item)
            for answer in item.get("answer", ()):
                yield from items(answer)

    return [
        {key: value for key, value in answer.items() if key != "item"}
        for item in items(response)
        if item["linkId"] == link_id
        for answer in item.get("answer", ())
    ]
