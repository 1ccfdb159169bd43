"""Attachments, references and urls that are what the form asks for."""

import pytest

from tests.forms.rule_kit import (
    ANSWER,
    ATTACHED,
    CORE,
    Case,
    a,
    form,
    is_kept_or_broken,
    q,
    response,
    x,
)

CASES = [
    Case(
        "invalidAttachmentType",
        form(q("attachment", extension=[x(CORE + "mimeType", valueCode="image/*")])),
        response(a({"valueAttachment": ATTACHED})),
        response(a({"valueAttachment": {"contentType": "text/plain"}})),
        f"{ANSWER}(Attachment)",
    ),
    Case(
        "maxAttachmentSize",
        form(q("attachment", extension=[x(CORE + "maxSize", valueDecimal=3)])),
        response(a({"valueAttachment": ATTACHED})),
        response(a({"valueAttachment": {**ATTACHED, "data": "YWJjZA=="}})),
        f"{ANSWER}(Attachment)",
    ),
    Case(
        "attachmentSizeInconsistent",
        form(q("attachment")),
        response(a({"valueAttachment": {**ATTACHED, "size": 3}})),
        response(a({"valueAttachment": {**ATTACHED, "size": 4}})),
        f"{ANSWER}(Attachment)",
    ),
    Case(
        "invalidRefValue",
        form(q("reference")),
        response(a({"valueReference": {"reference": "https://x.org/fhir/Patient/1"}})),
        response(a({"valueReference": {"reference": "no reference"}})),
        f"{ANSWER}(Reference)",
    ),
    Case(
        "invalidRefValue",
        form(q("reference")),
        response(
            a({"valueReference": {"reference": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}})
        ),
        response(a({"valueReference": {"reference": "#nowhere"}})),
        f"{ANSWER}(Reference)",
    ),
    Case(
        "invalidRefResourceType",
        form(q("reference")),
        response(a({"valueReference": {"reference": "Patient/1"}})),
        response(a({"valueReference": {"reference": "Chicken/1"}})),
        f"{ANSWER}(Reference)",
    ),
    Case(
        "invalidRefResourceTypeRestriction",
        form(
            q(
                "reference",
                extension=[x(CORE + "questionnaire-referenceResource", valueCode="Patient")],
            )
        ),
        response(a({"valueReference": {"reference": "Patient/1"}})),
        response(a({"valueReference": {"reference": "Group/1"}})),
        f"{ANSWER}(Reference)",
    ),
    Case(
        "invalidUrlValue",
        form(q("url")),
        response(a({"valueUri": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"})),
        response(a({"valueUri": "urn:uuid:c757873d"})),
        f"{ANSWER}(uri)",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.at}")
def test_a_rule_is_kept_or_broken(case: Case) -> None:
    is_kept_or_broken(case)
