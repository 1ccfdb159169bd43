import copy
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cds.core.model import Assessment
from cds.core.pack import Pack
from cds.fhir.context import TRANSACTION, EmissionContext
from cds.fhir.emit import emit
from cds.wire import JsonObject

GONE = object()
FAULTS: list[tuple[str, str, Any, str]] = [
    ("structure", "entry/0/resource/subject", GONE, "subject missing"),
    ("structure", "entry/0/resource/prediction/0/likely", "yes", "unknown element"),
    ("structure", "entry/1/resource/intent", "proposal", "an element of R5"),
    ("structure", "entry/0/resource/mitigation", ["a"], "array for a single value"),
    ("binding", "entry/0/resource/status", "bogus", "RiskAssessment.status"),
    ("binding", "entry/1/resource/status", "final", "CommunicationRequest.status"),
    ("binding", "entry/1/resource/priority", "whenever", "CommunicationRequest.priority"),
    ("binding", "entry/2/resource/entity/0/role", "input", "Provenance.entity.role"),
    ("binding", "type", "list", "Bundle.type"),
    ("binding", "entry/0/request/method", "ADD", "request.method"),
    ("binding", "entry/0/resource/text/status", "auto", "text.status"),
    ("target", "entry/0/resource/subject", {"reference": "Organization/1"}, "subject"),
    (
        "target",
        "entry/1/resource/reasonReference",
        [{"reference": "QuestionnaireResponse/1"}],
        "reasonReference",
    ),
    ("target", "entry/0/resource/encounter", {"type": "Patient", "display": "x"}, "logical"),
    ("reference", "entry/0/resource/basis/0", {"reference": "no reference"}, "malformed"),
    ("reference", "entry/0/resource/subject", {"type": "Patient"}, "names nothing"),
    (
        "reference-type",
        "entry/0/resource/subject",
        {"reference": "Patient/1", "type": "Group"},
        "type and reference differ",
    ),
    ("dangling", "entry/0/resource/performer", {"reference": "#nobody"}, "not contained"),
    (
        "dangling",
        "entry/1/resource/about/0",
        {"reference": "urn:uuid:00000000-0000-5000-8000-000000000000"},
        "not in the Bundle",
    ),
    ("dom-3", "entry/0/resource/contained/0/id", "unused", "contained, not referenced"),
    ("dom-2", "entry/0/resource/contained/0/meta", {"versionId": "1"}, "contained with meta"),
    ("dateTime", "entry/0/resource/occurrenceDateTime", "2026-02-30", "no such day"),
    ("dateTime", "entry/0/resource/occurrenceDateTime", "2026-11-20T10:00:00", "no time zone"),
    ("instant", "entry/2/resource/recorded", "2026-11-20", "date for an instant"),
    ("xhtml", "entry/0/resource/text/div", "<div>x</div>", "no namespace"),
    (
        "xhtml",
        "entry/0/resource/text/div",
        '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</div>',
        "not well-formed",
    ),
    (
        "xhtml",
        "entry/0/resource/text/div",
        '<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>',
        "script",
    ),
    (
        "xhtml",
        "entry/0/resource/text/div",
        '<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="x">x</p></div>',
        "attribute",
    ),
    ("ele-1", "entry/0/resource/note", [], "empty array"),
    ("ele-1", "entry/0/resource/encounter", {}, "empty object"),
    ("string", "entry/0/resource/mitigation", " ", "blank string"),
    ("string", "entry/0/resource/mitigation", "a\x07b", "control character"),
    ("coding-system", "entry/0/resource/code/coding/0/system", "codes", "relative system"),
    ("code", "entry/0/resource/code/coding/0/code", "a  b", "two spaces in a code"),
    ("display", "entry/1/resource/category/0/coding/0/display", "Alarm", "HL7's display"),
    ("ext-1", "entry/0/resource/extension/0/valueCoding", GONE, "extension without value"),
    ("payload", "entry/1/resource/payload/0/contentReference", {"display": "x"}, "two contents"),
    ("no-probability", "entry/0/resource/prediction/0/probabilityDecimal", 1, "a probability"),
    (
        "no-probability",
        "entry/0/resource/prediction/0/probabilityRange",
        {"low": {"value": 1}},
        "a range of probability",
    ),
    ("ras-2", "entry/0/resource/prediction/0/probabilityRange", GONE, "nothing said of it"),
    ("id", "entry/0/resource/id", "a_b", "id with underscore"),
    ("message-length", "entry/1/resource/payload/0/contentString", "x" * 281, "long message"),
    ("bdl-7", "entry/1/fullUrl", "urn:uuid:same", "two entries of one name"),
    ("bdl-3", "entry/1/request", GONE, "transaction entry without request"),
    ("fullUrl", "entry/1/fullUrl", "urn:uuid:other", "fullUrl is not the id"),
    ("request", "entry/1/request/url", "Patient", "POST to another type"),
    ("ifNoneExist", "entry/1/request/ifNoneExist", "identifier=x|y", "another identifier"),
]


def plant(bundle: JsonObject, path: str, value: Any) -> JsonObject:
    """A copy with one fault."""
    bundle = copy.deepcopy(bundle)
    *way, last = path.split("/")
    node: Any = bundle
    for step in way:
        node = node[int(step)] if isinstance(node, list) else node[step]
    if value is GONE:
        del node[last]
    elif isinstance(node, list):
        node[int(last)] = value
    else:
        node[last] = value
    return bundle


@pytest.fixture
def sound(
    pack: Pack,
    make_assessment: Callable[..., Assessment],
    make_context: Callable[..., EmissionContext],
) -> JsonObject:
    return emit(make_assessment("S1", "S2"), pack, make_context(bundle=TRANSACTION))


@pytest.mark.parametrize("fault", FAULTS, ids=[one[3] for one in FAULTS])
def test_every_planted_fault_is_seen(
    conformance: ModuleType, sound: JsonObject, fault: tuple[str, str, Any, str]
) -> None:
    rule, path, value, what = fault
    if rule == "bdl-7":
        value = sound["entry"][0]["fullUrl"]
    bad = plant(sound, path, value)

    found = {one[0] for one in conformance.faults_of(bad)}

    assert rule in found, what


def test_a_sound_bundle_has_no_fault(conformance: ModuleType, sound: JsonObject) -> None:
    assert conformance.faults_of(sound) == []


def test_every_rule_of_the_check_has_a_planted_fault(conformance: ModuleType) -> None:
    source = Path(conformance.__file__ or "").read_text("utf-8")
    rules = set(re.findall(r'yield \(?"([a-zA-Z0-9-]+)"', source))

    assert rules <= {fault[0] for fault in FAULTS}
