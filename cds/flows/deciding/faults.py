"""The faults of a response as `assess` weighs them.

The question is always what could hide an alarm: that holds the level at the pack's floor.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from cds.core.fields import of_fields
from cds.core.model import Answers
from cds.flows.deciding.engine import Engine
from cds.forms.given import FAULTY, Read
from cds.forms.issues import BLOCKING, Issue, with_severity
from cds.forms.reader.walk import Walk
from cds.forms.support import Support
from cds.forms.validate import issues_after
from cds.wire import JsonObject

# Faults that hide no alarm: the answer is read all the same, or its absence already counts as open.
_ONLY_WARNINGS: Final = frozenset(
    {
        "required",
        "minCount",
        "order",
        "text",
        "exclusiveAnswerOption",
        "notEnabled",
        "controls",
        "questionnaireMissing",
    }
)
# Faults of FHIR's own rules that hide no alarm where they stand beside the answers.
_BESIDE_RULES: Final = frozenset(
    {"narrative", "contained", "binding", "fhirInvariant", "referenceTarget", "referenceType"}
    | {"invalidRefValue", "invalidRefResourceType"}
)
_BESIDE: Final = tuple(
    f"QuestionnaireResponse.{name}" for name in ("contained", "text", "extension", "meta")
)
_ITEMS, _STATUS = "QuestionnaireResponse.item", "QuestionnaireResponse.status"
_IN_ANSWER: Final = re.compile(r"\.answer\[\d+\]$")
# What the pack says that it takes: an answer counts from where an earlier version had its question.
_UNTOLD: Final = frozenset({"earlierPlace"})
# FHIR: who does not understand a modifier must not act as if it were not there.
_ALWAYS_ERRORS: Final = frozenset({"modifierExtension"})


def weighed(
    walk: Walk | None, read: Read, response: JsonObject, engine: Engine
) -> tuple[Answers, tuple[Issue, ...]]:
    """The answers that were read, held back where a fault could hide an alarm, and the faults."""
    form = engine.reading.questionnaire
    found = issues_after(walk, response, form, Support(), known=read.enablement)
    denied = {
        one.link_id
        for link_id in read.contradicted
        for item in (form.by_link_id[link_id],)
        for one in (item, *item.ancestors)
    }
    judged = (_as_here(issue, denied) for issue in found)
    # What is merely worth knowing about a response does not belong into a decision.
    told = [one for one in judged if one.severity != "information" and one.rule not in _UNTOLD]
    issues = (*told, *_untold(told, read.answers.open))
    asked, codes, opened, excused, hidden, blocked, short, notes = read.answers
    blocked = blocked or any(issue.severity in BLOCKING for issue in issues)
    whole = (asked, codes, opened, excused, hidden, blocked, short, notes)
    return of_fields(Answers, whole), issues


def _as_here(issue: Issue, denied: Collection[str]) -> Issue:
    """The issue with the severity that it has here.

    `denied`: the questions that another answer denies, and the groups that they stand in.
    """
    if issue.source != "response":
        return issue
    if issue.rule in _ALWAYS_ERRORS or (issue.rule == "notEnabled" and issue.link_id in denied):
        return with_severity(issue, "error")
    warns = issue.rule in _ONLY_WARNINGS and issue.severity != "warning"
    if warns or (issue.severity in BLOCKING and (_is_beside(issue) or _is_unanswered(issue))):
        return with_severity(issue, "warning")
    return issue


def _is_unanswered(issue: Issue) -> bool:
    """Whether it is an empty array of answers or items: no answer is there that could be hidden.

    An empty answer *in* an array may have been one; what it was cannot be told.
    """
    return issue.rule == "emptyAnswer" and _IN_ANSWER.search(issue.expression) is None


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
        if why in FAULTY and link_id not in blocking:
            rule, text = FAULTY[why]
            yield Issue(
                severity="error",
                code="structure",
                rule=rule,
                expression=f"QuestionnaireResponse.repeat(item).where(linkId = '{link_id}')",
                link_id=link_id,
                text=text,
            )
