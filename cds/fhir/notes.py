"""The notes of a decision: what a reader of any of its forms must know of the response."""

from typing import Final

from cds.core.model import Assessment, Note
from cds.core.pack import Pack
from cds.fhir.context import EmissionContext
from cds.forms.given import is_finished

STATUS: Final = "status"
SHORT_FORM: Final = "short-form"
WOULD_HAVE_FIRED: Final = "would-have-fired"
NOT_RECOGNISED: Final = "unrecognised-medicine"  # every such medicine stands in the account too
ENTERED_IN_ERROR: Final = "entered-in-error"
# Notes about the whole response: what they are about needs no saying.
TOLD_WHOLE: Final = frozenset({STATUS, SHORT_FORM, WOULD_HAVE_FIRED})


def notes_of(assessment: Assessment, pack: Pack, context: EmissionContext) -> tuple[Note, ...]:
    """The notes of the decision, with those added that only the response and its form tell.

    A code that the decision has already noted is not noted again.
    """
    status = context.response.get("status")
    if not context.response or (status == "completed" and not context.form.short):
        return assessment.notes
    told = {note.code for note in assessment.notes}
    wording = pack.wording
    added = []
    if status == ENTERED_IN_ERROR:
        if WOULD_HAVE_FIRED not in told:
            fired = "; ".join(f"{one.rule.id}, {one.rule.title}" for one in assessment.findings)
            text = f"{wording.entered_in_error} {fired or pack.say('none')}."
            added.append(Note(WOULD_HAVE_FIRED, "QuestionnaireResponse.status", text))
    elif not is_finished(context.response) and STATUS not in told:
        added.append(Note(STATUS, "QuestionnaireResponse.status", wording.unfinished))
    if context.form.short and SHORT_FORM not in told:
        added.append(Note(SHORT_FORM, context.form.url, wording.short_form))
    return (*assessment.notes, *added) if added else assessment.notes
