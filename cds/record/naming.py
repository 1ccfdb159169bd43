"""What words and codes name of what the pack asks for, wherever they stand."""

from cds.record.history import Meanings
from cds.record.medicines import name_in
from cds.record.rules import RecordRules
from cds.record.said import SaidWords

Names = dict[str, tuple[str, ...]]  # name → its facts


class Naming:
    """The names of tests and of entries of the history."""

    def __init__(self, conditions: Meanings, procedures: Meanings, rules: RecordRules) -> None:
        """Nothing was looked up yet."""
        self._conditions = conditions
        self._procedures = procedures
        self._rules = rules
        # Plans and letters of a long record say the same many times.
        self._known: dict[tuple[object, ...], Names] = {}

    def disorders(self, said: SaidWords) -> Names:
        """The diagnoses that only a result can show, such as a low potassium."""
        return self._rules.disorders.named_by(said.texts, said.codings)

    def tests(self, said: SaidWords) -> Names:
        """The tests, and the disorders, that it names."""
        rules = self._rules
        found = self.disorders(said) | rules.tests.names_in(said.texts)
        for system, code, display in said.codings:
            analyte = rules.analytes.get(code)
            if analyte is not None and system in rules.analyte_systems[code]:
                found.setdefault((display or analyte.display).casefold(), analyte.facts)
        return found

    def history(self, said: SaidWords) -> Names:
        """The conditions, procedures and medicines that it names, but for those not asked for."""
        key = (*said.texts, *said.codings)
        if key not in self._known:
            self._known[key] = self._history_in(said)
        return self._known[key]

    def _history_in(self, said: SaidWords) -> Names:
        rules = self._rules
        found: Names = {}
        for meanings in (self._conditions, self._procedures):
            found |= meanings.names.names_in(said.texts)
            for coding in said.codings:
                for fact in meanings.facts([coding]):
                    shown = coding[2] or rules.displays[fact]
                    found.setdefault(shown.casefold(), (fact,))
        words = "\n".join(said.texts).casefold()
        for medicine in rules.medicines:
            name = name_in(words, said.codings, medicine, rules)
            if name is not None:
                found[name.casefold()] = (medicine.fact,)
        asked = {name: _without(facts, rules.not_elsewhere) for name, facts in found.items()}
        return {name: facts for name, facts in asked.items() if facts}


def _without(facts: tuple[str, ...], these: frozenset[str]) -> tuple[str, ...]:
    return tuple(fact for fact in facts if fact not in these)
