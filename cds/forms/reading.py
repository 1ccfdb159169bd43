"""How the answers of one form are to be read: known before any response, light to import."""

from collections.abc import Mapping
from typing import NamedTuple

from cds.forms.questionnaire import Item, Questionnaire

FINISHED = frozenset({"completed", "amended"})
WITHOUT_ANSWER = frozenset({"group", "display"})


class Reading(NamedTuple):
    """How the answers of one form are to be read.

    `alarms`: linkId → codes that rules argue with. `unknown`: codes that mean "not known".
    `fail_safe`: linkIds whose answers count even where they were not asked. `short`: see Answers.
    `asked`: the questions in document order. `alone_unknown`: each of `unknown` as the only answer.
    """

    questionnaire: Questionnaire
    alarms: Mapping[str, frozenset[str]]
    unknown: frozenset[str]
    fail_safe: frozenset[str]
    short: bool
    asked: tuple[str, ...] = ()
    alone_unknown: frozenset[tuple[str, ...]] = frozenset()


def reading_of(
    questionnaire: Questionnaire,
    alarms: Mapping[str, frozenset[str]],
    *,
    unknown: frozenset[str],
    fail_safe: frozenset[str],
    short: bool,
) -> Reading:
    """A reading, with the questions of the form in document order."""
    items = sorted(questionnaire.by_link_id.values(), key=lambda item: item.order)
    asked = tuple(item.link_id for item in items if item.type not in WITHOUT_ANSWER)
    alone = frozenset((code,) for code in unknown)
    return Reading(questionnaire, alarms, unknown, fail_safe, short, asked, alone)


def controls(item: Item) -> tuple[str, ...]:
    """The questions that decide whether an item is asked: of its conditions and its ancestors'."""
    return tuple(
        dict.fromkeys(when.question for one in (*item.ancestors, item) for when in one.enable_when)
    )
