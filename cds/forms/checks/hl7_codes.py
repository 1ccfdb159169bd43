"""Answers coded in a system of HL7's own, or as units of UCUM: the system must have the code."""

from collections.abc import Iterator

from cds.forms.checks.context import Answer, Context, issue
from cds.forms.issues import Issue
from cds.forms.terms.hl7 import unknown_code
from cds.forms.values.ucum import UCUM
from cds.forms.values.ucum_codes import is_unit_code


def check_hl7_codes(context: Context) -> Iterator[Issue]:
    """Judge every Coding of a system of HL7 or of UCUM; what the form offers is its own matter."""
    for answer in context.of("Coding"):
        system, code = answer.value.get("system"), answer.value.get("code")
        if not isinstance(system, str) or not isinstance(code, str):
            continue
        if "answerValueSet" in answer.item.raw or (system, code) in answer.item.codings:
            continue
        if system == UCUM and not is_unit_code(code):
            yield _issue(answer, "unitCode", "the code is not a code of UCUM")
        version = answer.value.get("version") is not None
        if said := unknown_code(system, code, version=version):
            text, severity = said
            yield _issue(answer, "unknownCode", text, severity)


def _issue(answer: Answer, rule: str, text: str, severity: str | None = None) -> Issue:
    here, item = f"{answer.expression}.code", answer.item
    return issue(rule, here, text, item=item, found=answer.value, severity=severity)
