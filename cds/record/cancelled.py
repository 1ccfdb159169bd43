"""Results that a laboratory cancelled, and that have a value all the same: told, and no fact."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from cds.core.account import Unheard
from cds.record.doubts import Doubts, ResultPart, flagged_critical
from cds.record.findings import Findings
from cds.record.flags import flags_of
from cds.record.labs import Setting
from cds.record.reading import Bare, Result, components_of, measured, when_text, written_value
from cds.record.rules import Analyte, RecordRules
from cds.record.times import bounds_of
from cds.wire import JsonObject

_WITHDRAWN = "entered-in-error"


class _Cancelled(NamedTuple):
    time: Any
    analytes: list[Analyte]
    unheard: Unheard


class Cancelled:
    """The cancelled results of one record."""

    def __init__(self, rules: RecordRules, doubts: Doubts) -> None:
        """None yet."""
        self._rules = rules
        self._doubts = doubts
        self._kept: list[_Cancelled] = []

    def take(self, observation: JsonObject, record: str, analytes: list[Analyte]) -> None:
        """Keep one with a value, if it is of a listed test or was called critical."""
        if observation.get("status") == _WITHDRAWN:
            return
        rules = self._rules
        parts = [observation, *components_of(observation)]
        critical = flagged_critical(flags_of(observation, rules), rules)
        valued = any(written_value(measured(node), rules) is not None for node in parts)
        if valued and (analytes or critical):
            part = ResultPart(observation, observation, record)
            unheard = self._doubts.unheard("cancelled", part, (), critical=critical)
            self._kept.append(_Cancelled(when_text(observation), analytes, unheard))

    def tell(self, listed: Mapping[str, list[Bare]], setting: Setting, out: Findings) -> None:
        """Tell of the recent ones, but for those whose test was measured again and is final."""
        policy = setting.policy
        for time, analytes, unheard in self._kept:
            age = setting.age_of(bounds_of(time))
            if age is not None and age > policy.recent:
                continue
            same = (Result(*one) for each in analytes for one in listed.get(each.id, ()))
            final = (bounds_of(one.time) for one in same if one.status in policy.final)
            ages = [one for one in map(setting.age_of, final) if one is not None]
            if age is not None and any(one <= age for one in ages):
                out.replace((unheard.record,))
            else:
                out.not_heard(unheard)
