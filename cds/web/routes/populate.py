"""POST /fhir/Questionnaire/{id}/$populate: the form, half filled from what the record shows.

SDC's operation: `subject`, and the record as `context` parts or as one `record` Bundle. It answers
Parameters with the response, to be confirmed by a person, and hints as informational issues.
"""

import re
from collections.abc import Iterator
from typing import Any

from cds import wire
from cds.core.account import Missing
from cds.core.model import Facts
from cds.core.pack import Form, Pack
from cds.errors import RequestError
from cds.flows.populate import populate as populated_of
from cds.flows.populate import to_parameters
from cds.record.facts import facts_of
from cds.record.rules import RecordRules
from cds.web.refusals import FHIR_JSON, Reply
from cds.web.routes.endpoint import Call
from cds.web.routes.gates import body_json, body_of
from cds.web.service import Service
from cds.wire import JsonObject

SUBJECT, _RECORD, CONTEXT, CONTENT = "subject", "record", "context", "content"
# SDC's further parameters that change nothing here: there is one way to fill in, and no server
# beside us.
IGNORED = frozenset(("local", "canonical", "questionnaireRef"))
_SUBJECT = re.compile(r"(?:https?://[^\s|#?]+/)?Patient/[A-Za-z0-9\-.]{1,64}(?:/_history/[^\s/]+)?")


async def populate_operation(service: Service, call: Call) -> Reply:
    """The operation on one Questionnaire."""
    pack, form, rules = _form(service, call.params["id"])
    _, body = await body_of(service, call)

    def filled() -> bytes:
        subject, record, missing = _given(body_json(service, body))
        now = service.clock()
        facts: Facts = facts_of(record, rules, now=now, patient=subject, missing=missing)
        made = populated_of(pack, form, facts, rules, now=now, subject=subject)
        return wire.write(to_parameters(made))

    return Reply(200, await service.aside.run(len(body), filled), FHIR_JSON)


def _form(service: Service, identifier: str) -> tuple[Pack, Form, RecordRules]:
    for pack in service.packs.values():
        for form in pack.forms:
            if form.id == identifier and pack.id in service.records:
                return pack, form, service.records[pack.id]
    raise RequestError(404, "Questionnaire", "there is no such form to fill.", code="not-found")


def _given(value: Any) -> tuple[str, list[JsonObject], list[Missing]]:  # JSON of the caller
    """The subject, the resources of the record, and what was only referred to.

    Raises:
        RequestError: 400, with the parameter that does not fit.
    """
    if not isinstance(value, dict) or value.get("resourceType") != "Parameters":
        hint = "Send Parameters with subject and record."
        raise RequestError(400, "body", "is not a Parameters resource.", hint, code="structure")
    given = value.get("parameter")
    subject: str | None = None
    record: list[JsonObject] = []
    missing: list[Missing] = []
    for index, one in enumerate(given if isinstance(given, list) else []):
        where = f"body.parameter[{index}]"
        name = one.get("name") if isinstance(one, dict) else None
        if name == SUBJECT and subject is None:
            subject = _subject(one.get("valueReference"), where)
        elif name == _RECORD:
            record.append(_resource(one, where))
        elif name == CONTEXT:
            record += _contents(one, where, missing)
        elif name not in IGNORED:
            hint = "Give subject once, and record or context."
            raise RequestError(400, where, "is not a parameter of this operation.", hint)
    if subject is None:
        hint = "Give a valueReference to the Patient."
        raise RequestError(400, "body.parameter", "subject is missing.", hint, code="required")
    return subject, record, missing


def _subject(value: Any, where: str) -> str:
    reference = value.get("reference") if isinstance(value, dict) else None
    if not isinstance(reference, str) or not _SUBJECT.fullmatch(reference):
        text = "is not a reference to a Patient."
        raise RequestError(400, f"{where}.valueReference", text, code="value")
    return reference


def _contents(context: JsonObject, where: str, missing: list[Missing]) -> Iterator[JsonObject]:
    """The resources of one `context`; its name says nothing that its content does not.

    SDC allows a reference in the place of a resource. None is followed, and that is told.
    """
    parts = context.get("part")
    for index, part in enumerate(parts if isinstance(parts, list) else []):
        if not isinstance(part, dict) or part.get("name") != CONTENT:
            continue
        if "resource" not in part and isinstance(part.get("valueReference"), dict):
            missing.append(Missing("a resource of the context", "its reference is not followed"))
        else:
            yield _resource(part, f"{where}.part[{index}]")


def _resource(holder: JsonObject, where: str) -> JsonObject:
    resource = holder.get("resource")
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise RequestError(400, where, "has no resource.", code="required")
    return resource
