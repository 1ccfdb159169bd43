"""The usual response accepted in one pass: every item in place, every answer plain and right.

A form is compiled into one function per item. They only ever say “surely without any issue” or “I
do not know”; on the latter the full list of checks decides. A property test holds the two together.
Who answered about whom and when may be left out: that is information, and `validate` gives it.
"""

import re
from collections.abc import Callable
from typing import Any

from cds.forms.form import extensions as ext
from cds.forms.questionnaire import Item, Questionnaire
from cds.forms.quick.accept_conditions import Answered, Condition, condition_of
from cds.forms.quick.accept_values import Unknown, ValueCheck, value_check
from cds.forms.values.dates import INSTANT_AT_A_GLANCE
from cds.forms.values.resource_types import RESOURCE_TYPES

JsonObject = dict[str, Any]
# Judges one response item; fills in what is answered and which items must turn out to be enabled.
ItemCheck = Callable[[JsonObject, Answered, list["Condition"]], bool]
Row = tuple[int, bool, ItemCheck]

STATES = ("active", "draft", "retired")  # of the form; `validate` warns of the last two
# What a response may carry beside, whose shape is all that is asked.
_BESIDE = frozenset(("meta", "text", "language", "encounter", "source", "basedOn", "partOf"))
_KEYS = frozenset(
    ("resourceType", "id", "questionnaire", "status", "subject", "author", "authored", "item")
)
MANY = 100  # every condition looks at all answers; more are left to the checks, which have a clock
_TWO, _THREE = 2, 3  # linkId and answer; with text
# Those of R4; R5 has the same.
_AUTHORS = frozenset(
    ("Device", "Organization", "Patient", "Practitioner", "PractitionerRole", "RelatedPerson")
)
_STATUSES = frozenset(("completed", "amended", "in-progress", "stopped", "entered-in-error"))
_REFERENCE = re.compile(r"([A-Z][A-Za-z]+)/[A-Za-z0-9.\-]{1,64}")
_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")
# What these extensions ask for is left to the full checks.
_JUDGED = frozenset(
    (
        ext.MIN_OCCURS,
        ext.MAX_OCCURS,
        ext.UNIT_OPTION,
        ext.UNIT_VALUE_SET,
        ext.CONSTRAINT,
        ext.TARGET_CONSTRAINT,
        ext.MIME_TYPE,
        ext.MAX_SIZE,
        ext.MIN_QUANTITY,
        ext.MAX_QUANTITY,
        ext.CALCULATED_EXPRESSION,
        ext.ANSWER_EXPRESSION,
        *ext.ENABLE_WHEN_EXPRESSIONS,
    )
)


def accepts(questionnaire: Questionnaire, response: JsonObject) -> bool:
    """Whether a response surely lacks nothing but what is recommended; False says nothing."""
    plan: Plan | None = questionnaire.compiled.get("accept", _UNMADE)
    if plan is _UNMADE:
        plan = questionnaire.compiled["accept"] = plan_of(questionnaire)
    if plan is None:
        return False
    try:
        return plan(response)
    except (KeyError, TypeError, AttributeError, ValueError):
        return False


_UNMADE: Any = object()
Plan = Callable[[JsonObject], bool]


def plan_of(questionnaire: Questionnaire) -> Plan | None:
    """The compiled form, or None if it holds something that only the full checks can judge."""
    raw = questionnaire.raw
    if questionnaire.faults or questionnaire.url is None or "modifierExtension" in raw:
        return None
    if raw.get("status") not in STATES or "effectivePeriod" in raw:
        return None
    if {ext.CONSTRAINT, ext.TARGET_CONSTRAINT} & set(questionnaire.extensions):
        return None
    try:
        children = _Children(questionnaire.items, questionnaire)
    except Unknown:
        return None
    return _root(questionnaire, children)


def _root(questionnaire: Questionnaire, children: "_Children") -> Plan:
    names = {questionnaire.url, f"{questionnaire.url}|{questionnaire.version}"}
    types = questionnaire.raw.get("subjectType")
    # A type that is no text matches no subject, so the full checks get to see it.
    texts = [type_ for type_ in types if isinstance(type_, str)] if isinstance(types, list) else []
    subjects = frozenset(texts) if isinstance(types, list) else None
    judge = children.judge

    def plan(response: JsonObject) -> bool:
        if response["resourceType"] != "QuestionnaireResponse":
            return False
        if not _KEYS.issuperset(response) and not _is_sound_beside(response):
            return False
        if response["questionnaire"] not in names or response["status"] not in _STATUSES:
            return False
        if not _who_is_right(response, subjects):
            return False
        answered: Answered = {}
        conditions: list[Condition] = []
        if not judge(response["item"], answered, conditions):
            return False
        return all(condition(answered) for condition in conditions)

    return plan


def _is_sound_beside(response: JsonObject) -> bool:
    from cds.forms.checks.shape import is_sound  # noqa: PLC0415 - few responses carry more than `_KEYS`

    beside = {key: value for key, value in response.items() if key not in _KEYS}
    return _BESIDE.issuperset(beside) and is_sound(beside)


