"""The decision as a document for programs (`assess --format json`): keys and order are promised."""

from cds.core.account import Account
from cds.core.model import Assessment, Because, Note, OpenQuestion
from cds.core.pack import Pack
from cds.fhir.context import EmissionContext
from cds.fhir.notes import notes_of
from cds.forms.issues import Issue
from cds.wire import JsonObject

_SCHEMA = "cramp-cds/assessment/1"
_COPIED = ("id", "status", "authored")


def document(assessment: Assessment, pack: Pack, context: EmissionContext) -> JsonObject:
    """The decision document; a Decimal in it keeps its digits."""
    response = context.response
    account = {} if context.account is None else {"record": _account(context.account)}
    return {
        "schema": _SCHEMA,
        "pack": {"id": pack.id, "version": pack.version, "hash": pack.hash},
        "response": {key: response[key] for key in _COPIED if isinstance(response.get(key), str)},
        "level": assessment.level.code,
        "complete": assessment.complete,
        "findings": [
            {
                "rule": finding.rule.id,
                "finding": finding.rule.finding,
                "level": finding.level.code,
                "basis": finding.rule.basis,
                "sources": list(finding.rule.sources),
                "because": [_because(one) for one in finding.because],
            }
            for finding in assessment.findings
        ],
        "open": [_open(one) for one in assessment.open],
        "causes": [
            {
                "cause": one.cause.id,
                "supportedBy": [_because(because) for because in one.supported_by],
            }
            for one in assessment.causes
        ],
        "notes": [_note(one) for one in notes_of(assessment, pack, context)],
        "deviations": [
            {
                "option": one.option,
                "value": one.value,
                "rules": list(one.rules),
                "linkIds": list(one.link_ids),
                "text": one.text,
            }
            for one in assessment.deviations
        ],
        "issues": [_issue(one) for one in context.issues],
        **account,
    }


def _account(account: Account) -> JsonObject:
    """What became of everything handed in: here all of it is named."""
    return {
        "looked-at": account.looked_at,
        "used": account.used,
        "replaced": account.replaced,
        "not-about-this": account.not_about,
        "unheard": [
            {"reference": one.record, "what": one.whole, "why": one.why} for one in account.unheard
        ],
        "missing": [{"what": one.what, "why": one.why} for one in account.missing],
    }


def _because(because: Because) -> JsonObject:
    if because.fact is None:
        return {"linkId": because.link_id, "answer": because.answer}
    evidence = because.evidence
    if evidence is None:
        return {"record": None, "fact": because.fact, "value": None, "unit": None, "date": None}
    return {
        "record": evidence.record,
        "fact": because.fact,
        "value": evidence.value,
        "unit": evidence.unit,
        "date": evidence.date,
    }


def _open(question: OpenQuestion) -> JsonObject:
    where = (
        {"record": question.record} if question.link_id is None else {"linkId": question.link_id}
    )
    return {**where, "why": question.why, "rules": list(question.rules)}


def _note(note: Note) -> JsonObject:
    return {"code": note.code, "about": note.about, "text": note.text}


def _issue(issue: Issue) -> JsonObject:
    return {
        "severity": issue.severity,
        "code": issue.code,
        "rule": issue.rule,
        "expression": issue.expression,
        "linkId": issue.link_id,
        "text": issue.text,
    }
