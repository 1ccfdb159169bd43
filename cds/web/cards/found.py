"""The cards about what was found: the alarm, what is urgent, what is open, and the rest."""

from cds.web.cards import suggestions
from cds.web.cards.detail import paragraph
from cds.web.cards.sheet import Made, Sheet
from cds.web.cards.texts import CRITICAL, INFO, WARNING

# The codes of {base}/CodeSystem/card-topic.
ALARM, OPEN, FINDINGS, DUE, _ORDER = "alarm", "open-safety", "findings", "assessment-due", "order"


def alarm(sheet: Sheet) -> Made | None:
    """The one critical card: what to do, why in short, and since when."""
    level, texts = sheet.level, sheet.texts
    if level is None or sheet.indicator != CRITICAL:
        return None
    findings = texts.by[CRITICAL]
    detail = sheet.fitted(sheet.action(level), texts.bullets(findings), texts.closing)
    card = sheet.card(CRITICAL, ALARM, texts.headline(findings), detail, level.code)
    offered = suggestions.alert(sheet.verdict, card["uuid"], sheet.printed, sheet.place.creates)
    rules = tuple([finding.rule.id for finding in findings])
    return sheet.why(sheet.offering(card, offered), rules), rules or (level.code,)


def urgent(sheet: Sheet) -> Made | None:
    """What is urgent and no emergency."""
    level, texts = sheet.level, sheet.texts
    findings = texts.by[WARNING]
    if level is None or sheet.indicator != WARNING or not findings:
        return None
    detail = sheet.fitted(sheet.action(level), texts.bullets(findings), texts.closing)
    name = f"{WARNING}|{level.code}"
    card = sheet.card(WARNING, FINDINGS, texts.headline(findings), detail, name)
    offered = suggestions.record(sheet.verdict, card["uuid"], sheet.place.creates)
    rules = tuple(finding.rule.id for finding in findings)
    return sheet.why(sheet.offering(card, offered), rules), rules


def open_question_cards(sheet: Sheet) -> Made | None:
    """The open safety questions, or whatever else leaves an emergency not excluded."""
    level, texts = sheet.level, sheet.texts
    floor = sheet.indicator == WARNING and not texts.by[WARNING]
    if level is None or not (texts.safety or floor):
        return None
    first = ""
    if sheet.indicator != CRITICAL:  # never a lower action beside an alarm
        rules = sheet.pack.rules
        first = sheet.action(rules.level(rules.reassurance.floor) if texts.safety else level)
    detail = sheet.fitted(first, (), texts.closing_of_open)
    summary = texts.open_summary() if texts.safety else texts.headline(())
    card = sheet.card(WARNING, OPEN, summary, detail, OPEN)
    if texts.safety or not texts.finished:
        offered = suggestions.ask(sheet.verdict, card["uuid"])
        card = sheet.asking(sheet.offering(card, offered))
    waiting = tuple(dict.fromkeys(rule for one in texts.safety for rule in one.rules))
    return sheet.why(card, waiting), waiting or (level.code,)


def calm(sheet: Sheet) -> Made | None:
    """A visit to arrange, or what keeps the lowest level from being all settled.

    A level that only rests on what could not be read has a card of its own.
    """
    level, texts, assessed = sheet.level, sheet.texts, sheet.verdict.assessed
    if level is None or assessed is None or sheet.indicator != INFO:
        return None
    findings = texts.by[INFO]
    account = assessed.context.account
    lowest = level.code == sheet.pack.rules.reassurance.lowest and assessed.assessment.complete
    unread = account is not None and not account.whole
    if (lowest or unread) and not findings and not texts.others:
        return None
    detail = sheet.fitted(sheet.action(level), texts.bullets(findings), texts.closing)
    card = sheet.card(INFO, FINDINGS, texts.headline(findings), detail, INFO)
    rules = tuple(finding.rule.id for finding in findings)
    return sheet.why(card, rules), rules or (FINDINGS,)


def order_card(sheet: Sheet) -> Made | None:
    """An order that touches the problem."""
    if not sheet.verdict.orders:
        return None
    summary = sheet.words.order or sheet.say("An order touches this problem")
    detail = sheet.fitted("", (), sheet.texts.of_orders)
    return sheet.card(INFO, _ORDER, summary, detail, _ORDER), (_ORDER,)


def due(sheet: Sheet) -> Made | None:
    """The problem is there, and nobody has asked."""
    verdict = sheet.verdict
    whole = verdict.visit.responses is not None and not verdict.visit.unread
    if not whole or verdict.concerned is not True or verdict.asked:
        return None
    text = sheet.words.due_text or sheet.say("No answers to the form were found.")
    summary = sheet.words.due or sheet.say("Assessment due: {title}", title=sheet.pack.title)
    detail = sheet.fitted("", (), lambda _: (paragraph(text), sheet.texts.input))
    card = sheet.card(INFO, DUE, summary, detail, DUE)
    offered = suggestions.ask(verdict, card["uuid"])
    return sheet.asking(sheet.offering(card, offered)), (DUE,)
