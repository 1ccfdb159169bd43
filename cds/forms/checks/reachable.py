"""Items of a form that nobody can ever be asked: conditions in a circle, or never met."""

from collections.abc import Callable, Iterator, Mapping

from cds.forms.form.items import EnableWhen, Item
from cds.forms.questionnaire import Questionnaire

_Problem = tuple[Item, str]


def unreachable(form: Questionnaire, look: Callable[[], None]) -> Iterator[_Problem]:
    """The items that no answers can enable, each with why; those below one are not told again.

    `look` is called time and again: conditions may lead a long way.
    """
    circle = set(_in_circles(form, look))
    for item in form.by_link_id.values():
        if item.link_id in circle:
            yield item, "its conditions lead back to itself"
    never = _never_asked(form, circle, look)
    for link_id, why in never.items():
        item = form.by_link_id[link_id]
        if not any(above.link_id in never for above in item.ancestors):
            yield item, why


def _never_asked(form: Questionnaire, circle: set[str], look: Callable[[], None]) -> dict[str, str]:
    """The linkIds that no answers can enable; found until nothing follows from them any more."""
    never: dict[str, str] = {}
    while True:
        look()
        found = {
            link_id: why
            for link_id, item in form.by_link_id.items()
            if link_id not in never
            and link_id not in circle
            and (why := _why_never(item, form.by_link_id, never))
        }
        if not found:
            return never
        never |= found


def _in_circles(form: Questionnaire, look: Callable[[], None]) -> Iterator[str]:
    """The linkIds from which conditions lead back to where they began."""
    edges = {
        item.link_id: [when.question for when in item.enable_when]
        + [when.question for above in item.ancestors for when in above.enable_when]
        for item in form.by_link_id.values()
    }
    for start, first in edges.items():
        look()
        waiting, seen = list(first), set[str]()
        while waiting:
            one = waiting.pop()
            if one == start:
                yield start
                break
            if one not in seen:
                seen.add(one)
                waiting.extend(edges.get(one, ()))


def _why_never(item: Item, known: Mapping[str, Item], never: Mapping[str, str]) -> str | None:
    """Why an item can never be asked, as far as its own conditions show."""
    if item.enable_expression is not None or not item.enable_when:
        return None
    failing = [why for when in item.enable_when if (why := _never_met(when, known, never))]
    if not failing:
        return _at_odds(item, known) if item.enable_behavior == "all" else None
    every = item.enable_behavior == "all" or len(item.enable_when) == 1
    return failing[0] if every or len(failing) == len(item.enable_when) else None


def _never_met(when: EnableWhen, known: Mapping[str, Item], never: Mapping[str, str]) -> str | None:
    source = known.get(when.question)
    if source is None or (when.operator == "exists" and when.answer is False):
        return None
    if when.question in never:
        return f"it depends on '{when.question}', which is never asked"
    if when.operator == "=" and when.kind == "Coding" and not _is_offered(source, when.answer):
        return f"it waits for an answer that '{when.question}' does not offer"
    return None


def _is_offered(source: Item, answer: object) -> bool:
    """Whether a question may be answered so; True where that cannot be told."""
    closed = source.type in {"choice", "coding"} and source.constraint in {None, "optionsOnly"}
    if not closed or not source.codings or "answerValueSet" in source.raw:
        return True
    if not isinstance(answer, dict) or not all("valueCoding" in one for one in source.options):
        return True
    system, code = answer.get("system"), answer.get("code")
    return any(known == code and system in {None, of} for of, known in source.codings)


def _at_odds(item: Item, known: Mapping[str, Item]) -> str | None:
    """Two conditions that one answer cannot meet together."""
    equal: dict[str, object] = {}
    for when in item.enable_when:
        source = known.get(when.question)
        if when.operator != "=" or source is None or source.repeats:
            continue
        if any(above.repeats for above in source.ancestors):
            continue
        if when.question in equal and equal[when.question] != when.answer:
            return f"it waits for two answers of '{when.question}' at once"
        equal[when.question] = when.answer
    return None
