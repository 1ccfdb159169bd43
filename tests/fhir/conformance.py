"""Is an emitted Bundle FHIR R4? An independent check that needs nothing outside this repository.

`fhir.resources` sees structure and cardinality. It accepts unknown codes in required bindings,
breaks of invariants, wrong reference targets and dangling references: those are checked here, for
the resources that we emit.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from xml.etree import ElementTree as ET

from fhir.resources.R4B.bundle import Bundle
from pydantic import ValidationError

Json = dict[str, Any]
Fault = tuple[str, str]  # rule, place

# fmt: off
OBSERVATION_STATUS = frozenset(
    ["registered", "preliminary", "final", "amended", "corrected", "cancelled",
     "entered-in-error", "unknown"]
)
REQUEST_STATUS = frozenset(
    ["draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"]
)
BUNDLE_TYPE = frozenset(
    ["document", "message", "transaction", "transaction-response", "batch", "batch-response",
     "history", "searchset", "collection"]
)
DEVICE_NAME_TYPE = frozenset(
    ["udi-label-name", "user-friendly-name", "patient-reported-name", "manufacturer-name",
     "model-name", "other"]
)
# fmt: on
BINDINGS: dict[str, frozenset[str]] = {
    "Bundle.type": BUNDLE_TYPE,
    "Bundle.entry.request.method": frozenset(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]),
    "RiskAssessment.status": OBSERVATION_STATUS,
    "CommunicationRequest.status": REQUEST_STATUS,
    "CommunicationRequest.priority": frozenset(["routine", "urgent", "asap", "stat"]),
    "Provenance.entity.role": frozenset(
        ["derivation", "revision", "quotation", "source", "removal"]
    ),
    "Device.deviceName.type": DEVICE_NAME_TYPE,
    "text.status": frozenset(["generated", "extensions", "additional", "empty"]),
    "identifier.use": frozenset(["usual", "official", "temp", "secondary", "old"]),
}
PEOPLE = {"Practitioner", "PractitionerRole", "RelatedPerson", "Patient", "Device", "Organization"}
TARGETS: dict[str, set[str]] = {
    "RiskAssessment.subject": {"Patient", "Group"},
    "RiskAssessment.encounter": {"Encounter"},
    "RiskAssessment.performer": {"Practitioner", "PractitionerRole", "Device"},
    "CommunicationRequest.subject": {"Patient", "Group"},
    "CommunicationRequest.encounter": {"Encounter"},
    "CommunicationRequest.requester": PEOPLE,
    "CommunicationRequest.sender": PEOPLE | {"HealthcareService"},
    "CommunicationRequest.recipient": PEOPLE | {"Group", "CareTeam", "HealthcareService"},
    "CommunicationRequest.reasonReference": {
        "Condition",
        "Observation",
        "DiagnosticReport",
        "DocumentReference",
    },
    "Provenance.agent.who": PEOPLE,
}
DISPLAYS = {
    ("http://terminology.hl7.org/CodeSystem/communication-category", "alert"): "Alert",
    (
        "http://terminology.hl7.org/CodeSystem/communication-category",
        "notification",
    ): "Notification",
    ("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "author"): "Author",
    ("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "informant"): "Informant",
}
LITERAL = re.compile(
    r"(?:https?://\S+/)?([A-Z][A-Za-z]+)/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]{1,64})?"
)
DATE_TIME = re.compile(
    r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-](0\d|1[0-4]):\d\d))?)?)?", re.ASCII
)
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", re.ASCII)
XHTML = "{http://www.w3.org/1999/xhtml}"
TAGS = {f"{XHTML}{tag}" for tag in ("div", "p", "b", "ul", "li")}
MAX_MESSAGE = 280


def faults_of(bundle: Json) -> list[Fault]:
    """Every fault that is found; an empty list is no proof of conformance, but the best we have."""
    return [*_structure(bundle), *(fault for check in CHECKS for fault in check(bundle))]


def _structure(bundle: Json) -> Iterator[Fault]:
    try:
        Bundle.model_validate(bundle)
    except ValidationError as error:
        for one in error.errors():
            yield "structure", ".".join(str(part) for part in one["loc"])


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its path, which names the resource type and leaves indexes out."""
    if isinstance(value, dict):
        kind = value.get("resourceType")
        path = kind if isinstance(kind, str) else path
        yield path, value
        for key, member in value.items():
            yield from walk(member, f"{path}.{key}")
    elif isinstance(value, list):
        if not value:
            yield path, value
        for member in value:
            yield from walk(member, path)
    else:
        yield path, value


def _elements(bundle: Json) -> Iterator[Fault]:
    """ele-1: nothing is empty. Strings hold no character that FHIR or XML has no form for."""
    for path, value in walk(bundle):
        if value is None or value in ({}, []):
            yield "ele-1", path
        if isinstance(value, str):
            if not value.strip() or value != value.strip():
                yield "string", path
            if any(ord(char) < 32 and char not in "\t\r\n" for char in value):
                yield "string", path


def _bindings(bundle: Json) -> Iterator[Fault]:
    for path, value in walk(bundle):
        for name, codes in BINDINGS.items():
            if (path == name or path.endswith(f".{name}")) and value not in codes:
                yield "binding", path


def _codings(bundle: Json) -> Iterator[Fault]:
    for path, value in walk(bundle):
        if isinstance(value, dict) and {"system", "code"} <= value.keys():
            if not re.match(r"[a-z][a-z0-9+.-]*:", value["system"]):
                yield "coding-system", path
            if not re.fullmatch(r"\S+( \S+)*", value["code"]):
                yield "code", path
            expected = DISPLAYS.get((value["system"], value["code"]))
            if expected is not None and value.get("display") != expected:
                yield "display", path