def _who_is_right(response: JsonObject, subjects: frozenset[str] | None) -> bool:
    """Whether what is there of author, subject, time and id is as it should be."""
    if "authored" in response and not INSTANT_AT_A_GLANCE.fullmatch(response["authored"]):
        return False
    if "author" in response and not _reference(response["author"], _AUTHORS):
        return False
    if "subject" in response and not _reference(response["subject"], subjects or RESOURCE_TYPES):
        return False
    return "id" not in response or _ID.fullmatch(response["id"]) is not None


def _reference(value: JsonObject, types: frozenset[str] | None) -> bool:
    found = _REFERENCE.fullmatch(value["reference"])
    return len(value) == 1 and found is not None and (types is None or found.group(1) in types)


class _Children:
    """The items that may stand in one place, in order, and those that must."""

    def __init__(self, items: tuple[Item, ...], form: Questionnaire) -> None:
        self.table: dict[str, Row] = {}
        self.required: list[tuple[str, Condition | None]] = []
        for item in items:
            condition = condition_of(item, form)
            self.table[item.link_id] = (
                item.order,
                item.type == "group" and item.repeats,
                _compiled(item, form, condition),
            )
            if item.required and item.type != "display" and not item.hidden:
                self.required.append((item.link_id, condition))

    @property
    def judge(self) -> Callable[[Any, Answered, list[Condition]], bool]:
        """The function that judges the items of one place."""
        table, required = self.table, self.required

        def judge(items: Any, answered: Answered, conditions: list[Condition]) -> bool:
            if type(items) is not list or not items:
                return False
            before = -1
            here = set()
            for node in items:
                link_id = node["linkId"]
                order, again, check = table[link_id]
                if (order <= before and not (again and order == before)) or not check(
                    node, answered, conditions
                ):
                    return False
                before = order
                here.add(link_id)
            for link_id, condition in required:
                if link_id not in here:
                    if condition is None:
                        return False
                    conditions.append(_negated(condition))
            return True

        return judge


def _negated(condition: Condition) -> Condition:
    return lambda answered: not condition(answered)


def _compiled(item: Item, form: Questionnaire, condition: Condition | None) -> ItemCheck:
    """The function that judges one response item of this definition."""
    if "modifierExtension" in item.raw or not _JUDGED.isdisjoint(item.extensions):
        raise Unknown
    if item.type == "group":
        return _group(item, _Children(item.children, form), condition)
    if item.type == "display":
        return _display(item, condition)
    if item.children or item.read_only or item.enable_expression is not None:
        raise Unknown
    key, is_right, free = value_check(item)
    return _question(item, key, is_right, free, condition)


def _display(item: Item, condition: Condition | None) -> ItemCheck:
    text = item.text

    def check(node: JsonObject, _: Answered, __: list[Condition]) -> bool:
        return node.keys() <= {"linkId", "text"} and node.get("text", text) == text != ""

    del condition  # a display without content may stand, enabled or not
    return check


def _group(item: Item, children: _Children, condition: Condition | None) -> ItemCheck:
    text, required, judge = item.text, item.required, children.judge

    def check(node: JsonObject, answered: Answered, conditions: list[Condition]) -> bool:
        if len(node) != 2 + ("text" in node) or node.get("text", text) != text:
            return False
        if condition is not None:
            conditions.append(condition)
        known = len(answered)
        return judge(node["item"], answered, conditions) and not (
            required and known == len(answered)
        )

    return check


def _question(
    item: Item,
    key: str,
    is_right: ValueCheck,
    free: ValueCheck | None,
    condition: Condition | None,
) -> ItemCheck:
    text, link_id = item.text, item.link_id
    are_right = _answers(key, is_right, free)
    may_be_many = _together(item, key)

    def check(node: JsonObject, answered: Answered, conditions: list[Condition]) -> bool:
        answers = node["answer"]
        if len(node) != _TWO and (len(node) != _THREE or node["text"] != text):
            return False
        if not are_right(answers) or (len(answers) > 1 and not may_be_many(answers)):
            return False
        if condition is not None:
            conditions.append(condition)
        answered[link_id] = answers
        return True

    return check


def _answers(key: str, is_right: ValueCheck, free: ValueCheck | None) -> ValueCheck:
    """Whether there are answers, each with one right value and nothing else."""

    def check(answers: Any) -> bool:
        if type(answers) is not list or not 0 < len(answers) <= MANY:
            return False
        for answer in answers:
            if len(answer) != 1:
                return False
            if key in answer:
                if not is_right(answer[key]):
                    return False
            elif free is None or not free(answer["valueString"]):
                return False
        return True

    return check


def _together(item: Item, key: str) -> ValueCheck:
    """Whether several answers may stand together."""
    repeats, exclusive = item.repeats, item.exclusive

    def check(answers: Any) -> bool:
        return repeats and not (
            exclusive and any(answer[key]["code"] in exclusive for answer in answers)
        )

    return check
