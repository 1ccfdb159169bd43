"""Whether the quick look finds an item enabled: conditions over the answers seen so far."""

from collections.abc import Callable, Mapping
from typing import Any

from cds.forms.form.items import EnableWhen, Item
from cds.forms.questionnaire import Questionnaire
from cds.forms.quick.accept_values import Unknown
from cds.forms.response.meets import holds

JsonObject = dict[str, Any]
Answered = dict[str, list[Any]]
Condition = Callable[[Answered], bool]


def condition_of(item: Item, form: Questionnaire) -> Condition | None:
    """Whether the item is enabled, as a function of the answers; None if it always is.

    Without repetitions above either question, each stands once, and its linkId finds it.
    """
    if item.enable_expression is not None:
        raise Unknown
    if not item.enable_when:
        return None
    for when in item.enable_when:
        source = form.by_link_id.get(when.question)
        if source is None or _many(source) or _many(item) or source in item.ancestors:
            raise Unknown
    whens: tuple[EnableWhen, ...] = item.enable_when
    every = item.enable_behavior == "all"

    def condition(answered: Answered) -> bool:
        if every:
            return all(_holds(when, answered) for when in whens)
        return any(_holds(when, answered) for when in whens)

    return condition


def _many(item: Item) -> bool:
    return any(above.repeats or above.type != "group" for above in item.ancestors)


def _holds(when: EnableWhen, answered: Mapping[str, list[Any]]) -> bool:
    answers = answered.get(when.question, [])
    if when.operator == "=" and when.kind == "Coding":
        expected: JsonObject = when.answer
        if "code" in expected and "system" in expected:
            code, system = expected["code"], expected["system"]
            for answer in answers:
                value = answer.get("valueCoding")
                if value is not None and value["code"] == code and value["system"] == system:
                    return True
            return False
    verdict = holds(when, answers)
    if verdict is None:
        raise ValueError(when.operator)  # the quick look does not know
    return verdict
