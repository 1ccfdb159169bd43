"""What a world is judged by (form, rules, site options), and what may be said in it."""

from collections.abc import Mapping
from dataclasses import dataclass

from cds.core.model import Reassurance, Rules
from cds.core.scorer import Applied
from cds.knowledge.proofs.questions import Question
from cds.knowledge.proofs.terms import FALSE, Key, Term, Variable

UNKNOWN = "?"  # stands for the option that means "not known"


@dataclass(frozen=True, slots=True)
class Scope:
    """One form, the rules and one setting of the site options: what a world is judged by."""

    form: str
    short: bool
    questions: tuple[Question, ...]
    rules: Rules
    applied: tuple[Applied, ...]  # the rules as the settings leave them
    settings: Mapping[str, bool]
    facts: tuple[str, ...]
    sided: tuple[
        tuple[str, tuple[str, ...]], ...
    ] = ()  # facts that never hold without one of these

    @property
    def reassurance(self) -> Reassurance:
        """What must be known before a level that reassures may be given."""
        return self.rules.reassurance

    def question(self, link_id: str) -> Question | None:
        """The question with this linkId, None if this form does not ask it."""
        return next((one for one in self.questions if one.link_id == link_id), None)


@dataclass(frozen=True, slots=True)
class Raw:
    """What was said, before anything is made of it. A key that is missing is false.

    Keys: ("answer", linkId, code or UNKNOWN), ("present", fact), ("absent", fact), ("blocked",).
    """

    terms: Mapping[Key, Term]

    def __getitem__(self, key: Key) -> Term:
        """The formula of one thing that may have been said."""
        return self.terms.get(key, FALSE)

    def with_(self, changes: Mapping[Key, Term]) -> "Raw":
        """The same world but for these things."""
        return Raw({**self.terms, **changes})


def free(scope: Scope) -> Raw:
    """A world in which anything may be said: each thing is a variable."""
    keys: list[Key] = [("blocked",)]
    for question in scope.questions:
        keys += [("answer", question.link_id, code) for code in codes_of(question)]
    for fact in scope.facts:
        keys += [("present", fact), ("absent", fact)]
    return Raw({key: Variable(key) for key in keys})


def codes_of(question: Question) -> tuple[str, ...]:
    """All that can be ticked, UNKNOWN among it."""
    return (*question.codes, UNKNOWN) if question.unknown is not None else question.codes
