"""Observations, put aside by the test that they are of; each is read when its turn comes.

Most results of a long record are of tests that no rule names, or too old to say anything. They are
never read: no more is done than to look up their code.
"""

from datetime import datetime

from cds.record.findings import Findings
from cds.record.history import State, hear_states, state_of
from cds.record.labs import Setting, hear
from cds.record.reading import (
    NO_FLAGS,
    Bare,
    Codings,
    Result,
    as_list,
    as_object,
    codings_of,
    flags_of,
    is_laboratory,
    number_of,
    text_at,
    when_text,
)
from cds.record.rules import Analyte, RecordRules, Status
from cds.record.times import born_of
from cds.record.walk import name_of
from cds.wire import JsonObject

# Stands for every test that is not listed, until one of its results turns out to be critical.
_UNLISTED = Analyte("", "", (), frozenset(), (), listed=False)


class Results:
    """The results of each test, and the states that observations say."""

    def __init__(self, rules: RecordRules) -> None:
        self._rules = rules
        self._settled = rules.labs.settled
        self._listed: dict[str, list[Bare]] = {}
        self._critical: dict[object, list[Bare]] = {}
        self._plain: dict[object, list[Bare]] = {}
        self._states: dict[str, list[State]] = {}
        # Where usual results go, by (system, code), once the first of them was looked at closely.
        self._shelves: dict[object, tuple[Analyte, list[Bare]]] = {}

    def take(self, observation: JsonObject, full_url: str | None) -> None:
        """Put one Observation aside; in a few look-ups, if it is a final value without a flag."""
        try:
            (coding,) = observation["code"]["coding"]
            analyte, shelf = self._shelves[coding["system"], coding["code"]]
            status, identifier = observation["status"], observation["id"]
            time, quantity = observation["effectiveDateTime"], observation["valueQuantity"]
            usual = status in self._settled and isinstance(quantity, dict)
        except (KeyError, TypeError, ValueError):  # something is missing, or of another shape
            usual = False
        if (
            not usual
            or "interpretation" in observation
            or "component" in observation
            or "hasMember" in observation
            or not (time and identifier and isinstance(identifier, str))
        ):
            self._look_closer(observation, full_url)
            return
        record, ranges = f"Observation/{identifier}", observation.get("referenceRange")
        shelf.append((time, analyte, record, status, NO_FLAGS, quantity, ranges, False))

    def _look_closer(self, observation: JsonObject, full_url: str | None) -> None:
        if text_at(observation, "status") in self._rules.labs.never:
            return
        record = name_of(observation, full_url)
        self._node(observation, observation, record)
        if "component" in observation:
            for node in as_list(observation["component"]):
                if isinstance(node, dict):
                    self._node(node, observation, record)

    def _node(self, node: JsonObject, observation: JsonObject, record: str) -> None:
        rules = self._rules
        codings = codings_of(node.get("code"))
        analytes = self._analytes(codings)
        flags = flags_of(node, rules) if "interpretation" in node else NO_FLAGS
        result = Result(
            time=when_text(observation),
            analyte=_UNLISTED,
            record=record,
            status=text_at(observation, "status") or "missing",
            flags=flags,
            quantity=node.get("valueQuantity"),
            ranges=node.get("referenceRange"),
            mixed=len(analytes) > 1,
        )
        if analytes:
            parts = node is observation and ("component" in node or "hasMember" in node)
            self._keep_listed(result, analytes, codings, parts=parts)
        elif flags & rules.labs.critical_flags:
            if is_laboratory(observation, rules):
                named = result._replace(analyte=_unlisted(node))
                self._critical.setdefault(_test(node, codings), []).append(named)
        else:
            states = self._states_of(codings)
            for status in states:
                self._keep_state(state_of(node, status, record, observation, rules))
            plain = self._plain.setdefault(_test(node, codings), [])
            if not states:
                self._remember(codings, _UNLISTED, plain)
            # It may replace a critical value of the same test.
            if result.status in rules.labs.final and _has_value(node):
                plain.append(result)

    def _analytes(self, codings: Codings) -> list[Analyte]:
        found: list[Analyte] = []
        for system, code, _ in codings:
            analyte = self._rules.analytes.get(code)
            if analyte is None or analyte in found:
                continue
            if system in self._rules.analyte_systems[code]:
                found.append(analyte)
        return found

    def _keep_listed(
        self, result: Result, analytes: list[Analyte], codings: Codings, *, parts: bool
    ) -> None:
        # A panel has its values in its parts, and what is not final may have none yet.
        waits = parts or result.status not in self._rules.labs.final
        if waits and not result.mixed and not result.flags and _is_empty(result):
            return
        for analyte in analytes:
            shelf = self._listed.setdefault(analyte.id, [])
            shelf.append(result._replace(analyte=analyte))
            self._remember(codings, analyte, shelf)

    def _states_of(self, codings: Codings) -> list[Status]:
        known, loinc = self._rules.statuses, self._rules.loinc
        return [known[code] for system, code, _ in codings if code in known and system in loinc]

    def _keep_state(self, state: State | None) -> None:
        if state is not None:
            self._states.setdefault(state.status.fact, []).append(state)

    def _remember(self, codings: Codings, analyte: Analyte, results: list[Bare]) -> None:
        """Let `take` find where the next result with this code goes, if it is the only code."""
        if len(codings) == 1 and codings[0][0] is not None:
            self._shelves[codings[0][:2]] = analyte, results

    def hear(self, now: datetime, birth_date: str | None, out: Findings) -> None:
        """Tell `out` what the results of each test say together."""
        if self._listed or self._critical:
            self._hear_values(Setting(self._rules.labs, now, born_of(birth_date)), out)
        for states in self._states.values():
            hear_states(states, now, out)

    def _hear_values(self, setting: Setting, out: Findings) -> None:
        for results in self._listed.values():
            hear(results, self._rules, setting, out)
        for test, critical in self._critical.items():
            analyte = Result(*critical[0]).analyte
            plain = (Result(*one) for one in self._plain.get(test, ()))
            later = [one._replace(analyte=analyte) for one in plain]
            hear([*critical, *later], self._rules, setting, out)


def _is_empty(result: Result) -> bool:
    return number_of(as_object(result.quantity).get("value")) is None


def _has_value(node: JsonObject) -> bool:
    texts = "valueString" in node or "valueCodeableConcept" in node
    return texts or isinstance(node.get("valueQuantity"), dict)


def _test(node: JsonObject, codings: Codings) -> object:
    """What makes two values of an unlisted test the same test."""
    return codings[0][:2] if codings else text_at(as_object(node.get("code")), "text")


def _unlisted(node: JsonObject) -> Analyte:
    code = as_object(node.get("code"))
    codings = codings_of(code)
    shown = text_at(code, "text") or next((d or c for _, c, d in codings), "An unnamed test")
    return Analyte("", shown, (), frozenset(), (), listed=False)
