"""Whether a code is in a value set, as far as the resources at hand can tell.

Yes, no, or not known.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cds.forms.checks.context import Answer, Context
from cds.forms.form.items import CHOICES
from cds.forms.issues import Issue
from cds.forms.terms.value_sets import Expander, ValueSetCodes
from cds.wire import JsonObject


class Membership(NamedTuple):
    """`holds` is None where the resources at hand cannot settle it; then `reason` says why."""

    holds: bool | None
    reason: str = ""


def check_terminology(context: Context) -> Iterator[Issue]:
    """Judge every Coding against the answerValueSet of its item."""
    for answer in context.timed(context.answers):
        canonical = answer.item.raw.get("answerValueSet")
        if (
            isinstance(canonical, str)
            and answer.kind in {"Coding", "string"}
            and answer.item.type in CHOICES | {"string"}
        ):
            yield from _bound(context, answer, canonical)


def _bound(context: Context, answer: Answer, canonical: str) -> Iterator[Issue]:
    item = answer.item
    constraint = item.constraint
    if answer.kind == "string" or constraint == "optionsOrType":
        return
    free = item.type == "open-choice" or constraint == "optionsOrString"
    if free and "code" not in answer.value:
        return
    if item.options and (answer.value.get("system"), answer.value.get("code")) in item.codings:
        return
    membership = is_member(context, canonical, answer.value)
    if membership.holds is None:
        if context.first("valueSetNotChecked", item):
            text = f"the value set cannot be checked ({membership.reason})"
            yield answer.issue("valueSetNotChecked", text, diagnostics=canonical)
    elif not membership.holds:
        # Without a system the code may well be the one that was meant.
        text = "the code is not in the value set of the form"
        yield answer.wrong(
            "invalidCoding",
            f"{text} ({membership.reason})" if membership.reason else text,
            severity="warning" if membership.reason else None,
            diagnostics=canonical,
        )


def is_member(context: Context, canonical: str, coding: Mapping[str, Any]) -> Membership:
    """Whether a Coding is in the value set with this canonical (or contained id)."""
    found = _member(context, canonical, coding)
    code, system = coding.get("code"), coding.get("system")
    if found.holds is None and isinstance(code, str) and isinstance(system, str):
        said = context.support.validate_code(canonical, system, code)
        if said is not None:
            return Membership(said)
    return found


def _member(context: Context, canonical: str, coding: Mapping[str, Any]) -> Membership:
    code, system = coding.get("code"), coding.get("system")
    codes = _codes_of(context, canonical)
    if codes is None:
        bare = canonical.partition("|")[0]
        unlike = bare != canonical and context.support.find("ValueSet", bare) is not None
        which = "at hand in this version" if unlike else "among the given resources"
        return Membership(None, f"the value set is not {which}")
    system = system if isinstance(system, str) else None
    if not isinstance(code, str):
        reason = codes.why(system)
        return Membership(None, reason) if reason else Membership(holds=False)
    if (system, code) in codes.known or (system, _spelled(context, system, code)) in codes.known:
        return Membership(holds=True)
    reason = codes.why(system)
    if reason and (system, code) not in codes.never:
        return Membership(None, reason)
    unnamed = system is None and any(known == code for _, known in codes.known)
    return Membership(holds=False, reason="the answer has no system" if unnamed else "")


def _spelled(context: Context, system: str | None, code: str) -> str:
    """The code as its system spells it, if that is at hand and does not tell case."""
    tables = _expander(context).system(system) if system is not None else None
    return code if tables is None else tables.spelled(code)


def _expander(context: Context, *containers: JsonObject) -> Expander:
    return Expander(context.support, containers or (context.questionnaire.raw,), context.clock.look)


def _codes_of(context: Context, canonical: str) -> ValueSetCodes | None:
    """The codes of a value set, worked out once for the form, or for this response."""
    key = ("value-set", canonical)
    kept: ValueSetCodes | None
    if key in context.scratch:
        kept = context.scratch[key]
        return kept
    owner, kept = context.questionnaire.compiled.get(key, (None, None))
    if kept is None or owner is not context.support:
        kept = _expander(context).named(canonical)
        context.questionnaire.compiled[key] = (context.support, kept)
    if kept is None and canonical.startswith("#"):
        # What a response contains is its own and is not kept for the next one.
        kept = _expander(context, context.response, context.questionnaire.raw).named(canonical)
    context.scratch[key] = kept
    return kept
