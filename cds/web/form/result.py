"""The result as its page shows it: one decision, for the person and for the clinician."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from cds.core.account import Account
from cds.core.model import Because, Finding, OpenQuestion
from cds.core.pack import Pack
from cds.core.why import Alternative
from cds.fhir.notes import notes_of
from cds.flows.assess import Assessor
from cds.flows.deciding.assessed import Assessed
from cds.flows.explaining.advice import advice_for
from cds.flows.explaining.explain import explain
from cds.forms.form import extensions as ext
from cds.forms.questionnaire import Item
from cds.forms.response.tree import read_tree
from cds.web.form.offered import Spoken
from cds.web.form.view import ItemView

Values = dict[str, Any]
RUNG = 34  # letters that a line of the picture of the levels holds
YES_NO = {True: "page.yes", False: "page.no"}


def _values_of(
    assessor: Assessor, assessed: Assessed, spoken: Spoken, who: str, signs: Iterable[str]
) -> Values:
    """What result.html shows."""
    pack, assessment, words = assessed.pack, assessed.assessment, spoken.words
    code = assessment.level.code
    fired = {one.rule.id for one in assessment.findings}
    return {
        "level": _level(spoken, code),
        "actions": {
            voice: spoken.level(code, voice) for voice in ("you", "companion", "clinician")
        },
        "order": ("clinician",) if who == "clinician" else (who, "clinician"),
        "why": [_finding(one, spoken, pack) for one in assessment.findings],
        "reasons": _reasons(assessment.findings, spoken),
        "advice": [spoken.advice(one) for one in advice_for(assessed)],
        "negative": _negative(assessed, spoken),
        "open": [_open(one, spoken, assessed.account) for one in assessment.open],
        "complete": assessment.complete,
        "causes": [spoken.cause(one.cause) for one in assessment.causes],
        "cause_remark": spoken.wording("cause-remark"),
        "changes": _changes(assessor, assessed, spoken),
        "ladder": _ladder(spoken, [one.code for one in pack.rules.levels], code),
        "picture": words(
            "result.levels-alt",
            levels=", ".join(spoken.level(one.code, "word") for one in pack.rules.levels),
            level=f"{spoken.level(code, 'word')}: {spoken.level(code, 'display')}",
        ),
        "notes": [*_notes(assessed, spoken), *_record(assessed)],
        "deviations": [
            spoken.texts.text("option", one.option, default=one.text)
            for one in assessment.deviations
        ],
        "warnings": list(_taken_back(spoken, pack, signs, fired)),
        "intended_use": spoken.wording("intended-use"),
        "pack": pack.id,
        "pack_version": pack.version,
        "pack_hash": pack.hash[:19],
        "base_language": spoken.base,
    }


def _level(spoken: Spoken, code: str) -> Values:
    level = spoken.engine.scorer.rules.level(code)
    return {
        "code": code,
        "symbol": level.symbol,
        "colour": level.colour,
        "alert": level.alert,
        "word": spoken.level(code, "word"),
        "display": spoken.level(code, "display"),
    }


def _ladder(spoken: Spoken, codes: Iterable[str], here: str) -> list[Values]:
    """The levels as rungs: each as high as its words need at a size that a phone can show."""
    rungs: list[Values] = []
    top = 0
    for code in codes:
        level = _level(spoken, code)
        lines = wrap(f"{level['symbol']} {level['display']}", RUNG)
        rungs.append({**level, "here": code == here, "top": top, "lines": lines})
        top += 14 + 20 * len(lines)
    return rungs


def reason(because: Because, spoken: Spoken) -> str:
    """One answer, or value of the record, in words."""
    if because.fact is not None:
        named = spoken.fact(because.fact)
        evidence = because.evidence
        if evidence is None or evidence.value is None:
            return named
        said = f"{named}: {evidence.value} {evidence.unit or ''}".strip()
        return f"{said}, {evidence.date}" if evidence.date else said
    link_id = because.link_id or ""
    if because.answer is None:
        return f"{spoken.short(link_id)}: {spoken.words('result.not-answered')}"
    return f"{spoken.short(link_id)}: {spoken.answer(link_id, because.answer)}"


def _reasons(findings: Iterable[Finding], spoken: Spoken) -> list[str]:
    """The answers behind the most urgent findings, each once."""
    listed = list(findings)
    top = max((one.level.rank for one in listed), default=0)
    said = (
        reason(because, spoken)
        for one in listed
        if one.level.rank == top
        for because in one.because
    )
    return list(dict.fromkeys(said))


def _finding(finding: Finding, spoken: Spoken, pack: Pack) -> Values:
    rule = finding.rule
    return {
        **_level(spoken, finding.level.code),
        "rule": rule.id,
        "title": spoken.rule(rule.id, "title", rule.title),
        "because": list(dict.fromkeys(reason(one, spoken) for one in finding.because)),
        "basis": rule.basis,
        "reading": rule.reading,
        "sources": [_source_of(pack, one) for one in rule.sources],
    }


def _source_of(pack: Pack, identifier: str) -> Values:
    """A source with what it says, in our words."""
    citation = pack.sources.citations.get(identifier)
    url = citation.url if citation is not None else None
    safe = url if url is not None and url.startswith(("https://", "http://")) else None
    return {"id": identifier, "text": pack.sources.claim(identifier), "url": safe}


def _negative(assessed: Assessed, spoken: Spoken) -> str:
    """What is said when nothing alarmed: it excludes nothing. Never of an unfinished response."""
    alarm = assessed.level.alert or any(one.level.alert for one in assessed.findings)
    if alarm or assessed.context.blocked:
        return ""
    return spoken.wording("negative")


def _open(one: OpenQuestion, spoken: Spoken, account: Account | None) -> Values:
    if one.link_id is None:
        return {"text": _unheard(one.record or "", spoken, account), "href": ""}
    item = spoken.form.by_link_id.get(one.link_id)
    return {"text": item.text if item is not None else one.link_id, "link": one.link_id, "href": ""}


def _unheard(record: str, spoken: Spoken, account: Account | None) -> str:
    """A part of the record that could not be used, and what to do about it."""
    for one in account.unheard if account is not None else ():
        if one.record == record:
            reason, advice = one.advice
            return f"{spoken.part(one.whole)}: {spoken.say(reason)}; {spoken.say(advice)}."
    return f"{spoken.say(record)}: {spoken.say('was not handed in')}."


def _changes(assessor: Assessor, assessed: Assessed, spoken: Spoken) -> Values:
    found = explain(assessor, assessed)
    return {"higher": _change(found.higher, spoken), "lower": _change(found.lower, spoken)}


def _change(alternative: Alternative | None, spoken: Spoken) -> Values | None:
    if alternative is None:
        return None
    lines = [
        f"{spoken.short(link_id)}: "
        + (
            "; ".join(spoken.answer(link_id, code) for code in codes)
            or spoken.words("result.change-open")
        )
        for link_id, codes in alternative.changes
    ]
    return {"level": spoken.level(alternative.level.code, "display"), "lines": lines}


def _notes(assessed: Assessed, spoken: Spoken) -> Iterator[str]:
    notes = notes_of(assessed.assessment, assessed.pack, assessed.context)
    for text in dict.fromkeys(note.text for note in notes):
        yield spoken.again(text)


def _record(assessed: Assessed) -> Iterator[str]:
    """What of the response could not be read: said, since it may hide something."""
    for issue in assessed.issues:
        if issue.severity in {"error", "fatal"}:
            yield issue.text


def _taken_back(spoken: Spoken, pack: Pack, signs: Iterable[str], fired: set[str]) -> Iterator[str]:
    """Warning signs that were marked on the way and do not stand any more."""
    alerting = {one.id: one for one in pack.rules.rules if pack.rules.level(one.level).alert}
    titles = [
        spoken.rule(one, "title", alerting[one].title)
        for one in dict.fromkeys(signs)
        if one in alerting and one not in fired
    ]
    if titles:
        yield spoken.words("page.alarm-taken-back", signs="; ".join(titles))


def answers_of(assessed: Assessed, spoken: Spoken) -> list[Values]:
    """Every answer, in the order and words of the form."""
    tree = read_tree(assessed.response, spoken.engine.reading.questionnaire)
    listed = []
    for item in spoken.form.by_link_id.values():
        for node in tree.by_link_id.get(item.link_id, ()):
            texts = [_answer(answer, item, spoken) for answer in node.answers]
            if texts:
                listed.append({"label": item.prompt, "text": "; ".join(texts)})
    return listed


def _answer(answer: Mapping[str, Any], item: Item, spoken: Spoken) -> str:
    kind, value = ext.value_of(answer) or ("", "")
    if isinstance(value, bool):
        return spoken.words(YES_NO[value])
    if isinstance(value, dict):
        if kind == "Coding":
            return spoken.answer(item.link_id, str(value.get("code", "")))
        if kind == "Attachment":
            return str(value.get("title", value.get("contentType", "")))
        parts = (value.get(key) for key in ("value", "unit", "display", "reference"))
        return " ".join(str(part) for part in parts if part is not None)
    return str(value)


def alarm_of(
    assessed: Assessed | None, spoken: Spoken, who: str, gone: Sequence[str] = ()
) -> Values | None:
    """The alarm above the questions; None where no answer raises one, or did.

    `gone`: the rules that alarmed before and do not now: they stay until somebody meant it.
    """
    findings = [one for one in assessed.findings if one.level.alert] if assessed else []
    past = [one for one in spoken.engine.scorer.rules.rules if one.id in gone]
    if not findings and not past:
        return None
    rules = spoken.engine.scorer.rules
    levels = [one.level for one in findings] or [rules.level(one.level) for one in past]
    top = max(levels, key=lambda level: level.rank).code
    said = [reason(because, spoken) for one in findings for because in one.because]
    said += [spoken.rule(one.id, "title", one.title) for one in past]
    return {
        **_level(spoken, top),
        "action": spoken.level(top, who),
        "reasons": "; ".join(dict.fromkeys(said)),
        "was": not findings,
        "gone": bool(past),
    }


def alarming(assessed: Assessed) -> list[str]:
    """The rules that alarm."""
    return [one.rule.id for one in assessed.findings if one.level.alert]


def question_label(seen: ItemView) -> str:
    """A question in a list: short, with its number where it repeats."""
    return f"{seen.short} {seen.row + 1}" if seen.row is not None else seen.short
