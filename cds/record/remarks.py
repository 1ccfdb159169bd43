"""Words beside a result that may say that it is critical: told where the result is silent."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from cds.core.account import Unheard
from cds.record.findings import Findings
from cds.record.flags import reads_critical
from cds.record.labs import Setting
from cds.record.reading import components_of
from cds.record.said import drawn_by_hand, said_in
from cds.record.shapes import as_many, as_object, text_at, texts_of
from cds.record.times import bounds_of
from cds.wire import JsonObject

# Where a result has words: notes (`comment` in STU3, `comments` in DSTU2) and values in words.
WORDS = ("note", "comment", "comments")
# A value that begins so says no, in the languages that names are listed in.
_NO = re.compile(
    r"(?i)\s*(?:n|no|not|non|none|never|neg|negativ\w*|absent|denie[sd]|nein|kein\w*|nicht|ning\w*|sin)\b"
)
_VALUES = ("valueCodeableConcept", "dataAbsentReason")


class Remarks:
    """The results of one record whose words read critical."""

    def __init__(self) -> None:
        """None yet."""
        self._kept: list[tuple[object, Unheard, timedelta | None]] = []

    def take(self, time: object, unheard: Unheard, lasts: timedelta | None = None) -> None:
        """Keep one, which counts for so long; usually as long as a result is recent."""
        self._kept.append((time, unheard, lasts))

    def tell(self, setting: Setting, floor: str, out: Findings) -> None:
        """Tell of the recent ones, but for those that alarm by themselves."""
        for time, unheard, lasts in self._kept:
            age = setting.age_of(bounds_of(time))
            old = age is not None and age > (lasts or setting.policy.recent)
            if old or out.alarms_by(unheard.record):
                continue
            if lasts is not None and all(map(out.is_present, unheard.facts)):
                out.replace((unheard.record,))  # the state is known from elsewhere
            else:
                out.not_heard(unheard, floor)


def reads_critical_beside(observation: JsonObject) -> bool:
    """Whether words of a result may say that it is critical."""
    return any(map(reads_critical, _words(observation)))


def denies(node: Mapping[str, Any]) -> bool:
    """Whether a value in words, or a yes or no, says no."""
    said = [text_at(node, "valueString") or "", *texts_of(node.get("valueCodeableConcept"))]
    return node.get("valueBoolean") is False or any(map(_NO.match, said))


def _words(observation: Mapping[str, Any]) -> Iterator[str]:
    for node in (observation, *components_of(observation)):
        yield text_at(node, "valueString") or ""
        for key in _VALUES:
            yield from texts_of(node.get(key))
    drawn = drawn_by_hand(observation)
    if drawn:
        yield from said_in(drawn).texts
    for key in WORDS:
        for note in as_many(observation.get(key)):
            yield note if isinstance(note, str) else text_at(as_object(note), "text") or ""
