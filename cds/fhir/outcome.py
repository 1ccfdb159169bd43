"""Issues and errors → OperationOutcome: the place, the rule and what to do.

Never a value unless asked.
"""

from collections.abc import Iterable

from cds.errors import CdsError, Unreadable
from cds.forms.checks.rules import RULES, SHARED
from cds.forms.issues import Issue
from cds.wire import JsonObject

CANONICAL_BASE = "https://cramp-cds.example/fhir"
SHARED_SYSTEM = "http://fhir.forms-lab.com/CodeSystem/errors"
LINE = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line"
COLUMN = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col"


def outcome_of(
    issues: Iterable[Issue],
    *,
    base: str = CANONICAL_BASE,
    show_values: bool = False,
    titled: bool = False,
) -> JsonObject:
    """The OperationOutcome of a validation; `titled` adds the title of the rule to its code.

    Without issues it says that all is well, so that silence has no meaning.
    """
    listed = [_issue(issue, base, show_values=show_values, titled=titled) for issue in issues]
    return {"resourceType": "OperationOutcome", "issue": listed or [_all_ok(base)]}


def outcome_of_error(
    error: CdsError, *, base: str = CANONICAL_BASE, code: str = "structure"
) -> JsonObject:
    """The OperationOutcome of input that cannot be read."""
    issue: JsonObject = {
        "severity": "fatal",
        "code": code,
        "details": {
            "coding": [_coding(base, "unreadable")],
            "text": f"{error.problem} {error.hint}".strip(),
        },
        "diagnostics": error.where,
    }
    if isinstance(error, Unreadable) and error.line is not None:
        issue = {"extension": _position(error.line, error.column), **issue}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _issue(issue: Issue, base: str, *, show_values: bool, titled: bool) -> JsonObject:
    coding = [_coding(base, issue.rule)]
    if titled and issue.rule in RULES:
        coding[0]["display"] = RULES[issue.rule].title
    if issue.rule in SHARED:
        coding.append({"system": SHARED_SYSTEM, "code": issue.rule})
    if issue.constraint is not None and all(issue.constraint):
        coding.append({"system": issue.constraint[0], "code": issue.constraint[1]})
    made: JsonObject = {}
    if issue.line is not None:
        made["extension"] = _position(issue.line, issue.column)
    made |= {
        "severity": issue.severity,
        "code": issue.code,
        "details": {"coding": coding, "text": issue_text(issue, show_values=show_values)},
    }
    if issue.diagnostics:
        made["diagnostics"] = issue.diagnostics
    if issue.expression:
        made["expression"] = [issue.expression]
    if issue.link_id is not None:
        # Deprecated in R4, and yet where a reader looks for the question's own name.
        made["location"] = [f"linkId='{issue.link_id}'"]
    return made


def issue_text(issue: Issue, *, show_values: bool = False) -> str:
    """The issue in words; with what was found only if that was asked for."""
    found = f" (found: {issue.found})" if show_values and issue.found is not None else ""
    return issue.text + found


def _all_ok(base: str) -> JsonObject:
    return {
        "severity": "information",
        "code": "informational",
        "details": {"coding": [_coding(base, "ok")], "text": "All OK"},
    }


def _coding(base: str, code: str) -> JsonObject:
    return {"system": f"{base}/CodeSystem/response-issue", "code": code}


def _position(line: int, column: int | None) -> list[JsonObject]:
    return [
        {"url": LINE, "valueInteger": line},
        {"url": COLUMN, "valueInteger": column or 1},
    ]
