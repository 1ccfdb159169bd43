"""What every check looks at: the response, the form, the tree, and the answers worth judging."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple, TypeVar

from cds.core.fields import of_fields
from cds.forms.checks.rules import RULES
from cds.forms.fhirpath.expressions import Expressions
from cds.forms.issues import Issue
from cds.forms.questionnaire import Item
from cds.forms.reader.gates import Closed
from cds.forms.reading import FINISHED
from cds.forms.response.enablement import Enablement
from cds.forms.response.tree import Node, Tree
from cds.forms.support import Support

T = TypeVar("T")

MAX_BITS: Final = 999
_FEW: Final = 32  # so few of anything need no look at the clock


class Answer(NamedTuple):
    """One answer with a value of a type that its item allows.

    `kind` is the FHIR type of `value`.
    """

    node: Node
    item: Item
    at: int
    kind: str
    value: Any

    @property
    def expression(self) -> str:
        """The FHIRPath of the value in the input."""
        return f"{self.node.expression}.answer[{self.at}].value.ofType({self.kind})"

    def issue(self, rule: str, text: str, **more: Any) -> Issue:
        """An issue of this answer, without its value."""
        return issue(rule, self.expression, text, item=self.item, **more)

    def wrong(self, rule: str, text: str, **more: Any) -> Issue:
        """An issue of this answer, with its value as what was found."""
        return issue(rule, self.expression, text, item=self.item, found=self.value, **more)


class Context:
    """One validation under way. `live` are the items that are in place and not disabled."""

    hints = 20  # how many more near misses are looked for: each costs a search

    def __init__(
        self,
        tree: Tree,
        enablement: Enablement | Closed,
        support: Support,
        expressions: Expressions,
    ) -> None:
        """Nothing is looked at yet."""
        self.tree = tree
        self.enablement = enablement
        self.support = support
        self.expressions = expressions
        self.response = expressions.response
        self.questionnaire = expressions.questionnaire
        self.clock = expressions.clock
        self.fhir_version = expressions.fhir_version
        self.live: list[Node] = []
        self.answers: list[Answer] = []
        self.by_kind: dict[str, list[Answer]] = {}
        self.scratch: dict[object, Any] = {}

    def first(self, rule: str, item: Item) -> bool:
        """Whether the rule is told of the item for the first time: one cause, one issue."""
        told: set[tuple[str, str]] = self.scratch.setdefault("told", set())
        known = len(told)
        told.add((rule, item.link_id))
        return len(told) > known

    @property
    def complete(self) -> bool:
        """Whether the status says that all required answers are there."""
        status = self.response.get("status")
        return isinstance(status, str) and status in FINISHED

    def timed(self, things: Iterable[T]) -> Iterable[T]:
        """The things one by one, as long as there is time.

        Raises:
            OutOfTime: the time of this validation is used up.
        """
        if isinstance(things, (list, tuple)) and len(things) < _FEW:
            return things
        return self._timed(things)

    def _timed(self, things: Iterable[T]) -> Iterator[T]:
        for thing in things:
            self.clock.glance()
            yield thing

    def of(self, *kinds: str) -> Iterable["Answer"]:
        """The answers of some FHIR types, in their order among those of one type."""
        known = self.by_kind
        if known.keys().isdisjoint(kinds):  # of most kinds, most responses have none
            return ()
        return self.timed([answer for kind in kinds for answer in known.get(kind, ())])


Check = Callable[[Context], Iterator[Issue]]


def issue(
    rule: str,
    expression: str,
    text: str,
    *,
    item: Item | None = None,
    link_id: str | None = None,
    found: object = None,
    severity: str | None = None,
    diagnostics: str | None = None,
    help_: str | None = None,
    source: str = "response",
    constraint: tuple[str, str] | None = None,
) -> Issue:
    """An issue of `rule`, with the prompt of its item before the text."""
    known = RULES[rule]
    whole = (
        severity or known.severity,
        known.code,
        rule,
        expression,
        item.link_id if item else link_id,
        f"{_named(item)}: {text}" if item else text,
        None if found is None else clip(shown(found), 200),
        clip(diagnostics, 2000) if diagnostics else None,
        None,  # line and column, which only a text has
        None,
        help_ or known.help,
        source,
        constraint,
    )
    return of_fields(Issue, whole)


def _named(item: Item) -> str:
    """The item as a reader knows it, and as the form does: prompt and linkId."""
    prompt, link_id = clip(item.prompt), clip(item.link_id, 60)
    return link_id if item.prompt == item.link_id else f"{prompt} ({link_id})"


def clip(text: str, width: int = 120) -> str:
    """The text, or its beginning where it is long: a message stays readable whatever it quotes."""
    return text if len(text) <= width else f"{text[: width - 1]}…"


def shown(value: object) -> str:
    """An answer as a reader writes it: a Coding by code and display, a Quantity with its unit."""
    if isinstance(value, dict):
        if "code" in value and "value" not in value:
            code, display = value.get("code"), value.get("display")
            return f"{value.get('system') or ''}#{code}" + (f" ({display})" if display else "")
        if "value" in value:
            return f"{value['value']} {value.get('code') or value.get('unit') or ''}".strip()
        return ", ".join(f"{key}={shown(part)}" for key, part in list(value.items())[:5])
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{len(value)} values]"
    # Turning a very long integer into text is slow, and nobody reads it.
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        return "a very long number"
    return clip(str(value), 200)
