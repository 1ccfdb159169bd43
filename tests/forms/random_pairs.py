"""Random forms over all item types, and random responses to them, right and wrong."""

import random
from decimal import Decimal
from typing import Any

Json = dict[str, Any]
KEYS = {
    "boolean": "valueBoolean",
    "integer": "valueInteger",
    "decimal": "valueDecimal",
    "string": "valueString",
    "text": "valueString",
    "date": "valueDate",
    "dateTime": "valueDateTime",
    "time": "valueTime",
    "url": "valueUri",
    "choice": "valueCoding",
    "open-choice": "valueCoding",
    "quantity": "valueQuantity",
    "reference": "valueReference",
    "attachment": "valueAttachment",
}
ORDERED = ("integer", "decimal", "date", "quantity", "string")
UCUM = "http://unitsofmeasure.org"
GRAMS = {"kg": Decimal(1000), "g": Decimal(1), "mg": Decimal("0.001")}
CORE = "http://hl7.org/fhir/StructureDefinition/"
UNKNOWN = None


def coding(code: str) -> Json:
    return {"system": "http://example.org/s", "code": code}


VALUES: dict[str, list[Any]] = {
    "boolean": [True, False],
    "decimal": [Decimal("0.5"), Decimal(1), Decimal("1.50")],
    "string": ["a", "ab", "abc", " "],
    "text": ["a", "ab", "abc", " "],
    "date": ["2024", "2025", "2025-03", "2025-03-01", "2026-01-01"],
    "dateTime": ["2025-03-01T10:00:00Z", "2025-03-02T10:00:00Z"],
    "time": ["10:00:00", "11:00:00.5"],
    "url": ["http://a.org", "urn:oid:1.2"],
    "choice": [coding(code) for code in "abc"],
    "open-choice": [coding(code) for code in "abc"],
    "reference": [{"reference": "Patient/1"}, {"reference": "Group/1"}],
    "attachment": [{"contentType": "text/plain", "url": "http://a.org"}],
}


class Made:
    """A random form and response; every item has a linkId of its own."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.count = 0
        self.items: list[Json] = []

    def form(self) -> Json:
        listed = [self.item(0) for _ in range(self.dice.randint(1, 4))]
        return {
            "resourceType": "Questionnaire",
            "url": "http://example.org/q",
            "status": "active",
            "item": listed,
        }

    def item(self, depth: int) -> Json:
        self.count += 1
        type_ = self.dice.choice([*KEYS, *(["group"] * (3 if depth < 3 else 0))])
        made: Json = {"linkId": f"i{self.count}", "type": type_, "text": f"Item {self.count}"}
        controls = [one for one in self.items if one["type"] not in {"group", "attachment"}]
        if controls and self.dice.random() < 0.4:
            made["enableWhen"] = [self.condition(self.dice.choice(controls))]
        if self.dice.random() < 0.3:
            made["required"] = True
        if self.dice.random() < 0.3:
            made["repeats"] = True
        if type_ == "group":
            made["item"] = [self.item(depth + 1) for _ in range(self.dice.randint(1, 3))]
            return made
        if type_ in {"choice", "open-choice"}:
            made["answerOption"] = [{"valueCoding": coding(code)} for code in "ab"]
        if type_ in {"string", "text"} and self.dice.random() < 0.4:
            made["maxLength"] = 2
        if type_ in {"integer", "date", "quantity"} and self.dice.random() < 0.4:
            made["extension"] = [
                {"url": f"{CORE}{self.dice.choice(['minValue', 'maxValue'])}", **self.limit(type_)}
            ]
        self.items.append(made)
        return made

    def limit(self, type_: str) -> Json:
        return {KEYS[type_]: self.exact(type_)}

    def exact(self, type_: str) -> Any:
        value = self.value(type_)
        while type_ == "quantity" and "comparator" in value:
            value = self.value(type_)
        return value

    def condition(self, source: Json) -> Json:
        type_ = source["type"]
        operator = self.dice.choice(["=", "!=", "exists", *(["<", ">="] * (type_ in ORDERED))])
        if operator == "exists":
            expected: Json = {"answerBoolean": self.dice.random() < 0.5}
        else:
            name = KEYS[type_].replace("value", "answer").replace("Uri", "String")
            expected = {name: self.exact(type_)}
        return {"question": source["linkId"], "operator": operator, **expected}

    def value(self, type_: str) -> Any:
        if type_ == "integer":
            return self.dice.randint(0, 3)
        if type_ != "quantity":
            return self.dice.choice(VALUES[type_])
        made: Json = {"value": self.dice.randint(1, 3), "system": UCUM}
        made["code"] = self.dice.choice(list(GRAMS))
        return made | ({"comparator": self.dice.choice("<>")} if self.dice.random() < 0.2 else {})

    def response(self, form: Json) -> Json:
        return {
            "resourceType": "QuestionnaireResponse",
            "questionnaire": "http://example.org/q",
            "status": self.dice.choice(["completed", "in-progress"]),
            "subject": {"reference": "Patient/1"},
            "author": {"reference": "Patient/1"},
            "authored": "2026-01-01T10:00:00Z",
        } | ({"item": items} if (items := self.answered(form["item"])) else {})

    def answered(self, items: list[Json]) -> list[Json]:
        found = []
        for item in items:
            if self.dice.random() < 0.25:
                continue
            if item["type"] == "group":
                times = self.dice.randint(1, 2) if item.get("repeats") else 1
                listed = [self.answered(item["item"]) for _ in range(times)]
                found += [{"linkId": item["linkId"], "item": inside} for inside in listed if inside]
            else:
                type_ = item["type"] if self.dice.random() < 0.95 else "boolean"
                times = self.dice.choice([1, 1, 2])
                answers = [{KEYS[type_]: self.value(type_)} for _ in range(times)]
                found.append({"linkId": item["linkId"], "answer": answers})
        return found
