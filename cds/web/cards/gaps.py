"""The cards about what was not assessed, not read, out of date, or of somebody else.

Silence reads as an all-clear, so each of these says what is missing and what to do.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from cds.core.account import KINDS, Account, Unheard, rest_sentence
from cds.flows.hooks import Judged
from cds.phrases.say import Say
from cds.web.cards import suggestions
from cds.web.cards.detail import MOST_SUMMARY, Bullet, enumerated, paragraph, summary_of
from cds.web.cards.found import calm
from cds.web.cards.sheet import Made, Sheet
from cds.web.cards.texts import CRITICAL, INFO, WARNING, Texts
from cds.web.cards.words import day_of

UNAVAILABLE, NOT_ASSESSED, OUTDATED, FOREIGN = (
    "not-available",
    "not-assessed",
    "outdated",
    "other-patient",
)
_MOST_KEYS = 200
NO_ANSWERS = "The answers could not be read"
_TOO_OLD = (
    "These answers are older than {hours} hours: they say nothing of now,"
    " neither that there is an emergency nor that there is none."
)
_UNDATED = (
    "Nobody can tell when these answers were given: they say nothing of now,"
    " neither that there is an emergency nor that there is none."
)
_UNCLEAR = (
    "{responses} may be to this form and could not be told apart: some"
    " questions are its own, others are not."
)


def closed(sheet: Sheet) -> Made | None:
    """An emergency of earlier answers that later ones closed; beside an alarm it says so itself."""
    judged = sheet.verdict.counted.closed
    if judged is None or sheet.indicator == CRITICAL:
        return None
    rules, signs, day = _said(sheet, judged)
    day = f" ({day})" if day else ""
    summary = summary_of(sheet.say("Earlier answers{day} named an emergency", day=day), signs)
    text = sheet.say("Later answers to all safety questions do not. Ask what has changed since.")
    detail = sheet.fitted("", _bullets(sheet, judged), lambda _: (text, sheet.texts.input))
    card = sheet.card(WARNING, OUTDATED, summary, detail, "closed")
    return sheet.why(card, rules), rules


def outdated(sheet: Sheet) -> Made | None:
    """Answers that are too old to be acted on, and to reassure: ask again."""
    judged = sheet.verdict.counted.old
    if judged is None:
        return None
    rules, signs, _ = _said(sheet, judged)
    authored = judged.response.get("authored")
    now, say = sheet.verdict.visit.now, sheet.say
    day = day_of(authored if isinstance(authored, str) else None, now, whole=True, say=say)
    day = day.partition(",")[0]
    grave = judged.assessed.level.indicator != INFO
    if grave and signs:
        summary = summary_of(say("Answers of {day} named", day=day), signs, say(". Ask again"))
    else:
        summary = say("Answers of {day} are out of date. Ask again", day=day)
    text = say(_TOO_OLD, hours=sheet.verdict.valid_hours)
    bullets = _bullets(sheet, judged) if grave else ()
    detail = sheet.fitted(say("Ask again."), bullets, lambda _: (text, sheet.texts.input))
    card = sheet.card(WARNING if grave else INFO, OUTDATED, summary, detail, OUTDATED)
    card = sheet.asking(sheet.offering(card, suggestions.ask(sheet.verdict, card["uuid"])))
    return sheet.why(card, rules), rules or (OUTDATED,)


def undated(sheet: Sheet) -> Made | None:
    """Calm answers of which nobody can tell when they were given: they end no asking."""
    verdict = sheet.verdict
    shown = verdict.counted.shown
    if shown is None or shown.bounds is not None or sheet.indicator != INFO:
        return None
    if verdict.concerned is not True or calm(sheet) is not None:
        return None
    detail = sheet.fitted(
        sheet.say("Ask again."), (), lambda _: (sheet.say(_UNDATED), sheet.texts.input)
    )
    card = sheet.card(
        INFO, OUTDATED, sheet.say("Answers without a date. Ask again"), detail, "undated"
    )
    return sheet.asking(sheet.offering(card, suggestions.ask(verdict, card["uuid"]))), (OUTDATED,)


def _said(sheet: Sheet, judged: Judged) -> tuple[tuple[str, ...], list[str], str]:
    """The rules, signs and day of a response that is not the one shown."""
    findings = [one for one in judged.assessed.findings if one.level.indicator != INFO]
    words = sheet.printed.words
    deciding = [one for one in findings if one.level == judged.assessed.level]
    signs = [words.sign(one) for finding in deciding for one in finding.because]
    authored = judged.response.get("authored")
    now = sheet.verdict.visit.now
    day = day_of(authored if isinstance(authored, str) else None, now, say=sheet.say)
    return tuple(one.rule.id for one in findings), list(dict.fromkeys(signs)), day


def _bullets(sheet: Sheet, judged: Judged) -> list[Bullet]:
    findings = [one for one in judged.assessed.findings if one.level.indicator != INFO]
    return Texts.of_findings(sheet.printed.words, findings)


def not_assessed(sheet: Sheet) -> Made | None:
    """Nothing can be said of the answers: they could not be had, or nothing tells who is asked."""
    verdict, visit = sheet.verdict, sheet.verdict.visit
    if verdict.asked:
        return None
    grave = verdict.concerned is True or verdict.assessed is not None
    why = visit.unread
    if visit.responses is None and not visit.searchable:
        if verdict.concerned is False:
            return None
        if verdict.concerned:
            return _not_readable_here(sheet)
        why = ""
    if not why and verdict.concerned is not None:
        return None
    what = sheet.say(NO_ANSWERS if why else "The problem list could not be read")
    reason = f" (QuestionnaireResponse: {sheet.say.again(why)})" if why else ""
    summary = f"{sheet.subject}: {sheet.say('not assessed')}. {what}"
    nothing = sheet.say("Nothing follows from that: do not read it as an all-clear.")
    told = f"{what}{reason}. {nothing}"
    detail = sheet.fitted("", (), lambda _: (paragraph(told), sheet.texts.input))
    indicator = WARNING if grave else INFO
    card = sheet.card(indicator, NOT_ASSESSED, summary, detail, NOT_ASSESSED)
    return sheet.asking(card), (NOT_ASSESSED,)


def _not_readable_here(sheet: Sheet) -> Made:
    """An EHR without a search for answers: nothing failed, and the form is the way."""
    cannot = sheet.say("answers cannot be read from this record")
    summary = f"{sheet.subject}: {cannot}"
    text = sheet.say(
        "The problem is on record. Open or fill in the form: it says at once what was found."
    )
    detail = sheet.fitted("", (), lambda _: (paragraph(text), sheet.texts.input))
    card = sheet.card(INFO, NOT_ASSESSED, summary, detail, NOT_ASSESSED)
    offered = suggestions.ask(sheet.verdict, card["uuid"])
    return sheet.asking(sheet.offering(card, offered)), (NOT_ASSESSED,)


def not_understood(sheet: Sheet) -> Made | None:
    """Responses that are ours, or may be, and could not be read."""
    unreadable, unclear = sheet.verdict.counted.unreadable, sheet.verdict.unclear
    if not unreadable and not unclear:
        return None
    said: list[str] = []
    say = sheet.say
    if unreadable:
        many = _responses(unreadable, say)
        said.append(say("{responses} to this form could not be read.", responses=many))
    if unclear:
        said.append(say(_UNCLEAR, responses=_responses(unclear, say)))
    said.append(say("An emergency in them is not excluded. Look at the answers, or ask again."))
    detail = sheet.fitted("", (), lambda _: (paragraph(" ".join(said)), sheet.texts.input))
    summary = f"{sheet.subject}: {say('some answers could not be read')}"
    card = sheet.card(WARNING, NOT_ASSESSED, summary, detail, "not-understood")
    offered = suggestions.ask(sheet.verdict, card["uuid"])
    return sheet.asking(sheet.offering(card, offered)), (NOT_ASSESSED,)


def not_read(sheet: Sheet) -> Made | None:
    """What of the record was not heard, and what did not come."""
    verdict = sheet.verdict
    account = verdict.read.context.account or _NOTHING_LOST
    if not (verdict.unread or account.unheard or account.missing or verdict.visit.unread):
        return None
    unheard = (*verdict.unread, *account.unheard)
    if verdict.concerned is False:
        unheard = tuple(one for one in unheard if one.critical)
    missing = [(one.what, one.why) for one in account.missing]
    if verdict.visit.unread and verdict.visit.responses is not None:
        missing.insert(0, ("responses", verdict.visit.unread))
    say = sheet.say
    missing = [(say(what), say.again(why)) for what, why in missing]
    if not unheard and not missing:
        return None
    grave = any(one.critical for one in unheard)
    names = [*_names(account, unheard), *(what for what, _ in missing)]
    room = MOST_SUMMARY - len(say("Not read from the record: {names}", names=""))
    summary = say("Not read from the record: {names}", names=enumerated(names, room, say))
    groups = _by_reason(unheard, say)
    bullets = _named_by_reason(account, groups)

    def closing(shown: Sequence[str]) -> Iterable[str]:
        yield from map(paragraph, filter(None, (_besides(account, groups, shown, say),)))
        if missing:
            room = 90 if groups else 200
            listed = enumerated([f"{what} ({why})" for what, why in missing], room, say)
            yield paragraph(say(_NOT_AVAILABLE, listed=listed))
        yield say("Nothing of this counts as a no. Look at it in the record.")
        yield sheet.texts.input

    detail = sheet.fitted("", bullets, closing)
    indicator = WARNING if grave else INFO
    return sheet.card(indicator, UNAVAILABLE, summary, detail, UNAVAILABLE), (UNAVAILABLE,)


def _names(account: Account, unheard: Sequence[Unheard]) -> list[str]:
    """What was not heard, each kind of thing once, the gravest first."""
    groups = account._replace(unheard=tuple(unheard)).told().named
    times = [(group.first.what, group.times) for group in groups]
    return [f"{what} ({count})" if count > 1 else what for what, count in times]


_NOTHING_LOST = Account()
_NOT_AVAILABLE = "Not available, so not taken into account: {listed}."


def _times(account: Account, unheard: Sequence[Unheard]) -> tuple[int, ...]:
    """How many entries each of these names stands for."""
    return tuple(one.times for one in account._replace(unheard=tuple(unheard)).told().named)


def _by_reason(unheard: Sequence[Unheard], say: Say) -> dict[str, list[Unheard]]:
    """What was not heard by its reason in short, the gravest first."""
    groups: dict[str, list[Unheard]] = {}
    for one in unheard:
        reason = _CRITICAL if one.critical else _REASONS.get(one.why, "Not understood")
        groups.setdefault(say(reason), []).append(one)
    return groups


def _named_by_reason(account: Account, groups: Mapping[str, Sequence[Unheard]]) -> list[Bullet]:
    """A bullet for each reason."""
    return [
        Bullet(head, tuple(_names(account, ones)), head, _times(account, ones))
        for head, ones in groups.items()
    ]


def _besides(
    account: Account, groups: Mapping[str, Sequence[Unheard]], shown: Sequence[str], say: Say
) -> str | None:
    """How many entries no bullet names, by kind: of other reasons, or beyond ten of one."""
    counted: Counter[str] = Counter()
    for reason, ones in groups.items():
        if reason in shown:
            counted.update(account._replace(unheard=tuple(ones)).told().rest)
        else:
            counted.update(one.kind for one in ones)
    return rest_sentence({kind: counted[kind] for kind in KINDS if counted[kind]}, say)


_CRITICAL = "Flagged critical, not understood"
# Why something was not heard, in two or three words.
_REASONS: Mapping[str, str] = {
    "unknown-code": "Not known here",
    "unit-unusable": "Unit not usable",
    "no-value": "Without a value",
    "unreadable": "Not readable",
    "flag-unknown": "Flag not known here",
    "not-asked": "No rule asks for it",
    "not-found": "Refers to what is not there",
    "modifier": "Changed by an extension",
    "about-whom": "Not clear about whom",
    "other-kind": "In an entry of another kind",
    "no-result": "No recent result settles it",
    "cancelled": "Cancelled, with a value",
    "on-hold": "On hold",
    "in-part": "In part",
    "supply-only": "Handed out or given",
}


_FOREIGN = (
    "Sent under {keys}, and about another patient than this one."
    " None of it was used. Tell whoever runs this connection."
)


def foreign(sheet: Sheet) -> Made | None:
    """Data of another patient were sent, and are not used."""
    keys = sheet.verdict.visit.foreign
    if not keys:
        return None
    text = sheet.say(_FOREIGN, keys=enumerated(keys, _MOST_KEYS, sheet.say))
    detail = sheet.fitted("", (), lambda _: (paragraph(text), sheet.texts.input))
    summary = sheet.say("Data of another patient was sent and not used")
    return sheet.card(WARNING, FOREIGN, summary, detail, FOREIGN), (FOREIGN,)


def _responses(count: int, say: Say) -> str:
    return say("1 response" if count == 1 else "{count} responses", count=count)
