"""The questions of a form as the proofs see them: codes, and when each is asked."""

from collections.abc import Collection
from dataclasses import dataclass

from cds.core.pack import Form
from cds.forms.questionnaire import Item, compile_questionnaire


@dataclass(frozen=True, slots=True)
class EnableGate:
    """One enableWhen of a question or of a group around it; `asks` are (linkId, code)."""

    every: bool  # all must hold, else any
    asks: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `codes` are without those that mean "not known"; `unknown` is that code."""

    link_id: str
    text: str
    codes: tuple[str, ...]
    unknown: str | None
    exclusive: frozenset[str]
    repeats: bool
    required: bool
    gates: tuple[EnableGate, ...]
    fail_safe: bool  # an answer counts even where the form did not ask for it
    displays: tuple[tuple[str, str], ...]  # code → what the form prints
    system: str | None = None  # of its options
    path: str = "item"  # from a response to the items, as the form nests them

    def display(self, code: str) -> str:
        """What the form prints for a code."""
        return dict(self.displays).get(code, code)


def questions_of_form(
    form: Form, unknown: Collection[str], fail_safe: Collection[str]
) -> tuple[Question, ...]:
    """Every question with coded options, in the form's order."""
    questionnaire = compile_questionnaire(dict(form.raw))
    return tuple(
        _question(item, unknown, fail_safe)
        for item in sorted(questionnaire.by_link_id.values(), key=lambda item: item.order)
        if item.codes
    )


def _question(item: Item, unknown: Collection[str], fail_safe: Collection[str]) -> Question:
    around = (*item.ancestors, item)
    gates = [
        EnableGate(
            one.enable_behavior == "all",
            tuple((when.question, _code(when.answer)) for when in one.enable_when),
        )
        for one in around
        if one.enable_when
    ]
    return Question(
        link_id=item.link_id,
        text=item.text,
        codes=tuple(code for code in item.codes if code not in unknown),
        unknown=next((code for code in item.codes if code in unknown), None),
        exclusive=item.exclusive - frozenset(unknown),
        repeats=item.repeats,
        required=item.required,
        gates=tuple(gates),
        fail_safe=any(one.link_id in fail_safe for one in around),
        displays=tuple(
            (code, str(option["valueCoding"].get("display", code)))
            for code, option in item.codes.items()
        ),
        system=next((system for system, _ in item.codings), None),
        path=".".join(
            "item" if ancestor.type == "group" else "item.answer" for ancestor in item.ancestors
        )
        + (".item" if item.ancestors else "item"),
    )


def _code(answer: object) -> str:
    return str(answer.get("code")) if isinstance(answer, dict) else str(answer)
