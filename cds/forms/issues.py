"""One issue of a response (or of a form) against the rules of FHIR questionnaires."""

from typing import NamedTuple

from cds.core.fields import of_fields

# Severities that could hide an alarm.
BLOCKING = frozenset({"error", "fatal"})


class Issue(NamedTuple):
    """What is wrong, where, and what to do. `text` holds no answer value; `found` is kept apart.

    `severity`: fatal, error, warning, information. `code`: FHIR issue-type. `rule`: id of the
    shared cross-vendor vocabulary. `expression`: FHIRPath that evaluates on the input. `line` and
    `column` count from 1. `source`: response, or questionnaire for a fault of the form itself.
    """

    severity: str
    code: str
    rule: str
    expression: str
    link_id: str | None
    text: str
    found: str | None = None
    diagnostics: str | None = None
    line: int | None = None
    column: int | None = None
    help: str | None = None
    source: str = "response"
    constraint: tuple[str, str] | None = None  # (Questionnaire.url, key) of a failed constraint


def with_severity(issue: Issue, severity: str) -> Issue:
    """The issue with another severity; `_replace` takes three times as long."""
    return of_fields(Issue, (severity, *issue[1:]))
