"""Answers coded in a system of HL7's own, or as units of UCUM: the system must have the code."""

from collections.abc import Iterator

from cds.forms.checks.context import Context, issue
from cds.forms.issues import Issue
from cds.forms.terms.hl7 import FHIR, code_system_codes, is_of_hl7
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
            text, here = "the code is not a code of UCUM", f"{answer.expression}.code"
            yield issue("unitCode", here, text, item=answer.item, found=answer.value)
        if not is_of_hl7(system):
            continue
        known = code_system_codes(system)
        if known is None or code in known or answer.value.get("version") is not None:
            continue
        # FHIR's own systems are fixed with it; HL7 Terminology may have gone on since.
        fixed = system.startswith(FHIR)
        text = "the code system does not have this code"
        yield issue(
            "unknownCode",
            f"{answer.expression}.code",
            text if fixed else f"{text}, as far as is known here",
            item=answer.item,
            found=answer.value,
            severity=None if fixed else "warning",
        )
