"""The rules that FHIR itself sets for every resource, whatever the form asks."""

from collections.abc import Mapping

from cds.forms.checks.rule import IssueRule

RULES_OF_FHIR: Mapping[str, IssueRule] = {
    "structure": IssueRule(
        "error", "structure", "Not valid FHIR structure", "See the definition of the resource."
    ),
    "value": IssueRule("error", "value", "Value does not match its type", "See the FHIR datatype."),
    "blank": IssueRule("warning", "value", "Only blanks", "Write something, or leave it out."),
    "controls": IssueRule(
        "error",
        "value",
        "Control characters in a text",
        "Leave out all characters below U+0020 but tab and line breaks.",
    ),
    "binding": IssueRule(
        "error",
        "code-invalid",
        "Code not allowed here",
        "Use a code of the value set.",
    ),
    "fhirInvariant": IssueRule(
        "error", "invariant", "FHIR invariant does not hold", "See the FHIR datatype."
    ),
    "narrative": IssueRule(
        "error",
        "invariant",
        "Not a valid narrative",
        "Use a div of plain XHTML with content.",
    ),
    "contained": IssueRule(
        "error", "structure", "Not a valid contained resource", "Give each an id of its own."
    ),
    "referenceType": IssueRule(
        "error", "value", "Type differs from the reference", "Make type that of the reference."
    ),
    "referenceTarget": IssueRule(
        "error",
        "structure",
        "Reference to a type not allowed here",
        "Refer to a resource of a type that FHIR allows here.",
    ),
    "codeSystem": IssueRule(
        "warning", "code-invalid", "Not a code system", "Name the system that defines the code."
    ),
    "unknownCode": IssueRule(
        "error", "code-invalid", "Code not in its system", "Use a code of the system."
    ),
    "unitCode": IssueRule(
        "warning",
        "code-invalid",
        "Not a UCUM code",
        "Write the unit as UCUM has it, such as mg/dL.",
    ),
}
