"""Which items are asked, where every linkId stands once: the form's conditions, compiled.

`Enablement` judges the same conditions at any place of any tree; here a linkId is enough to find
the answers, so that a condition is a function of them, judged once for all that it opens.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from cds.core.remember import remember
from cds.forms.form.items import EnableWhen, Item
from cds.forms.questionnaire import Questionnaire
from cds.forms.response.states import ENABLED, ConditionResults, EnabledState, judged
from cds.forms.response.tree import Node
from cds.wire import JsonObject

# The answers (each with a value) to the question with this linkId.
AnswersTo = Callable[[str], Sequence[JsonObject]]
_Truth = Callable[[Sequence[JsonObject]], bool | None]
Chosen = tuple[str, ...]
_MAX_KEPT: Final = 512
_MOST: Final = 2_000  # conditions that are judged without a look at the clock


class NotFlat(Exception):
    """A condition looks into a repetition, or is for an expression to decide, or cannot be read."""


class Gate(NamedTuple):
    """One item with conditions of its own. `outer` is the number of the gate around it.

    `opens` are the linkIds that it opens, itself first, and no gate inside of it does.
    """

    item: Item
    outer: int | None
    truths: tuple[_Truth, ...]
    opens: tuple[str, ...]


class Closed:
    """What is not asked: the state by linkId. `undecided`: of some, nobody can tell."""

    def __init__(self, states: Mapping[str, EnabledState]) -> None:
        self.states = states
        self.undecided = any(state.enabled is None for state in states.values())
        self.known: dict[object, Any] = {}  # what others work out from it, under their own names

    def of(self, node: Node) -> EnabledState:
        """As `Enablement.of`."""
        return ENABLED if node.link_id is None else self.states.get(node.link_id, ENABLED)

    def at(
        self,
        item: Item,
        parent: Node | None,
        node: Node | None = None,
        answer: int | None = None,
    ) -> EnabledState:
        """As `Enablement.at`; where it stands decides nothing in such a form."""
        del parent, node, answer
        return self.states.get(item.link_id, ENABLED)


class Gates:
    """The conditions of one form, in its order."""

    def __init__(self, form: Questionnaire) -> None:
        """Compile them.

        Raises:
            NotFlat: only `Enablement` can judge this form.
        """
        self._gates: list[Gate] = []
        self._add(form.items, None, form)
        asked = (when.question for gate in self._gates for when in gate.item.enable_when)
        self.controls: tuple[str, ...] = tuple(dict.fromkeys(asked))
        self._known: dict[tuple[Chosen | None, ...], Closed] = {}
        self._states: dict[tuple[bool | None, ...], dict[str, EnabledState]] = {}

    def _add(self, items: Sequence[Item], outer: int | None, form: Questionnaire) -> None:
        for item in items:
            inner = outer
            if item.enable_expression is not None:
                raise NotFlat
            if len(item.enable_when) + len(self._gates) > _MOST:  # only the tree has a clock
                raise NotFlat
            if item.enable_when:
                truths = tuple(_truth(when, item, form) for when in item.enable_when)
                inner = len(self._gates)
                self._gates.append(Gate(item, outer, truths, (item.link_id, *_opened(item))))
            self._add(item.children, inner, form)

    def closed(
        self, codes: Mapping[str, Chosen], others: Mapping[str, Any], to: AnswersTo
    ) -> Closed:
        """What is not asked, given the answers.

        Where the questions that decide are answered by options of the form (`codes`) or not at
        all, it is known for whoever gives the same answers; nothing else of a patient is kept.
        """
        if others and any(map(others.__contains__, self.controls)):
            return self._judged(to)
        key = tuple(map(codes.get, self.controls))
        found = self._known.get(key)
        return remember(self._known, key, self._judged(to), _MAX_KEPT) if found is None else found

    def _judged(self, to: AnswersTo) -> Closed:
        """What is not asked, known for whoever meets the same conditions; of answers nothing is."""
        given = {question: to(question) for question in self.controls}
        blank = {question: not answers for question, answers in given.items()}
        truths = [
            [truth(given[when.question]) for when, truth in zip(whens, gate.truths, strict=True)]
            for gate in self._gates
            for whens in (gate.item.enable_when,)
        ]
        key = (*blank.values(), *(truth for of_gate in truths for truth in of_gate))
        states = self._states.get(key)
        if states is None:
            states = remember(self._states, key, self._worked_out(truths, blank), _MAX_KEPT)
        return Closed(states)

    def _worked_out(
        self, truths: Sequence[Sequence[bool | None]], blank: Mapping[str, bool]
    ) -> dict[str, EnabledState]:
        by_gate: dict[int, EnabledState] = {}
        states: dict[str, EnabledState] = {}
        for number, gate in enumerate(self._gates):
            state = by_gate.get(-1 if gate.outer is None else gate.outer)
            if state is None:
                whens = gate.item.enable_when
                results: ConditionResults = [
                    (when, truth, blank[when.question])
                    for when, truth in zip(whens, truths[number], strict=True)
                ]
                state = judged(gate.item, results)
                if state.enabled:
                    continue
            by_gate[number] = state
            states.update(dict.fromkeys(gate.opens, state))
        return states


def _opened(item: Item) -> Iterator[str]:
    for child in item.children:
        if not child.enable_when:
            yield child.link_id
            yield from _opened(child)


def _truth(when: EnableWhen, item: Item, form: Questionnaire) -> _Truth:
    """A condition as a function of the answers; that of one code is the usual one."""
    source = form.by_link_id.get(when.question)
    if source is None or many(source) or many(item) or source in item.ancestors:
        raise NotFlat
    expected = when.answer
    coded = when.operator == "=" and when.kind == "Coding" and isinstance(expected, dict)
    code, system = (expected.get("code"), expected.get("system")) if coded else (None, None)
    if code is None or system is None:
        return lambda answers: _holds(when, answers)

    def has_code(answers: Sequence[JsonObject]) -> bool | None:
        for answer in answers:
            value = answer.get("valueCoding")
            if type(value) is not dict:
                return _holds(when, answers)
            if value.get("code") == code and value.get("system") == system:
                return True
        return False

    return has_code


def _holds(when: EnableWhen, answers: Sequence[JsonObject]) -> bool | None:
    from cds.forms.response.meets import condition_holds  # noqa: PLC0415 - numbers and moments, for few forms

    return condition_holds(when, answers)


def many(item: Item) -> bool:
    """Whether the item may stand in several places of one response."""
    return any(above.repeats or above.type != "group" for above in item.ancestors)
