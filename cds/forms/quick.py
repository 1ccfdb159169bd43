"""The usual response read in one pass: complete, faultless, answered by codes only.

Reads and checks at once. At the first doubt it gives up (None), and the full reading and the full
list of checks decide: what this accepts, they must find nothing wrong with (a property test).
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from cds.core.model import Answers
from cds.forms import extensions as ext
from cds.forms.answers import FINISHED, QUESTIONS, Reading, controls
from cds.forms.questionnaire import Item, Questionnaire

_KEYS = frozenset(
    "resourceType id meta questionnaire status subject encounter authored author item".split()  # noqa: SIM905 - reads as a list
)
_AUTHORED = re.compile(
    r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
    r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)",
    re.ASCII,
)
_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_SUBJECT = re.compile(r"Patient/[A-Za-z0-9.\-]{1,64}")
_OTHERS = {
    "encounter": re.compile(r"Encounter/[A-Za-z0-9.\-]{1,64}"),
    "author": re.compile(
        r"(?:Patient|Practitioner|PractitionerRole|RelatedPerson|Device|Organization)/[A-Za-z0-9.\-]{1,64}"
    ),
}
_BARE = 2  # linkId and answer, or system and code
_WORDED = 3  # and text, or display
_NO_CODES: tuple[str, ...] = ()

# place, text, children of a group; of a question: repeats, system, code → display, exclusive codes
_Row = tuple[int, str, "Rows | None", bool, str | None, Mapping[str, str], frozenset[str]]
Rows = Mapping[str, _Row]


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
    items: Rows
    conditioned: tuple[_Conditioned, ...]
    required: tuple[str, ...]


def plan_of(reading: Reading) -> Plan | None:
    """The plan, or None where the form has what the quick reading does not know."""
    form = reading.questionnaire
    if form.url is None or not _is_usual(form):
        return None
    items: dict[str, _Row] = {}
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


def _plan(item: Item) -> _Row | None:
    if item.enable_expression is not None or item.raw.get("modifierExtension"):
        return None
    if item.type == "group":
        if item.repeats or item.required:
            return None
        children = {child.link_id: _plan(child) for child in item.children}
        known = {link_id: child for link_id, child in children.items() if child is not None}
        if len(known) != len(children):
            return None
        return item.order, item.text, known, False, None, {}, frozenset()
    systems = {system for system, _ in item.codings}
    simple = item.type in QUESTIONS and not item.children and len(systems) == 1
    if not simple or len(item.codings) != len(item.options) or "answerValueSet" in item.raw:
        return None
    displays = {
        code: str(option["valueCoding"].get("display", "")) for code, option in item.codes.items()
    }
    return item.order, item.text, None, item.repeats, systems.pop(), displays, item.exclusive


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
    """The answers of a response that no check would object to, or None in any doubt.

    What it accepts holds no number and is nested as the form is, so the limits of `wire` are kept.
    """
    given: dict[str, tuple[str, ...]] = {}
    try:
        if not _head_is_usual(response, plan):
            return None
        if not _read_items(response["item"], plan.items, given):
            return None
    except (KeyError, TypeError, AttributeError):
        return None
    opened, codes = _without_unknown(given, reading.unknown)
    left_out = _not_asked(plan, given, opened)
    if left_out is None:
        return None
    excused, hidden = left_out
    for link_id in plan.required:
        if link_id not in given and link_id not in excused and link_id not in hidden:
            return None
    return Answers(
        reading.asked, codes, opened, frozenset(excused), frozenset(hidden), short=reading.short
    )


def _not_asked(
    plan: Plan, given: Mapping[str, tuple[str, ...]], opened: Mapping[str, str]
) -> tuple[set[str], set[str]] | None:
    """The questions excused and hidden; None if one of them is answered all the same."""
    excused: set[str] = set()
    hidden: set[str] = set()
    for one in plan.conditioned:
        holds = [code in given.get(question, _NO_CODES) for question, code in one.conditions]
        if all(holds) if one.every else any(holds):
            continue
        for question in one.questions:
            if question in given:
                return None
        settled = True
        for question in one.controls:
            if question in opened or (question not in given and question not in excused):
                settled = False
        (excused if settled else hidden).update(one.questions)
    return excused, hidden - excused


def _without_unknown(
    given: dict[str, tuple[str, ...]], unknown: frozenset[str]
) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """The questions answered with "not known", and the codes that are known."""
    opened = {
        link_id: "unknown" for link_id, found in given.items() if not unknown.isdisjoint(found)
    }
    if not opened:
        return opened, given
    codes = dict(given)
    for link_id in opened:
        codes[link_id] = tuple(code for code in given[link_id] if code not in unknown)
        if not codes[link_id]:
            del codes[link_id]
    return opened, codes


def _head_is_usual(response: Mapping[str, Any], plan: Plan) -> bool:
    """Whether everything beside the answers is as usual; any other shape raises or is False."""
    return (
        _KEYS.issuperset(response)
        and response["resourceType"] == "QuestionnaireResponse"
        and response["questionnaire"] in plan.canonicals
        and response["status"] in FINISHED
        and _AUTHORED.fullmatch(response["authored"]) is not None
        and _refers(response["subject"], _SUBJECT)
        and ("id" not in response or _ID.fullmatch(response["id"]) is not None)
        and all(_refers(response[name], _OTHERS[name]) for name in _OTHERS if name in response)
        and ("meta" not in response or all(type(v) is str for v in response["meta"].values()))
    )


def _refers(value: Any, pattern: re.Pattern[str]) -> bool:
    """Whether this is a plain reference to one of the types that may stand here."""
    return len(value) == 1 and pattern.fullmatch(value["reference"]) is not None


def _read_items(items: Any, planned: Rows, given: dict[str, tuple[str, ...]]) -> bool:
    """Read the items of one level in order; False, or an exception, at the first doubt."""
    if type(items) is not list or not items:
        return False
    last = -1
    for entry in items:
        link_id = entry["linkId"]
        row = planned[link_id]
        if row[0] <= last or not _is_plain(entry, row[1]):
            return False
        last = row[0]
        if row[2] is not None:
            if not _read_items(entry["item"], row[2], given):
                return False
        else:
            found = _codes(entry["answer"], row)
            if not found:
                return False
            given[link_id] = found
    return True


def _is_plain(entry: Any, text: str) -> bool:
    """Whether an item has its linkId and content, its own text or none, and nothing else."""
    return len(entry) == _BARE or (len(entry) == _WORDED and entry["text"] == text)


def _codes(answers: Any, row: _Row) -> tuple[str, ...]:
    """The codes of sound answers; none at the first doubt."""
    _, _, _, repeats, system, displays, exclusive = row
    found = []
    for answer in answers:
        coding = answer["valueCoding"]
        code = coding["code"]
        if len(answer) != 1 or coding["system"] != system or code not in displays:
            return ()
        # Another wording of the display is no fault, as long as it is one.
        if len(coding) != _BARE and (
            len(coding) != _WORDED
            or (coding["display"] != displays[code] and not _is_text(coding["display"]))
        ):
            return ()
        found.append(code)
    if len(found) == 1:
        return (found[0],) if type(answers) is list else ()
    alone = not repeats or type(answers) is not list or not exclusive.isdisjoint(found)
    return () if alone or len(set(found)) != len(found) else tuple(found)


def _is_text(value: object) -> bool:
    return type(value) is str and bool(value.strip())