def _references(bundle: Json) -> Iterator[Fault]:
    known = {entry.get("fullUrl"): entry.get("resource", {}) for entry in bundle.get("entry", ())}
    for entry in bundle.get("entry", ()):
        resource = entry.get("resource", {})
        inside = {f"#{one.get('id')}": one for one in resource.get("contained", ())}
        used = set()
        for path, value in walk(resource):
            if not isinstance(value, dict) or not isinstance(value.get("reference"), str):
                continue
            literal = value["reference"]
            used.add(literal)
            found = LITERAL.fullmatch(literal)
            target = inside.get(literal) or known.get(literal)
            kind = found[1] if found else (target or {}).get("resourceType")
            if kind is None:
                yield ("dangling" if literal[:1] in "#u" else "reference"), path
            elif path in TARGETS and kind not in TARGETS[path]:
                yield "target", path
            if kind and value.get("type", kind) != kind:
                yield "reference-type", path
        for name in inside.keys() - used:
            yield "dom-3", f"{resource.get('resourceType')}.contained {name}"


def _logical_targets(bundle: Json) -> Iterator[Fault]:
    for path, value in walk(bundle):
        if path in TARGETS and isinstance(value, dict):
            if value.get("type") and value["type"] not in TARGETS[path]:
                yield "target", path
            if not value.keys() & {"reference", "identifier", "display"}:
                yield "reference", path


def _times(bundle: Json) -> Iterator[Fault]:
    for path, value in walk(bundle):
        name = path.rsplit(".", 1)[-1]
        if name in {"occurrenceDateTime", "authoredOn", "time", "start", "end"}:
            if not isinstance(value, str) or not DATE_TIME.fullmatch(value) or not _exists(value):
                yield "dateTime", path
        elif name in {"recorded", "timestamp"} and not (
            isinstance(value, str) and INSTANT.fullmatch(value) and _exists(value)
        ):
            yield "instant", path


def _exists(value: str) -> bool:
    try:
        if "T" in value:
            datetime.fromisoformat(value)
        else:
            date.fromisoformat((value + "-01-01")[:10])
    except ValueError:
        return False
    return True


def _narratives(bundle: Json) -> Iterator[Fault]:
    for path, value in walk(bundle):
        if not path.endswith("text.div"):
            continue
        try:
            root = ET.fromstring(value)  # noqa: S314 - our own text; a bad one is the finding
        except ET.ParseError:
            yield "xhtml", path
            continue
        if root.tag != f"{XHTML}div" or any(one.tag not in TAGS for one in root.iter()):
            yield "xhtml", path
        if any(one.attrib for one in root.iter()) or not "".join(root.itertext()).strip():
            yield "xhtml", path


def _invariants(bundle: Json) -> Iterator[Fault]:
    for path, value in walk(bundle):
        if not isinstance(value, dict):
            continue
        if path.endswith(".extension") and ("extension" in value) == any(
            key.startswith("value") for key in value
        ):
            yield "ext-1", path
        if any(one.keys() & {"contained", "meta"} for one in value.get("contained", ())):
            yield "dom-2", path
        if path.endswith(".payload") and sum(key.startswith("content") for key in value) != 1:
            yield "payload", path
        if path.endswith(".prediction"):
            yield from _probability(value, path)
        if "resourceType" in value and not re.fullmatch(
            r"[A-Za-z0-9.-]{1,64}", str(value.get("id", "x"))
        ):
            yield "id", path


def _probability(prediction: Json, path: str) -> Iterator[Fault]:
    """Ras-2 wants a probability to be there; ours, not FHIR's: it must not be a number."""
    found = [prediction[key] for key in prediction if key.startswith("probability")]
    if not found:
        yield "ras-2", path
    if any(not isinstance(one, dict) or one.keys() != {"extension"} for one in found):
        yield "no-probability", path


def _messages(bundle: Json) -> Iterator[Fault]:
    """Ours, not FHIR's: a message is short enough to be read."""
    for path, value in walk(bundle):
        if path.endswith("contentString") and len(value) > MAX_MESSAGE:
            yield "message-length", path


def _entries(bundle: Json) -> Iterator[Fault]:
    entries = bundle.get("entry", [])
    urls = [entry.get("fullUrl") for entry in entries]
    if len(set(urls)) != len(urls):
        yield "bdl-7", "Bundle.entry"
    transaction = bundle.get("type") == "transaction"
    for entry in entries:
        request, resource = entry.get("request"), entry.get("resource", {})
        if transaction != (request is not None):
            yield "bdl-3", "Bundle.entry"
        if entry.get("fullUrl") != f"urn:uuid:{resource.get('id')}":
            yield "fullUrl", "Bundle.entry"
        if request is not None:
            yield from _request(request, resource)


def _request(request: Json, resource: Json) -> Iterator[Fault]:
    if request.get("method") != "POST" or request.get("url") != resource.get("resourceType"):
        yield "request", "Bundle.entry"
    for one in resource.get("identifier", ()):
        if request.get("ifNoneExist") != f"identifier={one['system']}|{one['value']}":
            yield "ifNoneExist", "Bundle.entry"


CHECKS: tuple[Callable[[Json], Iterator[Fault]], ...] = (
    _elements,
    _bindings,
    _codings,
    _references,
    _logical_targets,
    _times,
    _narratives,
    _invariants,
    _messages,
    _entries,
)
