"""FHIRPath expressions of a form (SDC), evaluated on a response within a time limit."""

from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

from cds.forms.clock import Clock
from cds.forms.form import extensions as ext
from cds.forms.questionnaire import Item, Questionnaire
from cds.forms.response.tree import ROOT, Node

MAX_LENGTH = 10_000
FHIRPATH = "text/fhirpath"
# The FHIRPath process holds the resources of each validation under a number of its own.
_numbers: Iterator[int] = count()


_HELP = {
    "fault": "Not checked: fix the expression in the form.",
    "failed": "Not checked: the expression has no result on these answers.",
    "refused": "Not checked: this expression is not run here, and nothing is wrong with it.",
}


class Outcome(NamedTuple):
    """The values of an expression, or the problem why there are none."""

    values: tuple[Any, ...] = ()
    problem: str = ""
    kind: str = "refused"  # of a problem: a fault of the expression, failed on the answers, refused

    @property
    def is_fault(self) -> bool:
        """Whether the form is to be mended: the expression is none, or fails on these answers."""
        return self.kind != "refused"

    @property
    def help(self) -> str:
        """What to do about a problem."""
        return _HELP[self.kind]

    @property
    def holds(self) -> bool | None:
        """The outcome as a truth: empty is false, one boolean is itself, anything else true.

        None if not evaluated.
        """
        if self.problem:
            return None
        if len(self.values) == 1 and isinstance(self.values[0], bool):
            return self.values[0]
        return bool(self.values)


class Expressions:
    """All expressions of one validation.

    `problems` says by linkId why an enableWhenExpression gave nothing.
    """

    _number: int | None = None

    def __init__(
        self,
        response: dict[str, Any],
        questionnaire: Questionnaire,
        clock: Clock,
        fhir_version: str = "4.0",
    ) -> None:
        """Nothing is evaluated yet."""
        self.response = response
        self.questionnaire = questionnaire
        self.clock = clock
        self.fhir_version = fhir_version
        self.problems: dict[str, str] = {}

    def enables(self, item: Item, parent: Node | None, node: Node | None) -> bool | None:
        """Whether the enableWhenExpression of an item holds; None if that cannot be told."""
        if item.enable_expression is None:
            return True
        outcome = self.value(item, node, *item.enable_expression, parent=parent)
        if outcome.problem:
            self.problems.setdefault(item.link_id, outcome.problem)
        return outcome.holds

    def value(
        self,
        item: Item | None,
        node: Node | None,
        language: str,
        text: str,
        *,
        parent: Node | None = None,
    ) -> Outcome:
        """Evaluate on `node`; on an empty item under `parent` where it is absent.

        Without `item`, on the whole response.
        """
        if not self.clock.expression_s:
            return Outcome(problem="the time limit of the response was reached")
        if language not in {FHIRPATH, ""} or not text:
            return Outcome(
                problem=f"language {language[:40]} is not supported"
                if text
                else "there is no expression",
                kind="refused" if text else "fault",
            )
        if len(text) > MAX_LENGTH:
            return Outcome(problem="the expression is longer than 10,000 characters")
        # An expression that names the resource starts there, wherever it is written.
        from_root = item is None or text.lstrip().startswith(f"{ROOT}.")
        request = {
            "version": self.fhir_version,
            "expression": text,
            "at": [] if from_root or node is None else steps(node),
            "absent": item.link_id if item is not None and node is None and not from_root else None,
            "qitem": _path(item) if item is not None else [],
            "variables": self._variables(item, node or parent),
        }
        return self._ask(request)

    def _ask(self, request: dict[str, Any]) -> Outcome:
        from cds.forms.fhirpath.client import NotEvaluated, ask_worker  # noqa: PLC0415 - a process only for forms that need one

        if self._number is None:
            self._number = next(_numbers)
        resources = {"response": self.response, "questionnaire": self.questionnaire.raw}
        try:
            answer = ask_worker(self._number, resources, request, self.clock.expression_s)
        except NotEvaluated as error:
            self.clock.spend(error.seconds)
            return Outcome(problem=str(error))
        self.clock.spend(answer["seconds"])
        problem = answer.get("problem")
        if problem:
            return Outcome(problem=str(problem), kind=str(answer.get("kind", "refused")))
        return Outcome(tuple(answer.get("values", ())))

    def close(self) -> None:
        """Let the FHIRPath process forget the response, if it has been told of it."""
        if self._number is not None:
            from cds.forms.fhirpath.client import forget  # noqa: PLC0415 - as above

            forget(self._number)
            self._number = None

    def _variables(self, item: Item | None, node: Node | None) -> list[list[Any]]:
        """Name, expression and focus of every variable in scope, outermost first."""
        found: list[list[Any]] = [
            [name, text, [], None] for name, text in _declared(self.questionnaire.extensions)
        ]
        for owner in (*item.ancestors, item) if item is not None else ():
            declared = _declared(owner.extensions)
            if declared:
                focus = _instance(node, owner)
                at, absent = (steps(focus), None) if focus else ([], owner.link_id)
                found.extend([name, text, at, absent] for name, text in declared)
        return found


def _instance(node: Node | None, item: Item) -> Node | None:
    while node is not None and node.item is not item:
        node = node.parent
    return node


def _declared(extensions: ext.Extensions) -> list[tuple[str, str]]:
    """Name and FHIRPath of the variables that an element declares; queries are left undefined."""
    found = []
    for extension in extensions.get(ext.VARIABLE, ()):
        value = extension.get("valueExpression")
        read = ext.expression_of(value)
        name = value.get("name") if isinstance(value, dict) else None
        if read and isinstance(name, str) and read[0] == FHIRPATH and len(read[1]) <= MAX_LENGTH:
            found.append((name, read[1]))
    return found


def steps(node: Node) -> list[Any]:
    """The way from the response to an item: `["item", 0, "answer", 1, "item", 2]`."""
    above = steps(node.parent) if node.parent else []
    return [*above, *(() if node.at is None else ("answer", node.at)), "item", node.index]


def _path(item: Item) -> list[Any]:
    """The way from the form to a definition."""
    way: list[Any] = []
    for part in item.path.split(".")[1:]:
        name, _, index = part.partition("[")
        way += [name, int(index.rstrip("]"))]
    return way
