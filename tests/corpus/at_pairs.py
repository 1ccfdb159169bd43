"""Changes to a whole pair: which form, its state, what FHIR allows, one more question."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.corpus.sites import CORE, ROOT, Change, Json


def versions(form: Json, response: Json) -> Iterator[Change]:
    """Another version is a warning, another form an error."""
    if form.get("url"):
        for suffix in ("|0.0.0-other", f"|{form.get('version', '1')}", "#part"):
            response["questionnaire"] = form["url"] + suffix
            yield Change("version-suffix", form, response, None)
        response["questionnaire"] = "http://example.org/Questionnaire/some-other-form"
        yield Change("wrong-canonical", form, response, "questionnaireMismatch")


def states(form: Json, response: Json) -> Iterator[Change]:
    """The state of the form, its time and its subjects are warnings."""
    for more in (
        {"status": "draft"},
        {"status": "retired"},
        {"effectivePeriod": {"end": "1999"}},
        {"effectivePeriod": {"start": "2999"}},
        {"subjectType": ["Location"]},
    ):
        yield Change("state", {**form, **more}, response, None)


_SAID = {"authored": "value", "status": "binding"}


def structure(form: Json, response: Json) -> Iterator[Change]:
    """What FHIR itself does not allow."""
    for more, place in (
        ({"status": "done"}, f"{ROOT}.status"),
        ({"nonsense": 1}, ROOT),
        ({"authored": "yesterday"}, f"{ROOT}.authored"),
        ({"subject": "Patient/1"}, f"{ROOT}.subject"),
    ):
        rule = _SAID.get(place.rpartition(".")[2], "structure")
        yield Change("structure", form, response | more, rule, place)
    yield Change("status-missing", form, _without(response, "status"), "structure")


def _without(response: Json, key: str) -> Json:
    return {name: value for name, value in response.items() if name != key}


def _added(form: Json, response: Json, item: Json, answer: Json) -> tuple[Json, Json, str]:
    """The pair with one more question and its answer at the end."""
    one = {**form, "item": [*form["item"], {"linkId": "new", **item}]}
    node = {"linkId": "new", "answer": [answer]}
    other = {**response, "item": [*response.get("item", []), node]}
    return one, other, f"{ROOT}.item[{len(other['item']) - 1}]"


def added_answers(form: Json, response: Json) -> Iterator[Change]:
    """One more question of each finer kind, answered well and badly."""
    for name, item, answer, rule in ADDED:
        one, other, place = _added(form, response, item, answer)
        yield Change(name, one, other, rule, place)


def _x(url: str, **value: Any) -> Json:
    return {"extension": [{"url": CORE + url, **value}]}


_ATTACHED = {"contentType": "image/png", "data": "YWJj", "size": 3}
_PLACES = _x("maxDecimalPlaces", valueInteger=2)
_IMAGES = _x("mimeType", valueCode="image/*")
_PATIENTS = _x("questionnaire-referenceResource", valueCode="Patient")
_UNTIL = _x("maxValue", valueDate="2022-06")
_SET = {"answerValueSet": "http://example.org/nowhere"}
ADDED: tuple[tuple[str, Json, Json, str | None], ...] = (
    ("decimals", {"type": "decimal", **_PLACES}, {"valueDecimal": Decimal("1.50")}, None),
    ("decimals", {"type": "decimal", **_PLACES}, {"valueDecimal": 5}, None),
    (
        "decimals",
        {"type": "decimal", **_PLACES},
        {"valueDecimal": Decimal("1.500")},
        "maxDecimalPlaces",
    ),
    ("attachment", {"type": "attachment", **_IMAGES}, {"valueAttachment": _ATTACHED}, None),
    (
        "attachment-type",
        {"type": "attachment", **_IMAGES},
        {"valueAttachment": _ATTACHED | {"contentType": "text/plain"}},
        "invalidAttachmentType",
    ),
    (
        "attachment-size",
        {"type": "attachment"},
        {"valueAttachment": _ATTACHED | {"size": 4}},
        "attachmentSizeInconsistent",
    ),
    (
        "attachment-too-large",
        {"type": "attachment", **_x("maxSize", valueDecimal=2)},
        {"valueAttachment": _ATTACHED},
        "maxAttachmentSize",
    ),
    (
        "attachment-at-limit",
        {"type": "attachment", **_x("maxSize", valueDecimal=3)},
        {"valueAttachment": _ATTACHED},
        None,
    ),
    (
        "reference",
        {"type": "reference", **_PATIENTS},
        {"valueReference": {"reference": "https://example.org/fhir/Patient/1"}},
        None,
    ),
    (
        "reference-type",
        {"type": "reference", **_PATIENTS},
        {"valueReference": {"reference": "Group/1"}},
        "invalidRefResourceTypeRestriction",
    ),
    (
        "reference-text",
        {"type": "reference"},
        {"valueReference": {"reference": "see overleaf"}},
        "invalidRefValue",
    ),
    ("url", {"type": "url"}, {"valueUri": "relative/path"}, None),
    ("url", {"type": "url"}, {"valueUri": "urn:uuid:not-one"}, "invalidUrlValue"),
    ("date-precision", {"type": "date", **_UNTIL}, {"valueDate": "2022-06-30"}, None),
    ("date-precision", {"type": "date", **_UNTIL}, {"valueDate": "2022"}, None),
    ("date-precision", {"type": "date", **_UNTIL}, {"valueDate": "2022-07"}, "maxValue"),
    ("no-such-date", {"type": "date"}, {"valueDate": "2023-02-29"}, "value"),
    ("unknown-set", {"type": "choice", **_SET}, {"valueCoding": {"code": "a"}}, None),
    ("open", {"type": "open-choice", **_SET}, {"valueString": "free"}, None),
    ("closed", {"type": "choice", **_SET}, {"valueString": "free"}, "invalidAnswerType"),
    ("abstract", {"type": "question"}, {"valueString": "x"}, "invalidType"),
)


def value_sets(form: Json, response: Json) -> Iterator[Change]:
    """A contained value set holds the code, or does not."""
    include = {"system": "urn:s", "concept": [{"code": "a"}]}
    contained = {"resourceType": "ValueSet", "id": "new-set", "compose": {"include": [include]}}
    more = form | {"contained": [*form.get("contained", []), contained]}
    item = {"type": "choice", "answerValueSet": "#new-set"}
    for code, rule in (("a", None), ("b", "invalidCoding")):
        answer = {"valueCoding": {"system": "urn:s", "code": code}}
        one, other, place = _added(more, response, item, answer)
        yield Change("value-set", one, other, rule, place)


WHOLE = (versions, states, structure, added_answers, value_sets)
