"""Cards: few, read in five seconds, and nothing that is true hidden.

One critical card at most. Critical stands for the alerting levels only; open safety questions are a
warning of their own. What does not fit is named by rule and count, and stands behind the link. An
empty list is said only by a finished assessment that found nothing to say.
"""

from collections.abc import Mapping
from typing import NamedTuple

from cds.flows.hooks import Verdict
from cds.web.cards import found, gaps
from cds.web.cards.sheet import CardPlace, Sheet
from cds.web.cards.texts import CRITICAL, INFO, WARNING
from cds.wire import JsonObject

# In the order in which they are told, where they are equally urgent.
_CARDS = (
    found.alarm,
    found.urgent,
    found.open_question_cards,
    gaps.closed,
    gaps.outdated,
    gaps.undated,
    gaps.not_understood,
    gaps.not_assessed,
    gaps.foreign,
    found.calm,
    gaps.not_read,
    found.order_card,
    found.due,
)
_ORDER = {CRITICAL: 0, WARNING: 1, INFO: 2}


class Drawn(NamedTuple):
    """The cards, and which rules each stands for (for the feedback to be counted by)."""

    cards: tuple[JsonObject, ...]
    rules: Mapping[str, tuple[str, ...]]

    @property
    def critical(self) -> bool:
        """Whether there is an emergency among them."""
        return any(card["indicator"] == CRITICAL for card in self.cards)


def draw(verdict: Verdict, place: CardPlace) -> Drawn:
    """Every card that the verdict calls for, the most urgent first."""
    sheet = Sheet(verdict, place)
    made = [one for card in _CARDS if (one := card(sheet)) is not None]
    if len(made) > 1:
        made.sort(key=lambda one: _ORDER[one[0]["indicator"]])
    return Drawn(tuple([card for card, _ in made]), {card["uuid"]: rules for card, rules in made})
