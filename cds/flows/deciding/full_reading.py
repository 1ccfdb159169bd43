"""The full reading of a response: its answers, and its faults as `assess` weighs them.

The question is always what could hide an alarm: that holds the level at the pack's floor.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cds.core.model import Answers, Note
from cds.flows.deciding.engine import Engine
from cds.forms.answers import read_answers
from cds.forms.issues import BLOCKING, Issue
from cds.forms.validate import validate

Json = dict[str, Any]
# Faults that hide no alarm: the answer is read all the same, or its absence already counts as open.
_ONLY_WARNINGS = frozenset(
    {
        "required",
        "minCount",
        "order",
        "text",
        "exclusiveAnswerOption",
        "notEnabled",
        "questionnaireMissing",
    }
)
# Faults of FHIR's own rules that hide no alarm where they stand beside the answers.
_BESIDE_RULES = frozenset(
    {"narrative", "contained", "binding", "fhirInvariant", "referenceTarget", "referenceType"}
    | {"invalidRefValue", "invalidRefResourceType"}
)
_BESIDE = tuple(f"QuestionnaireResponse.{name}" for name in ("contained", "text", "extension"))
_ITEMS, _STATUS = "QuestionnaireResponse.item", "QuestionnaireResponse.status"
# Why a question is open although something sound may be there, and the issue that this is.
_FAULTY = {
    "unreadable": ("value", "the answer cannot be read"),
    "duplicate": ("repeats", "the question is answered more than once"),
}
BLOCKING_REASONS = frozenset(_FAULTY)
# FHIR: who does not understand a modifier must not act as if it were not there.
_ALWAYS_ERRORS = frozenset({"modifierExtension"})


def read_fully(
    response: Json, engine: Engine, *, assumed: bool
) -> tuple[Answers, tuple[Issue, ...]]:
    """Answers and issues of a response that is not the usual one."""
    read = read_answers(response, engine.reading, assumed=assumed)
    found = validate(response, engine.reading.questionnaire)
    weighed = (_weighed(issue, read.contradicted) for issue in found)
    # What is merely worth knowing about a response does not belong into a decision.
    told = [issue for issue in weighed if issue.severity != "information"]
    issues = (*told, *_untold(told, read.answers.open))
    text = engine.pack.wording.free_text
    notes = tuple(Note("free-text", link_id, text) for link_id in read.free_text)
    blocked = read.answers.blocked or any(issue.severity in BLOCKING for issue in issues)
    return read.answers._replace(blocked=blocked, notes=notes), issues


def _weighed(issue: Issue, contradicted: tuple[str, ...]) -> Issue:
    """The issue with the severity that it has here."""
    if issue.source != "response":
        return issue
    if issue.rule in _ALWAYS_ERRORS or (
        issue.rule == "notEnabled" and issue.link_id in contradicted
    ):
        return issue._replace(severity="error")
    if issue.severity in BLOCKING and (issue.rule in _ONLY_WARNINGS or _is_beside(issue)):
        return issue._replace(severity="warning")
    return issue


def _is_beside(issue: Issue) -> bool:
    """Whether a fault lies in what no answer depends on: who is named, what is shown, contained."""
    place = issue.expression
    if issue.rule in _BESIDE_RULES and not place.startswith((_ITEMS, _STATUS)):
        return True
    # An extension that may be ignored may be faulty; one that may not is another element.
    return ".extension[" in place or place.startswith(_BESIDE)


def _untold(told: Iterable[Issue], opened: Mapping[str, str]) -> Iterator[Issue]:
    """Faulty answers of which no check speaks: what the form did not ask is not judged there."""
    blocking = {issue.link_id for issue in told if issue.severity in BLOCKING}
    for link_id, why in opened.items():
        if why in _FAULTY and link_id not in blocking:
            rule, text = _FAULTY[why]
            yield Issue(
                severity="error",
                code="structure",
                rule=rule,
                expression=f"QuestionnaireResponse.repeat(item).where(linkId = '{link_id}')",
                link_id=link_id,
                text=text,
            )
