"""Observations, put aside by the test that they are of; each is read when its turn comes.

Most results of a long record are of tests that no rule names, or too old to say anything. They are
never read: only their code is looked up.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cds.record.cancelled import Cancelled
from cds.record.category import laboratory
from cds.record.doubts import Doubts, ResultPart, flagged_critical, not_the_patient
from cds.record.findings import Findings
from cds.record.flags import NO_FLAGS, Flags, flags_of
from cds.record.labs import Setting, hear
from cds.record.ranges import Whose
from cds.record.reading import DEEPEST, Bare, Result, components_of, measured, when_text
from cds.record.remarks import Remarks, denies, reads_critical_beside
from cds.record.rules import Analyte, RecordRules, Status
from cds.record.said import drawn_by_hand
from cds.record.shapes import Codings, as_many, as_object, codings_of, number_of, text_at
from cds.record.states import StatusReport, hear_states, state_of
from cds.wire import JsonObject

# Stands for every test that is not listed, until one of its results turns out to be critical.
_UNLISTED = Analyte("", "", (), frozenset(), (), listed=False)
_MEMBERS = frozenset({"hasMember", "related"})  # where a result leads to others
# What the usual Observation has; of one with anything else, all that may stand in it is looked at.
_PLAIN = frozenset(
    {
        *("resourceType", "id", "meta", "language", "identifier", "status", "category", "code"),
        *("subject", "encounter", "performer", "effectiveDateTime", "issued", "valueQuantity"),
        *("referenceRange", "basedOn", "partOf", "specimen", "device", "method", "bodySite"),
        "text",
    }
)


class Results:
    """The results of each test, and the states that observations say."""

    def __init__(self, rules: RecordRules) -> None:
        self._rules = rules
        self._settled = rules.labs.settled
        self._listed: dict[str, list[Bare]] = {}
        self._critical: dict[object, list[Bare]] = {}
        self._plain: dict[object, list[Bare]] = {}
        self._states: dict[str, list[StatusReport]] = {}
        self.doubts = Doubts(rules)
        self._cancelled = Cancelled(rules, self.doubts)
        self._remarks = Remarks()
        # Where usual results go, by (system, code), once the first of them was looked at closely.
        self._shelves: dict[object, tuple[Analyte, list[Bare]]] = {}

    def take(self, observation: JsonObject, record: str) -> None:
        """Put one Observation aside, without a look at what the usual one has not."""
        if not observation.keys() <= _PLAIN or (
            "text" in observation and drawn_by_hand(observation)
        ):
            self._look_closer(observation, record)
        elif not self._take_known(observation, record):
            if text_at(observation, "status") in self._rules.labs.never:
                self._look_closer(observation, record)
            else:
                self._node(ResultPart(observation, observation, record), None)

    def _take_known(self, observation: JsonObject, record: str) -> bool:
        """Put a final value aside in a few look-ups, if one with its code was taken before."""
        try:
            (coding,) = observation["code"]["coding"]
            analyte, shelf = self._shelves[coding["system"], coding["code"]]
            status = observation["status"]
            time, quantity = observation["effectiveDateTime"], observation["valueQuantity"]
            known = time and status in self._settled and isinstance(quantity, dict)
        except (KeyError, TypeError, ValueError):  # something is missing, or of another shape
            return False
        if known:
            ranges = observation.get("referenceRange")
            shelf.append((time, analyte, record, status, NO_FLAGS.known, quantity, ranges, False))
        return bool(known)

    def _look_closer(self, observation: JsonObject, record: str) -> None:
        if text_at(observation, "status") in self._rules.labs.never:
            self._cancelled.take(observation, record, self._all_analytes(observation))
            return
        whom = not_the_patient(
            observation, text_at(as_object(observation.get("subject")), "reference")
        )
        if whom == "other":
            self.doubts.others.add(record)
            return
        self._keep_remark(observation, record)
        doubt = whom or ("modifier" if _is_modified(observation) else None)
        self._nodes(ResultPart(observation, observation, record), doubt)
        if laboratory(observation, self._rules) is not False:
            # What was derived from others and has a value of its own says it itself.
            nodes = (observation, *components_of(observation))
            leads = _MEMBERS if any(map(_says_value, nodes)) else _MEMBERS | {"derivedFrom"}
            for key in leads & {*observation}:
                self.doubts.panel(observation, record, key, when_text(observation))

    def _nodes(self, part: ResultPart, doubt: str | None, depth: int = 0) -> None:
        """An Observation with its components; what is in doubt takes those inside it along."""
        self._node(part, doubt)
        for node in as_many(part.node.get("component")) if depth < DEEPEST else ():
            if isinstance(node, dict):
                own = doubt or ("modifier" if _is_modified(node) else None)
                self._nodes(part._replace(node=node), own, depth + 1)

    def _keep_remark(self, observation: JsonObject, record: str) -> None:
        """Keep words that read critical; what is surely no laboratory's is another matter."""
        if reads_critical_beside(observation) and laboratory(observation, self._rules) is not False:
            facts = self.doubts.about(observation, self._all_analytes(observation))
            part = ResultPart(observation, observation, record)
            facts = facts or (self._rules.labs.other_critical,)
            unheard = self.doubts.unheard("remark", part, facts, critical=True)
            self._remarks.take(when_text(observation), unheard)

    def _all_analytes(self, observation: JsonObject) -> list[Analyte]:
        """Those of its code and of its components."""
        parts = [observation, *components_of(observation)]
        every = [one for node in parts for one in self._analytes(codings_of(node.get("code")))]
        return list(dict.fromkeys(every))

    def _node(self, part: ResultPart, doubt: str | None) -> None:
        rules = self._rules
        node, observation, record = part
        codings = codings_of(node.get("code"))
        analytes = self._analytes(codings)
        flags = flags_of(node, rules) if "interpretation" in node else NO_FLAGS
        if doubt is not None:
            self._refuse(doubt, part, analytes, flags)
            return
        result = Result(
            time=when_text(observation),
            analyte=_UNLISTED,
            record=record,
            status=text_at(observation, "status") or "missing",
            flags=flags.known,
            quantity=measured(node),
            ranges=node.get("referenceRange"),
            mixed=len(analytes) > 1,
        )
        if flags.doubtful or flags.strange:
            self._doubt_flag(part, analytes, critical=flags.doubtful)
        if analytes:
            parts = "component" in node or (node is observation and "hasMember" in node)
            self._keep_listed(result, analytes, codings, parts=parts)
        elif flags.known & rules.labs.critical_flags:
            self._keep_critical(result, part, codings)
        else:
            self._keep_plain(result, part, codings)

    def _doubt_flag(self, part: ResultPart, analytes: list[Analyte], *, critical: bool) -> None:
        """A flag that is not understood: what it is of stays open; of an unlisted test it is told.

        What is surely no laboratory's has words of its own, such as "overweight".
        """
        facts = self.doubts.about(part.node, analytes)
        if not facts and not critical and laboratory(part.observation, self._rules) is False:
            return
        other = (self._rules.labs.other_critical,) if critical else ()
        self.doubts.say("flag-unknown", part, facts or other, critical=critical)

    def _refuse(self, doubt: str, part: ResultPart, analytes: list[Analyte], flags: Flags) -> None:
        """What is in doubt as a whole is told if it could matter."""
        critical = flagged_critical(flags, self._rules)
        facts = self.doubts.about(part.node, analytes)
        facts = facts or ((self._rules.labs.other_critical,) if critical else ())
        if facts:
            self.doubts.say(doubt, part, facts, critical=critical)

    def _keep_critical(self, result: Result, part: ResultPart, codings: Codings) -> None:
        """A critical flag on a test that is not listed: a laboratory's counts, another is told."""
        kind = laboratory(part.observation, self._rules, flagged=True)
        if kind:
            named = result._replace(analyte=_unlisted(part.node))
            self._critical.setdefault(_test(part.node, codings), []).append(named)
            return
        facts = () if kind is False else (self._rules.labs.other_critical,)
        self.doubts.say("not-asked", part, facts, critical=True)

    def _keep_plain(self, result: Result, part: ResultPart, codings: Codings) -> None:
        """A test that is not listed; it may say a state, or replace a critical value of its own."""
        rules, node = self._rules, part.node
        test = _test(node, codings)
        states = self._states_of(codings)
        for status in states:
            self._keep_state(status, part)
        has_value = _has_value(node)
        strange = None if states else self.doubts.shelf(test, node, codings)
        is_told = strange is not None and (
            laboratory(part.observation, rules) is not False or self.doubts.measures(strange, node)
        )
        if strange is not None and is_told and _says_value(node):
            strange.results.append(result)
        plain = self._plain.setdefault(test, [])
        if not states and strange is None and has_value:
            self._remember(codings, _UNLISTED, plain)
        if result.status in rules.labs.final and has_value:
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

    def _keep_state(self, status: Status, part: ResultPart) -> None:
        """Keep a state; one that is not settled, or says neither, is told."""
        node, observation, record = part
        state = state_of(node, status, record, observation, self._rules)
        if state is not None:
            self._states.setdefault(status.fact, []).append(state)
        elif _says_value(node) and not denies(node):
            unheard = self.doubts.unheard("unreadable", part, (status.fact,))
            self._remarks.take(when_text(observation), unheard, status.window)

    def _remember(self, codings: Codings, analyte: Analyte, results: list[Bare]) -> None:
        """Let `take` find where the next result with this code goes, if it is the only code."""
        if len(codings) == 1 and codings[0][0] is not None:
            self._shelves[codings[0][:2]] = analyte, results

    def hear(self, now: datetime, whose: Whose, names: frozenset[str], out: Findings) -> None:
        """Tell `out` what the results of each test say together; `names` are all that is here."""
        setting = Setting(self._rules.labs, now, whose)
        self._hear_values(setting, out)
        for states in self._states.values():
            hear_states(states, now, out)
        self._cancelled.tell(self._listed, setting, out)
        self._remarks.tell(setting, self._rules.labs.unusable_floor, out)
        self.doubts.tell(names, setting.age_of, out)

    def _hear_values(self, setting: Setting, out: Findings) -> None:
        for results in self._listed.values():
            hear(results, self._rules, setting, out)
        for test, critical in self._critical.items():
            analyte = Result(*critical[0]).analyte
            plain = (Result(*one) for one in self._plain.get(test, ()))
            later = [one._replace(analyte=analyte) for one in plain]
            hear([*critical, *later], self._rules, setting, out)


def _is_modified(node: JsonObject) -> bool:
    """FHIR: whoever does not understand a modifier must not act as if it were not there."""
    return bool(node.get("modifierExtension") or node.get("implicitRules"))


def _is_empty(result: Result) -> bool:
    return number_of(as_object(result.quantity).get("value")) is None


def _has_value(node: Mapping[str, Any]) -> bool:
    texts = "valueString" in node or "valueCodeableConcept" in node
    return texts or isinstance(node.get("valueQuantity"), dict)


def _says_value(node: Mapping[str, Any]) -> bool:
    """Whether it has a value of any type, legible here or not."""
    return any(key.startswith("value") and node[key] is not None for key in node)


def _test(node: Mapping[str, Any], codings: Codings) -> object:
    """What makes two values of an unlisted test the same test."""
    return codings[0][:2] if codings else text_at(as_object(node.get("code")), "text")


def _unlisted(node: Mapping[str, Any]) -> Analyte:
    code = as_object(node.get("code"))
    codings = codings_of(code)
    shown = text_at(code, "text") or next((d or c for _, c, d in codings), "An unnamed test")
    return Analyte("", shown, (), frozenset(), (), listed=False)
