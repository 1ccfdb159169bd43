"""The rules in FHIRPath, for engines which are not ours, over a QuestionnaireResponse.

Written from the same syntax tree that is evaluated, compiled and proven. An expression is true when
the rule fires on a valid response without a record. Without a record every fact is unknown, so a
leaf that names one is false here (and the published action says what the record could add).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cds.core.conditions import Condition, Equals, HasFact, IsOpen
from cds.core.pack import Form
from cds.forms.response.tree import ROOT
from cds.knowledge.proofs.questions import EnableGate, Question, questions_of_form
from cds.knowledge.proofs.sides import Logic, TruthSides, joined

Expression = str | bool  # a constant is folded away
# What some engine is known not to run, and what it does instead (docs/interop.md).
_NOT_PORTABLE = {
    "repeat(": "@medplum/core gives an empty list for it",
    "descendants(": "clinical-reasoning does not compile it",
    "iif(": "clinical-reasoning does not compile it",
    "|": "clinical-reasoning does not compile a union of texts",
    "%": "in clinical-reasoning the variables are the PlanDefinition itself, in others undefined",
}
_TEXT = re.compile(r"'(?:\\.|[^'\\])*'")


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes conditions over the questions of one form."""

    questions: Mapping[str, Question]

    def fires(self, condition: Condition) -> str:
        """True exactly when the condition is certainly true of the response."""
        return _text(self.truth(condition).certain)

    def truth(self, condition: Condition) -> TruthSides[Expression]:
        """Certain and possible truth; follows `cds.core.compiled` case by case."""
        match condition:
            case Equals(question, codes):
                given = self.given(question, codes)
                return TruthSides(given, _any_of([given, self.waiting(question)]))
            case IsOpen(question, True):
                return TruthSides(self.open(question), self.open(question))
            case IsOpen(question, _):
                shut = _negate(self.open(question))
                return TruthSides(shut, _any_of([shut, self.waiting(question)]))
            case HasFact():
                return TruthSides(certain=False, possible=True)
            case _:
                return joined(condition, self.truth, _LOGIC)

    def given(self, link_id: str, codes: Iterable[str]) -> Expression:
        """One of the codes is among the answers; an exclusive one only if nothing else is."""
        question = self.questions.get(link_id)
        if question is None:
            return False
        plain = [code for code in codes if code not in question.exclusive]
        alone = [code for code in codes if code in question.exclusive]
        others = [code for code in question.codes if code not in question.exclusive]
        return _any_of(
            [
                has(question, plain),
                *(
                    _all_of([has(question, [code]), _negate(has(question, others))])
                    for code in alone
                ),
            ]
        )

    def open(self, link_id: str) -> Expression:
        """There is no answer, or "not known" is among the answers."""
        question = self.questions.get(link_id)
        if question is None:
            return True
        unknown = [question.unknown] if question.unknown else []
        return _any_of([_negate(has(question, question.codes)), has(question, unknown)])

    def waiting(self, link_id: str) -> Expression:
        """Open, and not needless to ask."""
        question = self.questions.get(link_id)
        if question is None:
            return True
        shut = _any_of(_negate(self._may_pass(gate)) for gate in question.gates)
        controls = dict.fromkeys(source for gate in question.gates for source, _ in gate.asks)
        doubted = _any_of(
            has(source, [source.unknown])
            for link in controls
            if (source := self.questions.get(link)) is not None and source.unknown
        )
        return _all_of([self.open(link_id), _negate(_all_of([shut, _negate(doubted)]))])

    def _may_pass(self, gate: EnableGate) -> Expression:
        met = []
        for link_id, code in gate.asks:
            source = self.questions[link_id]
            met.append(_any_of([has(source, [code]), _negate(f"{_answers(source)}.exists()")]))
        return _all_of(met) if gate.every else _any_of(met)


def writer_of(form: Form, unknown: Iterable[str], fail_safe: Iterable[str]) -> Writer:
    """A writer for one form."""
    questions = questions_of_form(form, frozenset(unknown), frozenset(fail_safe))
    return Writer({question.link_id: question for question in questions})


def _answers(question: Question) -> str:
    """All codings that answer the question."""
    item = f"{ROOT}.{question.path}.where(linkId = {quoted(question.link_id)})"
    return f"{item}.answer.value.ofType(Coding)"


def has(question: Question, codes: Iterable[str]) -> Expression:
    """One of these codes is ticked."""
    listed = " or ".join(f"code = {quoted(code)}" for code in codes)
    if not listed:
        return False
    if question.system:
        listed = f"system = {quoted(question.system)} and ({listed})"
    return f"{_answers(question)}.where({listed}).exists()"


def not_portable(expression: str) -> str | None:
    """Why an engine would not run an expression, if one is known not to.

    >>> not_portable("%resource.item.exists()") is None
    False
    """
    bare = _TEXT.sub("", expression)
    return next((why for form, why in _NOT_PORTABLE.items() if form in bare), None)


def quoted(value: str | None) -> str:
    """A FHIRPath string."""
    escaped = (value or "").replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _any_of(parts: Iterable[Expression]) -> Expression:
    """`or`, constants folded."""
    listed = list(parts)
    if any(part is True for part in listed):
        return True
    kept = [part for part in listed if isinstance(part, str)]
    return _chain(" or ", kept) if kept else False


def _all_of(parts: Iterable[Expression]) -> Expression:
    """`and`, constants folded."""
    listed = list(parts)
    if any(part is False for part in listed):
        return False
    kept = [part for part in listed if isinstance(part, str)]
    return _chain(" and ", kept) if kept else True


def _at_least(count: int, parts: Iterable[Expression]) -> Expression:
    """`count` or more are true."""
    listed = list(parts)
    count -= sum(part is True for part in listed)
    kept = [part for part in listed if isinstance(part, str)]
    if count <= 0:
        return True
    if count > len(kept):
        return False
    return f"(({' + '.join(f'({part}).toInteger()' for part in kept)}) >= {count})"


def _negate(part: Expression) -> Expression:
    """`not`, constants folded."""
    return not part if isinstance(part, bool) else f"({part}).not()"


def _text(part: Expression) -> str:
    """The expression as FHIRPath."""
    return part if isinstance(part, str) else str(part).lower()


def _chain(word: str, parts: list[str]) -> str:
    unique = list(dict.fromkeys(parts))
    return unique[0] if len(unique) == 1 else f"({word.join(unique)})"


_LOGIC: Logic[Expression] = Logic(_any_of, _all_of, _at_least, _negate)
