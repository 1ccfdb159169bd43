"""What the reader must be told beside the findings: open, deviating, not assessed."""

from cds.core.model import Assessment, Note
from cds.core.pack import Pack
from cds.fhir.context import Context
from cds.fhir.prepared import Prepared
from cds.fhir.primitives import markdown
from cds.wire import JsonObject

STATUS = "status"
SHORT_FORM = "short-form"
WOULD_HAVE_FIRED = "would-have-fired"
ENTERED_IN_ERROR = "entered-in-error"
_FINISHED = ("completed", "amended")  # a tuple: a status may be anything, also not hashable
_BLOCKING = frozenset({"error", "fatal"})
_WHOLE = frozenset({STATUS, SHORT_FORM, WOULD_HAVE_FIRED})
_CAUSES = "Causes that answers or findings support, with the count of them"


def notes_of(assessment: Assessment, pack: Pack, context: Context) -> tuple[Note, ...]:
    """The notes of the decision, with those added that only the response and its form tell.

    A code that the decision has already noted is not noted again.
    """
    status = context.response.get("status")
    if status == "completed" and not context.form.short:
        return assessment.notes
    told = {note.code for note in assessment.notes}
    wording = pack.wording
    added = []
    if status == ENTERED_IN_ERROR:
        if WOULD_HAVE_FIRED not in told:
            fired = "; ".join(f"{one.rule.id}, {one.rule.title}" for one in assessment.findings)
            text = f"{wording.entered_in_error} {fired or 'none'}."
            added.append(Note(WOULD_HAVE_FIRED, "QuestionnaireResponse.status", text))
    elif status not in _FINISHED and STATUS not in told:
        added.append(Note(STATUS, "QuestionnaireResponse.status", wording.unfinished))
    if context.form.short and SHORT_FORM not in told:
        added.append(Note(SHORT_FORM, context.form.url, wording.short_form))
    return (*assessment.notes, *added) if added else assessment.notes


def sentences(assessment: Assessment, parts: Prepared, context: Context) -> list[str]:
    """Everything to be told, as plain sentences, the gravest first."""
    said: list[str] = []
    pack = parts.pack
    if not assessment.level.alert and _is_negative(assessment, context):
        said.append(pack.wording.negative)
    if assessment.open:
        said += _missing(assessment, parts)
    for deviation in assessment.deviations:
        value = str(deviation.value).lower()
        said.append(f"Site option {deviation.option} = {value}. {deviation.text}")
    for note in notes_of(assessment, pack, context):
        said.append(note.text if note.code in _WHOLE else f"{note.text} ({note.about})")
    for issue in context.issues:
        if issue.severity in _BLOCKING:
            said.append(issue.text)
    if assessment.causes:
        names = [f"{one.cause.display} ({len(one.supported_by)})" for one in assessment.causes]
        said.append(f"{_CAUSES}: {', '.join(names)}. {pack.wording.cause_remark}")
    return said


def _missing(assessment: Assessment, parts: Prepared) -> list[str]:
    """The always-asked questions that are still open."""
    missing = [
        f"{parts.labels.short(one.link_id)} ({one.link_id}, {one.why})"
        for one in assessment.open
        if one.link_id is not None and one.link_id in parts.safety
    ]
    return [f"Safety questions without a settled answer: {'; '.join(missing)}."] if missing else []


def _is_negative(assessment: Assessment, context: Context) -> bool:
    """Whether a finished response raised no alarm; of any other this is never said."""
    if context.blocked or context.response.get("status") not in _FINISHED:
        return False
    return not any(finding.level.alert for finding in assessment.findings)


def annotations(texts: list[str], author: str, time: str) -> list[JsonObject]:
    """Each sentence as an Annotation, whose text is Markdown: nothing in it is markup."""
    said = [markdown(text) for text in texts]
    return [{"authorString": author, "time": time, "text": text} for text in said if text]
