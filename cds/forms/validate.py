"""Validate a QuestionnaireResponse against its Questionnaire.

All issues at once, never an exception.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from cds.forms.form.assembly import assembled
from cds.forms.issues import Issue
from cds.forms.questionnaire import Questionnaire, compile_questionnaire
from cds.forms.reader.reader import reader_of
from cds.forms.reader.walk import Walk
from cds.forms.response.canonical import proven, read_with_canonical
from cds.forms.support import Support
from cds.wire import JsonObject

if TYPE_CHECKING:
    from cds.forms.response.enablement import Enablement

# What other programs may rely on: docs/validate-library.md.
__all__ = [
    "Issue",
    "Questionnaire",
    "Support",
    "compile_questionnaire",
    "issues_of_form",
    "validate",
    "validate_json",
]


_RECOMMENDED = frozenset(("subject", "authored", "author"))
NOT_A_RESPONSE = Issue(
    "fatal",
    "structure",
    "structure",
    "QuestionnaireResponse",
    None,
    "this is not a QuestionnaireResponse",
    help="Give a QuestionnaireResponse.",
)


def validate(
    response: JsonObject,
    questionnaire: JsonObject | Questionnaire | None = None,
    *,
    support: Support | None = None,
    fhir_version: str = "4.0",
) -> list[Issue]:
    """Every issue of a response, in the order of the checks.

    An empty list means: checked, and all is well.

    `response` and `questionnaire` are FHIR JSON as Python objects; a Questionnaire used more than
    once should be handed in compiled (`compile_questionnaire`). Without one, the form is looked for
    among the contained resources and in `support`.
    """
    support = support or Support()
    if not isinstance(response, dict) or response.get("resourceType") != "QuestionnaireResponse":
        return [NOT_A_RESPONSE]
    if questionnaire is None:
        from cds.forms.checks.checks import find_form, issues_without_form  # noqa: PLC0415 - as below

        questionnaire, missing = find_form(response, support, fhir_version)
        if questionnaire is None:
            return issues_without_form(response, missing, support, fhir_version)
    if not isinstance(questionnaire, Questionnaire):
        questionnaire = compile_questionnaire(assembled(questionnaire, support))
    walk = reader_of(questionnaire).walk(response)
    return issues_after(walk, response, questionnaire, support, fhir_version)


def validate_json(
    data: bytes,
    questionnaire: Questionnaire,
    *,
    support: Support | None = None,
    fhir_version: str = "4.0",
) -> list[Issue]:
    """Every issue of the response in these bytes, in less time than to read it and `validate` it.

    Raises:
        Unreadable: not strict JSON, or beyond the limits of what is read.
    """
    parsed = read_with_canonical(data, where="input")
    response = parsed.value
    if isinstance(response, dict) and response.get("resourceType") == "QuestionnaireResponse":
        walk = reader_of(questionnaire).walk(response)
        # As `assess` does: what nests little needs no other look at its bytes.
        if walk is not None and walk.nests_little():
            return issues_after(walk, response, questionnaire, support or Support(), fhir_version)
    whole = proven(parsed, "input").value
    return validate(whole, questionnaire, support=support, fhir_version=fhir_version)


def issues_of_form(
    questionnaire: object, support: Support | None = None, fhir_version: str = "4.0"
) -> list[Issue]:
    """Every fault of a Questionnaire that can be seen without a response."""
    from cds.forms.checks.form_alone import form_issues as judged  # noqa: PLC0415 - for authors

    return judged(questionnaire, support, fhir_version)


def issues_after(
    walk: Walk | None,
    response: JsonObject,
    questionnaire: Questionnaire,
    support: Support,
    fhir_version: str = "4.0",
    *,
    known: "Enablement | None" = None,
) -> list[Issue]:
    """Every issue of a response that was walked; `known`: the tree of one that could not be."""
    found: list[Issue] = []
    if walk is None or not walk.plain:
        found = _checks()(response, questionnaire, support, fhir_version, walk, known=known)
    elif not _RECOMMENDED.issubset(response):
        from cds.forms.checks.recommended import recommended  # noqa: PLC0415 - as above

        found = list(recommended(response))
    if walk is not None and walk.is_answered:
        return found
    if any(one.severity in {"error", "fatal"} for one in found):
        return found  # one cause, one issue
    from cds.forms.checks.recommended import unanswered  # noqa: PLC0415 - as above

    return [*found, *unanswered(response, questionnaire)]


@cache
def _checks() -> Callable[..., list[Issue]]:
    """What runs the checks; cached: the import statement costs a microsecond a call."""
    # Loaded where something is not plain: most responses never pay for it.
    from cds.forms.checks.checks import all_issues  # noqa: PLC0415

    return all_issues
