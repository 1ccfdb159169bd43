"""The answers of a response whose items do not stand where the form has them, or not once."""

from collections.abc import Iterator, Mapping
from typing import Any

from cds.core.model import Answers
from cds.forms.given import (
    ITEM,
    Given,
    Read,
    counting,
    is_finished,
    left_out,
    only,
    read_item,
    reasons,
)
from cds.forms.questionnaire import Item, Questionnaire
from cds.forms.reading import WITHOUT_ANSWER, Reading
from cds.forms.response.enablement import Enablement
from cds.forms.response.states import EnabledState
from cds.forms.response.tree import read_tree


def answers_anywhere(response: Mapping[str, Any], reading: Reading, *, assumed: bool) -> Read:
    """Every item with a linkId of the form, wherever it stands."""
    form = reading.questionnaire
    given: dict[str, Given] = {}
    # A modifier that is not understood may turn the meaning of all that it stands on.
    plain = not response.get("modifierExtension")
    for item, entry, in_place in _items(response.get("item"), None, form, in_place=plain):
        if item.type not in WITHOUT_ANSWER:
            one = given.setdefault(item.link_id, Given())
            read_item(item, entry, reading, one, in_place=in_place)
    opened = reasons(given, reading)
    enablement = Enablement(read_tree(dict(response), form))
    states = dict(_states(enablement, reading))
    excused, hidden = left_out(states.items(), reading, opened)
    ignored = tuple(
        item
        for item in reading.asked
        if item in excused and item in given and item not in reading.fail_safe and not assumed
    )
    counted = {
        item: codes
        for item in reading.asked
        if item in given
        and item not in ignored
        and (codes := counting(given[item].codes, item, reading, opened.get(item)))
    }
    for link_id in ignored:
        opened.pop(link_id, None)
    answers = Answers(
        asked=reading.asked,
        codes=counted,
        open=opened,
        excused=excused.difference(counted),
        hidden=hidden,
        blocked=not is_finished(response),
        short=reading.short,
    )
    contradicted = tuple(
        item
        for item in reading.asked
        if item in excused and item in given and _denied(states[item], given, form)
    )
    spoken = tuple(item for item in reading.asked if item in given and given[item].free_text)
    return Read(answers, ignored, contradicted, spoken, enablement)


def _items(
    raw: object, parent: Item | None, form: Questionnaire, *, in_place: bool
) -> Iterator[tuple[Item, dict[str, Any], bool]]:
    """Every item that the form knows, and whether it stands, unmodified, where it belongs."""
    for entry in raw if isinstance(raw, list) else ():
        if not isinstance(entry, dict):
            continue
        link_id = entry.get("linkId")
        item = form.by_link_id.get(link_id) if isinstance(link_id, str) else None
        here = in_place and item is not None and form.has(item, parent) and only(entry, ITEM)
        if item is not None:
            yield item, entry, here
        is_group = item is not None and item.type in WITHOUT_ANSWER
        yield from _items(entry.get("item"), item, form, in_place=here and is_group)
        answers = entry.get("answer")
        for answer in answers if isinstance(answers, list) else ():
            if isinstance(answer, dict):
                nested = here and not is_group
                yield from _items(answer.get("item"), item, form, in_place=nested)


def _states(enablement: Enablement, reading: Reading) -> Iterator[tuple[str, EnabledState]]:
    for link_id in reading.asked:
        item = reading.questionnaire.by_link_id[link_id]
        yield link_id, enablement.at(item, enablement.tree.around(item))


def _denied(state: EnabledState, given: Mapping[str, Given], form: Questionnaire) -> bool:
    """Whether a question that leads to this one was answered with "none" alone."""
    return any(
        when.question in given
        and given[when.question].codes
        and set(given[when.question].codes) <= form.by_link_id[when.question].exclusive
        for when in state.unmet
    )
