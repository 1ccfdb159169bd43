"""How the answers of one form are to be read: known before any response, light to import."""

from collections.abc import Mapping

from cds.forms.questionnaire import Item, Questionnaire

FINISHED = frozenset({"completed", "amended"})
WITHOUT_ANSWER = frozenset({"group", "display"})


class Reading:
    """How the answers of one form are to be read. A plain class, since every decision reads it.

    `alarms`: linkId → codes that rules argue with. `unknown`: codes that mean "not known".
    `fail_safe`: linkIds whose answers count even where they were not asked. `short`: see Answers.
    `asked`: the questions in document order. `alone_unknown`: each of `unknown` as the only answer.
    """

    def __init__(
        self,
        questionnaire: Questionnaire,
        alarms: Mapping[str, frozenset[str]],
        *,
        unknown: frozenset[str],
        fail_safe: frozenset[str],
        short: bool,
    ) -> None:
        self.questionnaire = questionnaire
        self.alarms = alarms
        self.unknown = unknown
        self.fail_safe = fail_safe
        self.short = short
        items = sorted(questionnaire.by_link_id.values(), key=lambda item: item.order)
        self.asked = tuple(item.link_id for item in items if item.type not in WITHOUT_ANSWER)
        self.alone_unknown = frozenset((code,) for code in unknown)


def controls(item: Item) -> tuple[str, ...]:
    """The questions that decide whether an item is asked: of its conditions and its ancestors'."""
    return tuple(
        dict.fromkeys(when.question for one in (*item.ancestors, item) for when in one.enable_when)
    )
