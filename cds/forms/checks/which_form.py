"""Which form a response answers, and whether that form, its subject and its time fit."""

import re
from collections.abc import Iterator

from cds.forms.checks.context import Context, issue
from cds.forms.checks.recommended import form_state, recommended
from cds.forms.issues import Issue
from cds.forms.questionnaire import Questionnaire
from cds.forms.response.compare import ordered
from cds.forms.response.tree import ROOT
from cds.forms.support import Support, contained
from cds.forms.values import dates
from cds.wire import JsonObject

_HERE = f"{ROOT}.questionnaire"
# Canonicals of FHIR itself say their type; an address elsewhere may be anything.
_CORE = re.compile(r"http://hl7\.org/fhir/([A-Z][A-Za-z]+)/[^/|#]+")


def find_form(
    response: JsonObject, support: Support, fhir_version: str = "4.0"
) -> tuple[JsonObject | None, Issue | None]:
    """The Questionnaire that the response names, or the issue that says why it was not found."""
    canonical = response.get("questionnaire")
    if not isinstance(canonical, str) or not canonical:
        return None, issue(
            "questionnaireMissing",
            ROOT,
            "the response names no form, and none was given",
            severity="error" if fhir_version.startswith("5") else "warning",
        )
    if canonical.startswith("#"):
        form = contained(response, canonical, "Questionnaire")
        if form is None:
            return None, _not_found(
                f"the form '{canonical[:64]}' is not among the contained resources"
            )
        return form, None
    url = canonical.partition("|")[0]
    bare, history, _ = url.partition("/_history/")
    form = support.find("Questionnaire", canonical) or support.find("Questionnaire", url)
    if form is None and history:
        form = support.find("Questionnaire", bare)
    if form is not None:
        return form, None
    core = _CORE.match(url)
    other = support.types_by_url.get(url) or (core.group(1) if core else None)
    if other and other != "Questionnaire":
        return None, issue(
            "questionnaireWrongType",
            _HERE,
            f"the canonical leads to a {other}, not to a Questionnaire",
        )
    return None, _not_found(
        "the form is not among the given resources; nothing about its items was checked"
    )


def _not_found(text: str) -> Issue:
    return issue("questionnaireNotFound", _HERE, text)


def is_other_form(context: Context) -> bool:
    """Whether the response is of another form than the one given, by its canonical and its items.

    Then its items are not held against this form: one cause, one issue.
    """
    if context.tree.partial:  # after a walk, of which this form knew every linkId
        return False
    return any(issue.rule == "questionnaireMismatch" for issue in _canonical(context)) and any(
        node.fault == "invalidLinkId" for node in context.tree.nodes()
    )


def check_form(context: Context) -> Iterator[Issue]:
    """Judge the canonical, the state of the form, and who answered when."""
    if context.tree.has_plain_head:
        yield from recommended(context.response)
        return
    yield from _canonical(context)
    yield from form_state(context.questionnaire.raw)
    yield from _effective(context)
    yield from _who(context)


def _canonical(context: Context) -> Iterator[Issue]:
    canonical, form = context.response.get("questionnaire"), context.questionnaire
    if canonical is None:
        severity = "error" if context.fhir_version.startswith("5") else None
        yield issue(
            "questionnaireMissing", ROOT, "the response does not name its form", severity=severity
        )
        return
    if not isinstance(canonical, str):
        return
    if canonical.startswith("#"):
        if contained(context.response, canonical, "Questionnaire") is None:
            yield _not_found("the contained form does not exist")
        return
    url, _, version = canonical.partition("#")[0].partition("|")
    if form.url is not None and not _leads_to(url, form):
        yield issue(
            "questionnaireMismatch",
            _HERE,
            f"the response answers another form than {form.url[:200]}",
            found=canonical,
        )
    elif version and form.version is not None and version != form.version:
        yield issue(
            "questionnaireVersion",
            _HERE,
            f"the response answers version {version[:40]}, the form given is {form.version[:40]}",
        )


def _leads_to(address: str, form: Questionnaire) -> bool:
    """Whether an address is the form's canonical, or that of a version of it on its server."""
    if address == form.url:
        return True
    bare, history, _ = address.partition("/_history/")
    here = f"Questionnaire/{form.raw.get('id')}"
    # No canonical has a history: with one, this is the address of a resource, wherever it is kept.
    return bare in {here, form.url} or (bool(history) and bare.endswith(f"/{here}"))


def _effective(context: Context) -> Iterator[Issue]:
    period = context.questionnaire.raw.get("effectivePeriod")
    given = context.response.get("authored")
    if not isinstance(period, dict) or dates.parse_date_time(given) is None:
        return
    here = f"{ROOT}.authored"
    start, end = (
        dates.parse_date_time(period.get("start")),
        dates.parse_date_time(period.get("end")),
    )
    if start is not None and ordered("dateTime", given, "dateTime", period["start"]) == -1:
        yield issue(
            "questionnaireInactive",
            here,
            f"authored before the form was in force ({period['start']})",
        )
    elif end is not None and ordered("dateTime", given, "dateTime", period["end"]) == 1:
        yield issue(
            "questionnaireInactive", here, f"authored after the form was in force ({period['end']})"
        )


def _who(context: Context) -> Iterator[Issue]:
    subject, types = context.response.get("subject"), context.questionnaire.raw.get("subjectType")
    yield from recommended(context.response)
    if not isinstance(subject, dict) or not isinstance(types, list):
        return
    type_ = _type_of(subject)
    if type_ is not None and type_ not in types:
        allowed = " or ".join(str(name)[:40] for name in types[:5])
        text = f"the form is about {allowed}, the subject is a {type_[:40]}"
        yield issue("subjectType", f"{ROOT}.subject", text)


def _type_of(reference: JsonObject) -> str | None:
    type_, text = reference.get("type"), reference.get("reference")
    if isinstance(type_, str):
        return type_
    found = (
        re.search(r"(?:^|/)([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[^/]+)?\Z", text)
        if isinstance(text, str)
        else None
    )
    return found.group(1) if found else None
