"""Whatever stands in a response or a record, what we emit is FHIR."""

from collections.abc import Callable
from types import ModuleType
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cds import wire
from cds.core.model import Assessment, Because, Evidence, Finding, Note, OpenQuestion
from cds.core.pack import Pack
from cds.errors import ResponseError
from cds.fhir.context import COLLECTION, TRANSACTION, EmissionContext
from cds.fhir.emit import emit, warnings
from cds.forms.issues import Issue
from cds.wire import JsonObject

MakeContext = Callable[..., EmissionContext]
MakeAssessment = Callable[..., Assessment]

EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</p></div><h1>",
    "&lt;b&gt;",
    "]]>",
    "<!--",
    "&#0;",
    "[click](javascript:alert(1))",
    "\x1b[31mred\x00",
    "\u202edrawkcab",
    "\ud800",
    "﷽" * 50,
    "x" * 3000,
    " ",
    "",
    "#engine",
    "Patient/1",
    "Practitioner/1",
    "urn:uuid:00000000-0000-4000-8000-000000000000",
    "%s%(x)s{0}",
    "\n\n# heading\n- list",
]
text = st.sampled_from(EVIL) | st.text(max_size=40)
anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | text,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2),
    max_leaves=4,
)
literal = st.builds(
    "{}/{}".format, st.sampled_from(["Patient", "Practitioner", "Encounter", "Foo", ""]), text
)
reference = anything | st.fixed_dictionaries(
    {},
    optional={
        "reference": literal | anything,
        "type": st.sampled_from(["Patient", "Group", "Practitioner"]) | anything,
        "identifier": anything
        | st.fixed_dictionaries(
            {}, optional={"use": anything, "system": anything, "value": anything}
        ),
        "display": anything,
        "extension": anything,
    },
)
responses = st.fixed_dictionaries(
    {},
    optional={
        "id": anything,
        "meta": anything | st.fixed_dictionaries({"versionId": anything}),
        "identifier": anything | st.fixed_dictionaries({"value": anything}),
        "status": st.sampled_from(["completed", "amended", "in-progress", "entered-in-error"])
        | anything,
        "subject": reference,
        "encounter": reference,
        "author": reference,
        "source": reference,
        "authored": st.sampled_from(["2026", "2026-11-20T10:00:00+05:30"]) | anything,
    },
)
evidences = st.builds(
    Evidence,
    record=st.sampled_from(["Observation/1", "urn:uuid:00000000-0000-4000-8000-000000000000"])
    | text,
    value=st.none() | st.decimals(allow_nan=False, allow_infinity=False) | text,
    unit=st.none() | text,
    date=st.none() | text,
    matched_by=st.none() | text,
    mark=st.none() | text,
)


@pytest.fixture(scope="module")
def sound(conformance: ModuleType) -> Callable[[JsonObject], None]:
    """Assert that a bundle conforms, and that its narrative shows text, never markup, of others."""

    def check(bundle: JsonObject) -> None:
        assert conformance.faults_of(bundle) == []
        assert wire.read(wire.write(bundle)) == bundle
        for entry in bundle["entry"]:
            div = entry["resource"]["text"]["div"]
            tags = {one.tag.rpartition("}")[2] for one in ET.fromstring(div).iter()}  # noqa: S314
            assert tags <= {"div", "p", "b", "ul", "li"}

    return check


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(response=responses, kind=st.sampled_from([COLLECTION, TRANSACTION]), other=reference)
def test_no_response_makes_an_invalid_resource(
    *,
    pack: Pack,
    make_assessment: MakeAssessment,
    make_context: MakeContext,
    sound: Callable[[JsonObject], None],
    response: JsonObject,
    kind: str,
    other: Any,
) -> None:
    context = make_context(
        response,
        fingerprint="0" * 64,
        bundle=kind,
        recipient=other,
        user=other,
        practitioners=(other,),
    )
    decision = make_assessment("S1")

    try:
        bundle = emit(decision, pack, context)
    except ResponseError:  # a subject that is none
        return

    sound(bundle)
    message = [one for one in bundle["entry"] if "payload" in one["resource"]]
    silent = context.response.get("status") == "entered-in-error"
    assert bool(message) is not silent
    named = bool(message) and "recipient" in message[0]["resource"]
    assert bool(warnings(decision, context)) is (bool(message) and not named)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(evidence=evidences, words=st.lists(text, min_size=4, max_size=4))
def test_no_record_makes_an_invalid_resource(
    *,
    pack: Pack,
    make_assessment: MakeAssessment,
    make_context: MakeContext,
    sound: Callable[[JsonObject], None],
    evidence: Evidence,
    words: list[str],
) -> None:
    fired = make_assessment("S1").findings[0]
    reasons = (Because(fact="tryptase.high", evidence=evidence), Because(words[0], words[1]))
    decision = make_assessment(
        "S1",
        findings=(Finding(fired.rule, fired.level, reasons),),
        notes=(Note("unrecognised-medicine", words[2], words[3]),),
        open=(
            OpenQuestion("no-value", ("S1",), record=words[0]),
            OpenQuestion("unknown", (), link_id=words[1]),
        ),
    )
    issue = Issue("error", "not-found", "invalidLinkId", "x", words[0], words[3])

    sound(emit(decision, pack, make_context(used=(evidence.record,), issues=(issue,))))


@pytest.mark.parametrize("name", EVIL)
def test_a_patient_s_name_is_data_and_never_markup(
    pack: Pack,
    make_assessment: MakeAssessment,
    make_context: MakeContext,
    sound: Callable[[JsonObject], None],
    name: str,
) -> None:
    subject = {"reference": "Patient/p1", "display": name}
    context = make_context({"subject": subject}, fingerprint="0" * 64)

    bundle = emit(make_assessment("S1"), pack, context)

    sound(bundle)
    assert bundle["entry"][0]["resource"]["subject"]["reference"] == "Patient/p1"
