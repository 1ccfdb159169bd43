"""What the bundle tells its reader beside the findings: open, deviating, not assessed."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from cds.core.account import sentences as told_of
from cds.core.model import Assessment, Note
from cds.fhir.context import EmissionContext
from cds.fhir.notes import NOT_RECOGNISED, TOLD_WHOLE, notes_of
from cds.fhir.prepared import Prepared
from cds.fhir.primitives import markdown, xml
from cds.forms.given import is_finished
from cds.forms.issues import BLOCKING
from cds.wire import JsonObject

# One sentence, as XHTML and as Markdown shows it. A plain tuple: every decision makes some.
Sentence = tuple[str, str]


def told_sentences(
    assessment: Assessment, parts: Prepared, context: EmissionContext
) -> list[Sentence]:
    """Everything to be told, the gravest first."""
    said: list[Sentence] = []
    pack = parts.pack
    level, _, _, open_, causes, _, deviations = assessment
    if not level.alert and _is_negative(assessment, context):
        said.append(_ours(pack.wording.negative, parts))
    if open_:
        said += _missing(assessment, parts)
    for deviation in deviations:
        value = str(deviation.value).lower()
        site = pack.say("Site option {option} = {value}.", option=deviation.option, value=value)
        said.append(_foreign(f"{site} {deviation.text}"))
    notes = notes_of(assessment, pack, context)
    if notes or context.issues or context.account is not None:
        said += _noted(notes, parts, context)
    if causes:
        names = ", ".join([f"{cause.display} ({len(why)})" for cause, why in causes])
        said.append(_ours(f"{parts.causes}: {names}. {parts.cause_remark}", parts))
    return said


def _noted(notes: Iterable[Note], parts: Prepared, context: EmissionContext) -> Iterator[Sentence]:
    account = context.account
    for note in notes:
        if account is None or note.code != NOT_RECOGNISED:  # the account names those
            yield _foreign(note.text if note.code in TOLD_WHOLE else f"{note.text} ({note.about})")
    for issue in context.issues:
        if issue.severity in BLOCKING:
            yield _foreign(issue.text)
    if account is not None:
        *gaps, sums = told_of(account, say=parts.pack.say)
        yield from map(_foreign, gaps)
        yield _counted(sums)


def _ours(text: str, parts: Prepared) -> Sentence:
    """A sentence of the pack's words, which mostly hold nothing that needs an escape."""
    return (text, text) if parts.plain else _foreign(text)


def _foreign(text: str) -> Sentence:
    return xml(text), markdown(text)


_counted = lru_cache(maxsize=1024)(_foreign)  # counts alone, which tell of nobody


def _missing(assessment: Assessment, parts: Prepared) -> list[Sentence]:
    """The always-asked questions that are still open."""
    say = parts.pack.say
    missing = [
        f"{parts.labels.short(one.link_id)} ({one.link_id}, {say(one.why)})"
        for one in assessment.open
        if one.link_id is not None and one.link_id in parts.safety
    ]
    if not missing:
        return []
    head = say("Safety questions without a settled answer")
    return [_ours(f"{head}: {'; '.join(missing)}.", parts)]


def _is_negative(assessment: Assessment, context: EmissionContext) -> bool:
    """Whether a finished response raised nothing urgent; of any other this is never said."""
    if context.blocked or not is_finished(context.response):
        return False
    return all(level.reassures for _, level, _ in assessment.findings)


def annotations(told: list[Sentence], author: str, time: str) -> list[JsonObject]:
    """Each sentence as an Annotation, whose text is Markdown."""
    return [{"authorString": author, "time": time, "text": text} for _, text in told if text]
