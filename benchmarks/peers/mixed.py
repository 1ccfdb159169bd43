"""Responses of every kind that really comes, made of those that `sample` writes.

No two are the same: each has its own id, subject and time.
"""

import copy
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from cds import wire
from cds.flows.assess import installed

Json = dict[str, Any]
Change = Callable[[Json], object]
EACH = 60  # responses of one kind
USUAL = "as sample writes it"
PROFILE = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaireresponse"


def _items(response: Json) -> Iterator[Json]:
    for item in response.get("item", []):
        yield item
        yield from _items(item)


def questions(response: Json) -> list[Json]:
    """The items that are answered, in document order."""
    return [item for item in _items(response) if "answer" in item]


def _server_meta(response: Json) -> None:
    response["meta"] = {"versionId": "3", "lastUpdated": "2026-11-20T15:00:01.123+00:00"}
    response["meta"]["profile"] = [PROFILE]
    response["text"] = {
        "status": "generated",
        "div": '<div xmlns="http://www.w3.org/1999/xhtml">answers</div>',
    }


def _item_ids(response: Json) -> None:
    for number, item in enumerate(_items(response)):
        item["id"] = f"i{number}"


def _free_text(response: Json) -> None:
    chosen = next(one for one in questions(response) if one["linkId"] == "history.relievers")
    chosen["answer"] = [{"valueString": "a warm bath"}]


def _wrong_option(response: Json) -> None:
    questions(response)[3]["answer"][0]["valueCoding"]["code"] = "no-such-code"


def _lhc_forms(response: Json) -> None:
    tag = {"code": "lformsVersion: 41.3.0"}
    response["meta"] = {"profile": [PROFILE.replace("uv/sdc", "uv/sdc")], "tag": [tag]}
    for item in questions(response):
        for answer in item["answer"]:
            answer["valueCoding"] = dict(sorted(answer["valueCoding"].items()))


def _smart_forms(response: Json) -> None:
    response["status"] = "in-progress"
    response["subject"] |= {"type": "Patient", "display": "Example, Synthetic"}
    response["author"] = {"reference": "Practitioner/7", "type": "Practitioner"}
    for number, item in enumerate(_items(response)):
        if number % 3 == 0:
            item.pop("text", None)


def _incomplete(response: Json) -> None:
    response["status"] = "in-progress"
    last = [one for one in response["item"] if "item" in one][-1]
    last["item"] = last["item"][: len(last["item"]) // 2]


def _empty_answer(response: Json) -> None:
    questions(response)[-1]["answer"] = []


def _with(*path: str, **parts: Any) -> Change:
    def change(response: Json) -> None:
        here = response
        for step in path:
            here = here.setdefault(step, {})
        here |= parts

    return change


def _without_texts(response: Json) -> None:
    for item in _items(response):
        item.pop("text", None)


def _nothing(_: Json) -> None:
    pass


KINDS: dict[str, Change] = {
    USUAL: _nothing,
    "without item texts": _without_texts,
    "server meta, profile, narrative": _server_meta,
    "meta.lastUpdated": _with("meta", lastUpdated="2026-11-20T15:00:01.123+00:00"),
    "subject.display": _with("subject", display="Example, Synthetic"),
    "subject.type": _with("subject", type="Patient"),
    "item.id": _item_ids,
    "free text in one open-choice": _free_text,
    "one wrong option": _wrong_option,
    "as LHC-Forms writes it": _lhc_forms,
    "as Smart Forms writes it": _smart_forms,
    "incomplete, in-progress": _incomplete,
    "in-progress": _with(status="in-progress"),
    "answer: [] on an unanswered item": _empty_answer,
}
WRITTEN: dict[str, Callable[[Json], bytes]] = {
    "sorted keys": lambda response: wire.write(response, sort_keys=True),
    "pretty-printed": lambda response: wire.write(response, indent=True),
    "pretty-printed, CRLF": lambda response: wire.write(response, indent=True).replace(
        b"\n", b"\r\n"
    ),
}
ORDER = "resourceType id meta text questionnaire status subject authored author item".split()  # noqa: SIM905
NAMES = (*KINDS, *WRITTEN, "dated on the 29th to the 31st")


def base_responses() -> list[Json]:
    """One response of each scenario that answers the whole form."""
    try:
        from cds.flows.synthetic.samples import samples, scenarios_of  # noqa: PLC0415
        from cds.knowledge.read.pack import pack_folders  # noqa: PLC0415
    except ImportError:  # as 0.1.0 has them
        from cds.flows.samples import samples, scenarios_of  # type: ignore[import-not-found,no-redef] # noqa: PLC0415
        from cds.knowledge.pack import pack_folders  # type: ignore[import-not-found,no-redef] # noqa: PLC0415

    folders = pack_folders()
    pack = next(one for one in installed().packs if scenarios_of(folders[one.id], one))
    scenarios = scenarios_of(folders[pack.id], pack)
    made = [sample.response for sample in samples(scenarios, pack, None, len(scenarios) - 2, 0)]
    asked = max(len(questions(response)) for response in made)
    return [one for one in made if len(questions(one)) >= asked - 1]


def mix(bases: list[Json]) -> dict[str, list[bytes]]:
    """Per kind, responses no two of which are the same."""
    numbers = count(1)
    return {
        name: [_made(name, bases[at % len(bases)], next(numbers)) for at in range(EACH)]
        for name in NAMES
    }


def _made(name: str, base: Json, number: int) -> bytes:
    response = copy.deepcopy(base)
    late = name not in (*KINDS, *WRITTEN)
    day = 29 + number % 3 if late else 1 + number % 28
    response |= {
        "id": f"r{number}",
        "subject": {"reference": f"Patient/p{number}"},
        "authored": f"2026-10-{day:02}T{number % 24:02}:{number % 60:02}:07Z",
        "author": {"reference": f"Practitioner/a{number % 7}"},
    }
    KINDS.get(name, _nothing)(response)
    order = (
        "resourceType",
        "id",
        "meta",
        "text",
        "questionnaire",
        "status",
        "subject",
        "authored",
        "author",
        "item",
    )
    response = {key: response[key] for key in order if key in response}
    return WRITTEN.get(name, wire.write)(response)
