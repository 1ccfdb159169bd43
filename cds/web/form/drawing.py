"""The values of the form's page: questions, faults with links, what is open, the alarm above."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from cds.core.model import NOTHING
from cds.flows.deciding.assessed import Assessed
from cds.knowledge.read.translations import VOICES
from cds.web.form.answering import Answered
from cds.web.form.fields import first_of
from cds.web.form.filled import AnswerSources
from cds.web.form.messages import message
from cds.web.form.offered import Spoken
from cds.web.form.renewed import page_version
from cds.web.form.result import Values, alarm_of, question_label
from cds.web.form.typed import TypedFields
from cds.web.form.view import ItemView, Looks, flat, views_of


class FormPage(NamedTuple):
    """What a page of the form shows beside its questions. `judged`: faults are shown.

    `signs`: the rules that alarmed so far; `meant`: those whose end a person meant.
    """

    draft: TypedFields
    answered: Answered
    assessed: Assessed | None
    who: str = "you"
    signs: Sequence[str] = ()
    meant: Sequence[str] = ()
    notice: str = ""
    judged: bool = False
    ask_finish: bool = False
    started: bool = True
    patient: str = ""
    facts: Mapping[str, bool] = NOTHING
    hints: Mapping[str, Sequence[str]] = NOTHING
    sources: AnswerSources = NOTHING


def voice_of(fields: Mapping[str, Sequence[str]]) -> str:
    """Who answers."""
    given = first_of(fields, "who")
    return given if given in VOICES else "you"


def form_values(spoken: Spoken, page: FormPage, languages: Mapping[str, str]) -> Values:
    """What form.html shows. `languages`: those that may be chosen, by code, with their names."""
    answers = page.answered
    looks = Looks(
        spoken=spoken,
        filled=answers.filled,
        draft=page.draft,
        issues=answers.issues if page.judged else {},
        hints=page.hints,
        sources=page.sources,
        started=page.started,
    )
    if not page.judged:
        answers.filled.faults.clear()
    items = views_of(looks)
    return {
        "items": items,
        "summary": list(_summary(items, answers, spoken)) if page.judged else [],
        "open": _open(items, answers) if page.ask_finish else [],
        "ask_finish": page.ask_finish,
        "alarm": alarm_of(page.assessed, spoken, page.who, gone_of(page)),
        "who": page.who,
        "voices": VOICES,
        "signs": " ".join(page.signs),
        "meant": " ".join(page.meant),
        "notice": page.notice,
        "patient": page.patient,
        "facts": dict(page.facts),
        "files": spoken.has_files,
        "version": page_version(spoken),
        "languages": list(languages.items()),
        "intended_use": spoken.wording("intended-use"),
    }


def gone_of(page: FormPage) -> list[str]:
    """The rules that alarmed, do not any more, and whose end nobody has said to be meant."""
    fired = {one.rule.id for one in page.assessed.findings} if page.assessed else set()
    return [one for one in page.signs if one not in fired and one not in page.meant]


def _summary(items: Sequence[ItemView], answers: Answered, spoken: Spoken) -> Iterator[Values]:
    """Every fault with a link to its question; the form's order."""
    for one in flat(items):
        for text in one.faults:
            yield {"href": anchor(one), "label": question_label(one), "text": text}
    for issue in answers.elsewhere:
        item = spoken.form.by_link_id.get(issue.link_id or "")
        text = message(issue, item, spoken.words) if item else spoken.words("fault.other")
        yield {"href": "", "label": "", "text": text}


def _open(items: Sequence[ItemView], answers: Answered) -> list[Values]:
    """The questions that need an answer and have none, each with a link."""
    missing = {issue.link_id for issue in answers.missing}
    groups = {
        one.place.link_id: [inner.place.link_id for inner in flat(one.children) if inner.required]
        for one in flat(items)
        if one.kind == "group"
    }
    # A required group without any answer is one issue: what it asks for is what is open.
    asked = missing.union(*(inner for one, inner in groups.items() if one in missing))
    return [
        {"href": anchor(one), "label": question_label(one)}
        for one in flat(items)
        if one.question
        and not one.disabled
        and one.place.link_id in asked
        and one.place not in answers.filled.made
    ]


def anchor(one: ItemView) -> str:
    """Where a question stands in the page."""
    return f"q.{one.name}"
