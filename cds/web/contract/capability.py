"""The CapabilityStatement: what the FHIR side of the service can do, and nothing that it cannot."""

from datetime import datetime

from cds.core.pack import Pack
from cds.fhir.primitives import instant
from cds.version import VERSION
from cds.web.contract.published import ASSESS, PUBLISHED_TYPES, Published
from cds.wire import JsonObject

# $validate is FHIR's own operation, $populate is SDC's, $assess is ours.
VALIDATE = "http://hl7.org/fhir/OperationDefinition/Resource-validate"
POPULATE = "http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-populate"
_READ = ({"code": "read"}, {"code": "search-type"})
_PARAMETERS = (
    {"name": "url", "type": "uri", "documentation": "The canonical, with or without |version."},
    {"name": "version", "type": "token", "documentation": "The business version."},
    {"name": "_id", "type": "token", "documentation": "The id."},
)


def capability(packs: list[Pack], published: Published, started: datetime) -> JsonObject:
    """The statement of this instance, as of its start."""
    base = packs[0].identity.base if packs else published.public_url
    resources: list[JsonObject] = [
        {"type": kind, "interaction": list(_READ), "searchParam": list(_PARAMETERS)}
        for kind in PUBLISHED_TYPES
        if kind in published.by_url
    ]
    for one in resources:
        if one["type"] == "Questionnaire":
            one["operation"] = [{"name": "populate", "definition": POPULATE}]
    operations = [
        {"name": "validate", "definition": VALIDATE},
        {"name": ASSESS, "definition": f"{base}/OperationDefinition/{ASSESS}"},
    ]
    resources.append({"type": "QuestionnaireResponse", "operation": operations})
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": instant(started),
        "kind": "instance",
        "software": {"name": "cramp-cds", "version": VERSION},
        "implementation": {
            "description": "Questionnaires, their knowledge, and operations on their responses",
            "url": f"{published.public_url}/fhir",
        },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": (
                    "Knowledge is read without a token; operations need one. No patient data is"
                    " kept here."
                ),
                "security": {
                    "description": (
                        "A JWT signed by a registered client, as in CDS Hooks; aud is the address"
                        " called."
                    )
                },
                "resource": resources,
            }
        ],
    }
