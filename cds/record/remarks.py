"""Words beside a result that may say that it is critical: told where the result is silent."""

from collections.abc import Iterator, Mapping
from typing import Any

from cds.core.account import Unheard
from cds.record.findings import Findings
from cds.record.flags import reads_critical
from cds.record.labs import Setting
from cds.record.shapes import as_many, as_object, text_at, texts_of
from cds.record.times import bounds_of
from cds.wire import JsonObject

# Where a result has words: notes (`comment` in STU3, `comments` in DSTU2) and values in words.
WORDS = ("note", "comment", "comments")
_VALUES = ("valueCodeableConcept", "dataAbsentReason")


class Remarks:
    """The results of one record whose words read critical."""

    def __init__(self) -> None:
        """None yet."""
        self._kept: list[tuple[object, Unheard]] = []

    def take(self, time: object, unheard: Unheard) -> None:
        """Keep one."""
        self._kept.append((time, unheard))

    def tell(self, setting: Setting, floor: str, out: Findings) -> None:
        """Tell of the recent ones, but for those that alarm by themselves."""
        for time, unheard in self._kept:
            age = setting.age_of(bounds_of(time))
            old = age is not None and age > setting.policy.recent
            if not old and not out.alarms_by(unheard.record):
                out.not_heard(unheard, floor)


def reads_critical_beside(observation: JsonObject) -> bool:
    """Whether words of a result may say that it is critical."""
    return any(map(reads_critical, _words(observation)))


def _words(observation: Mapping[str, Any]) -> Iterator[str]:
    for node in (observation, *map(as_object, as_many(observation.get("component")))):
        yield text_at(node, "valueString") or ""
        for key in _VALUES:
            yield from texts_of(node.get(key))
    for key in WORDS:
        for note in as_many(observation.get(key)):
            yield note if isinstance(note, str) else text_at(as_object(note), "text") or ""
