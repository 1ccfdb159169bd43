"""A form prepared for the quick reading: tables of its questions, options and conditions.

A form with anything that only the full list of checks can judge has no plan.
"""

from collections.abc import Mapping
from typing import NamedTuple

from cds.forms.form import extensions as ext
from cds.forms.questionnaire import Item, Questionnaire
from cds.forms.reading import QUESTIONS, Reading, controls

# place, text, children of a group (None: a question), its options, and of a question the rest
Row = tuple[int, str, "Rows | None", Mapping[str, "Option"], bool, frozenset[str]]
Rows = Mapping[str, Row]

_HL7 = "http://hl7.org/fhir/"
# Extensions on a question that ask nothing of its answers.
_HARMLESS = frozenset(
    {
        ext.SHORT_TEXT,
        ext.CORE + "questionnaire-itemControl",
        ext.CORE + "questionnaire-choiceOrientation",
        ext.CORE + "questionnaire-supportLink",
    }
)


class Option(NamedTuple):
    """An option: its coding as the form has it, and its code as the answer to one question."""

    coding: Mapping[str, str]
    alone: tuple[str, ...]
    unknown: bool


class Conditioned(NamedTuple):
    """Questions that are asked only if conditions hold: `wanted` per controlling question."""

    questions: tuple[str, ...]
    wanted: tuple[tuple[str, frozenset[str]], ...]
    every: bool
    controls: tuple[str, ...]


class LeftOut(NamedTuple):
    """The questions that are not asked, and with them those that must be answered.

    `excused` and `hidden` as in Answers. A question of `silent` may not be answered: it has an
    unmet condition of its own or is below such a group.
    """

    excused: frozenset[str]
    hidden: frozenset[str]
    silent: frozenset[str]
    required: frozenset[str]


class Plan(NamedTuple):
    """A form prepared for quick reading.

    `left_out` remembers what follows from the answers to `controls`, the questions that decide
    what else is asked: codes of the form, nothing else of a patient.
    """

    canonicals: frozenset[str]
    items: Rows
    conditioned: tuple[Conditioned, ...]
    required: frozenset[str]
    controls: tuple[str, ...]
    left_out: dict[tuple[tuple[str, ...] | None, ...], LeftOut]


def plan_of(reading: Reading) -> Plan | None:
    """The plan, or None where the form has what the quick reading does not know."""
    form = reading.questionnaire
    if form.url is None or not _is_usual(form):
        return None
    items: dict[str, Row] = {}
    for root in form.items:
        planned = _plan(root, reading.unknown)
        if planned is None:
            return None
        items[root.link_id] = planned
    conditioned: dict[tuple[object, ...], Conditioned] = {}
    for item in sorted(form.by_link_id.values(), key=lambda one: one.order):
        if item.enable_when:
            one = _conditioned(item, reading)
            if one is None:
                return None
            # Items under the same conditions are asked together.
            same = conditioned.get(one[1:])
            questions = (*(same.questions if same else ()), *one.questions)
            conditioned[one[1:]] = one._replace(questions=questions)
    every = tuple(conditioned.values())
    return Plan(
        canonicals=frozenset({form.url, f"{form.url}|{form.version}"}),
        items=items,
        conditioned=every,
        required=frozenset(one for one in reading.asked if form.by_link_id[one].required),
        controls=tuple(dict.fromkeys(question for one in every for question in one.controls)),
        left_out={},
    )


def _is_usual(form: Questionnaire) -> bool:
    """Whether the form asks for nothing that only the checks can judge."""
    raw = form.raw
    types = raw.get("subjectType", ["Patient"])
    return (
        not form.faults
        and raw.get("status") == "active"
        and isinstance(types, list)
        and "Patient" in types
        and not raw.keys() & {"modifierExtension", "effectivePeriod"}
        and not {ext.CONSTRAINT, ext.TARGET_CONSTRAINT} & set(form.extensions)
    )


def _plan(item: Item, unknown: frozenset[str]) -> Row | None:
    if item.enable_expression is not None or "modifierExtension" in item.raw:
        return None
    if item.read_only or item.hidden or any(map(_asks, item.extensions)):
        return None
    if item.type in {"group", "display"}:  # nothing answers words: a group without questions
        # A required group is seen to be there by a question in it that must always be answered.
        seen = any(child.required and not child.enable_when for child in item.children)
        if item.repeats or (item.required and not seen):
            return None
        children = {child.link_id: _plan(child, unknown) for child in item.children}
        known = {link_id: child for link_id, child in children.items() if child is not None}
        if len(known) != len(children):
            return None
        return item.order, item.text, known, {}, False, frozenset()
    simple = item.type in QUESTIONS and not item.children and item.codings
    if not simple or len(item.codings) != len(item.options) or "answerValueSet" in item.raw:
        return None
    options = {
        code: Option(option["valueCoding"], (code,), code in unknown)
        for code, option in item.codes.items()
    }
    if len(options) != len(item.options) or any(not _whole(one.coding) for one in options.values()):
        return None
    return item.order, item.text, None, options, item.repeats, item.exclusive


def _asks(extension: str) -> bool:
    """Whether the checks may know this extension; one that is not HL7's they pass over."""
    return extension.startswith(_HL7) and extension not in _HARMLESS


def _whole(coding: Mapping[str, str]) -> bool:
    """Whether a coding has just the three parts that an answer repeats."""
    return coding.keys() == {"system", "code", "display"}


def _conditioned(item: Item, reading: Reading) -> Conditioned | None:
    form = reading.questionnaire
    wanted: dict[str, frozenset[str]] = {}
    every = item.enable_behavior == "all"
    for when in item.enable_when:
        source = form.by_link_id.get(when.question)
        code = when.answer.get("code") if when.kind == "Coding" else None
        if when.operator != "=" or source is None or source.order > item.order:
            return None
        if code is None or (when.answer.get("system"), code) not in source.codings:
            return None
        if every and when.question in wanted:
            return None
        wanted[when.question] = wanted.get(when.question, frozenset()) | {code}
    below = (item, *_below(item))
    questions = tuple(one.link_id for one in below if one.type not in {"group", "display"})
    return Conditioned(questions, tuple(wanted.items()), every, controls(item))


def _below(item: Item) -> list[Item]:
    return [one for child in item.children for one in (child, *_below(child))]
