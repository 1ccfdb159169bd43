"""What real systems write that examples never do; each record of a messy population has some of it.

All of it is valid FHIR, and means the same as the tidy way of writing it. What is wrong on purpose
stands in `defects`.
"""

from cds.flows.synthetic.draw import Draw
from cds.forms.form.every_item import every_item
from cds.wire import JsonObject

# Name → what it does, as docs/populations.md shows it.
HABITS: dict[str, str] = {
    "server-meta": "version, time and source that a server writes into every resource",
    "offset": "times with an offset and milliseconds instead of Z",
    "partial-date": "the start of a condition or of an order as a year, or a year and a month",
    "no-display": "codes without their display",
    "other-system": "conditions in ICD-10-CM instead of SNOMED CT, medicines in ATC",
    "other-unit": "tests as another laboratory reports them: another code, unit or both",
    "local-code": "a code of the house before the standard one",
    "duplicate": "a result that was sent twice, under two ids",
    "renewal": "orders of a medicine that ended when the next one began",
    "draft": "an order that nobody has signed yet",
    "preliminary": "a newest result that is not final",
    "entered-in-error": "a result that was withdrawn, with a value that no one could have",
    "bare-items": "a response without the texts of questions and the displays of answers",
    "no-version": "a response that names its questionnaire without a version",
    "filler-tag": "the order of keys and the tag of a widely used form filler",
}


def server_meta(resources: list[JsonObject], draw: Draw, when: str) -> None:
    """What a server writes when it keeps a resource."""
    for resource in resources:
        meta = resource["meta"]
        meta["versionId"] = str(draw.between(1, 9))
        meta["lastUpdated"] = when
        meta["source"] = f"#{resource['id'][:12]}"


def partial(moment: str, draw: Draw) -> str:
    """A date of which only the year, or year and month, was kept."""
    return moment[: draw.pick((4, 7))]


def local_coding(coding: JsonObject, base: str) -> JsonObject:
    """The code of the house for the same thing."""
    made = {"system": f"{base}/sample-local-codes", "code": f"L-{coding['code']}"}
    if "display" in coding:
        made["display"] = coding["display"]
    return made


def bare_items(response: JsonObject) -> None:
    """Leave out what a response says only for readers."""
    for item in every_item(response):
        item.pop("text", None)
        for answer in item.get("answer", ()):
            if "valueCoding" in answer:
                answer["valueCoding"].pop("display", None)


def filler_tag(response: JsonObject) -> None:
    """The shape of a response that a widely used form filler sends."""
    response["meta"]["tag"] = [{"code": "lformsVersion: 40.1.3"}]
    for item in every_item(response):
        answer = item.pop("answer", None)
        if answer is not None:
            rest = dict(item)
            item.clear()
            item["answer"] = answer
            item.update(rest)


def response_habits(response: JsonObject, habits: frozenset[str]) -> None:
    """All habits that show in a response."""
    if "bare-items" in habits:
        bare_items(response)
    if "filler-tag" in habits:
        filler_tag(response)
    if "no-version" in habits:
        response["questionnaire"] = response["questionnaire"].partition("|")[0]
