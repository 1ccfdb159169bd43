"""The usual response read in one pass: complete, faultless, answered by codes only.

Reads and checks at once. At the first doubt it gives up (None), and the full reading and the full
list of checks decide: what this accepts must be what they find nothing wrong with (a property test).
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from cds.core.model import Answers
from cds.forms.answers import FINISHED, QUESTIONS, Reading, controls
from cds.forms.questionnaire import Item

_KEYS = frozenset(
    "resourceType id meta questionnaire status subject encounter authored author item".split()
)
_AUTHORED = re.compile(
    r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
    r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)"
)
_SUBJECT = re.compile(r"Patient/[A-Za-z0-9.-]{1,64}")
_ANSWER = 1  # an answer with a value and nothing else
_NO_CODES: tuple[str, ...] = ()


class _Question(NamedTuple):
    place: int
    text: str
    repeats: bool
    system: str | None
    codes: frozenset[str]
    exclusive: frozenset[str]


class _Group(NamedTuple):
    place: int
    text: str
    children: "Mapping[str, _Question | _Group]"


class _Conditioned(NamedTuple):
    """An item with conditions of its own, or (a group) the questions that hang on it."""

    link_id: str
    questions: tuple[str, ...]  # the questions that are asked only if the conditions hold
    conditions: tuple[tuple[str, str], ...]
    every: bool
    controls: tuple[str, ...]


class Plan(NamedTuple):
    """A form prepared for quick reading."""

    canonicals: frozenset[str]
    items: Mapping[str, _Question | _Group]
    conditioned: tuple[_Conditioned, ...]
    required: tuple[str, ...]


def plan_of(reading: Reading) -> Plan | None:
    """The plan, or None where the form has what the quick reading does not know."""
    form = reading.questionnaire
    if form.faults or form.url is None or form.raw.get("modifierExtension"):
        return None
    items: dict[str, _Question | _Group] = {}
    for root in form.items:
        planned = _plan(root)
        if planned is None:
            return None
        items[root.link_id] = planned
    conditioned = []
    for item in sorted(form.by_link_id.values(), key=lambda one: one.order):
        if item.enable_when:
            one = _conditioned(item, reading)
            if one is None:
                return None
            conditioned.append(one)
    required = tuple(link_id for link_id in reading.asked if form.by_link_id[link_id].required)
    canonicals = frozenset({form.url, f"{form.url}|{form.version}"})
    return Plan(canonicals, items, tuple(conditioned), required)


def _plan(item: Item) -> _Question | _Group | None:
    if item.enable_expression is not None or item.raw.get("modifierExtension"):
        return None
    if item.type == "group":
        if item.repeats or item.required:
            return None
        children = {child.link_id: _plan(child) for child in item.children}
        known = {link_id: child for link_id, child in children.items() if child is not None}
        return _Group(item.order, item.text, known) if len(known) == len(children) else None
    systems = {system for system, _ in item.codings}
    simple = item.type in QUESTIONS and not item.children and len(systems) == 1
    if not simple or len(item.codings) != len(item.options) or "answerValueSet" in item.raw:
        return None
    return _Question(
        item.order, item.text, item.repeats, systems.pop(), frozenset(item.codes), item.exclusive
    )


def _conditioned(item: Item, reading: Reading) -> _Conditioned | None:
    form = reading.questionnaire
    conditions = []
    for when in item.enable_when:
        source = form.by_link_id.get(when.question)
        code = when.answer.get("code") if when.kind == "Coding" else None
        if when.operator != "=" or source is None or source.order > item.order:
            return None
        if code is None or (when.answer.get("system"), code) not in source.codings:
            return None
        conditions.append((when.question, code))
    below = (item, *_below(item))
    questions = tuple(one.link_id for one in below if one.type != "group")
    every = item.enable_behavior == "all"
    return _Conditioned(item.link_id, questions, tuple(conditions), every, controls(item))


def _below(item: Item) -> list[Item]:
    return [one for child in item.children for one in (child, *_below(child))]


def read_quickly(response: Mapping[str, Any], reading: Reading, plan: Plan) -> Answers | None:
    """The answers of a response that no check would object to, or None in any doubt."""
    if not response.keys() <= _KEYS or not _head_is_usual(response, plan):
        return None
    given: dict[str, tuple[str, ...]] = {}
    if not _read_items(response.get("item"), plan.items, given):
        return None
    excused: set[str] = set()
    hidden: set[str] = set()
    opened: dict[str, str] = {}
    unknown = reading.unknown
    codes = given
    for link_id, found in given.items():
        if not unknown.isdisjoint(found):
            if codes is given:
                codes = dict(given)
            opened[link_id] = "unknown"
            known = tuple(code for code in found if code not in unknown)
            if known:
                codes[link_id] = known
            else:
                del codes[link_id]
    for one in plan.conditioned:
        holds = [code in given.get(question, _NO_CODES) for question, code in one.conditions]
        if all(holds) if one.every else any(holds):
            continue
        for question in one.questions:
            if question in given:
                return None
        settled = all(
            (question in given or question in excused) and question not in opened
            for question in one.controls
        )
        (excused if settled else hidden).update(one.questions)
    for link_id in plan.required:
        if link_id not in given and link_id not in excused and link_id not in hidden:
            return None
    return Answers(
        asked=reading.asked,
        codes=codes,
        open=opened,
        excused=frozenset(excused),
        hidden=frozenset(hidden - excused),
        short=reading.short,
    )


def _head_is_usual(response: Mapping[str, Any], plan: Plan) -> bool:
    if (
        response.get("questionnaire") not in plan.canonicals
        or response.get("status") not in FINISHED
        or response.get("resourceType") != "QuestionnaireResponse"
    ):
        return False
    authored = response.get("authored")
    subject = response.get("subject")
    reference = subject.get("reference") if isinstance(subject, dict) else None
    return (
        isinstance(authored, str)
        and _AUTHORED.fullmatch(authored) is not None
        and isinstance(reference, str)
        and _SUBJECT.fullmatch(reference) is not None
    )


def _read_items(
    items: object,
    planned: Mapping[str, _Question | _Group],
    given: dict[str, tuple[str, ...]],
) -> bool:
    """Read the items of one level in order; False at the first doubt."""
    if not isinstance(items, list):
        return False
    last = -1
    for entry in items:
        if type(entry) is not dict:
            return False
        link_id = entry.get("linkId")
        if type(link_id) is not str:
            return False
        known = planned.get(link_id)
        if known is None or known.place <= last:
            return False
        last = known.place
        keys = 2
        if "text" in entry:
            if entry["text"] != known.text:
                return False
            keys = 3
        if len(entry) != keys:
            return False
        if type(known) is _Group:
            if not _read_items(entry.get("item"), known.children, given):
                return False
        else:
            answers = entry.get("answer")
            if type(answers) is not list:
                return False
            found = _read_answers(answers, known)
            if found is None:
                return False
            given[link_id] = found
    return True


def _read_answers(answers: list[Any], question: Any) -> tuple[str, ...] | None:  # noqa: ANN401
    """The codes of sound answers, or None."""
    _, _, repeats, system, options, exclusive = question
    found = []
    for answer in answers:
        if type(answer) is not dict or len(answer) != _ANSWER:
            return None
        coding = answer.get("valueCoding")
        if type(coding) is not dict:
            return None
        code = coding.get("code")
        if type(code) is not str or code not in options or coding.get("system") != system:
            return None
        if len(coding) > 2 and not (len(coding) == 3 and type(coding.get("display")) is str):  # noqa: PLR2004
            return None
        found.append(code)
    if len(found) != 1:
        if not found or not repeats or len(set(found)) != len(found):
            return None
        if not exclusive.isdisjoint(found):
            return None
    return tuple(found)
