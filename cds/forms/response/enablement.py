"""Which items of a response are enabled, and why not.

A condition looks for the answers below the nearest common ancestor of the two questions, in this
response: inside a repeated group that is this repetition, and below a question this one of its
answers. A disabled item disables all below it.
"""

from collections.abc import Callable, Iterator

from cds.forms.questionnaire import EnableWhen, Item, Questionnaire
from cds.forms.response.meets import condition_holds
from cds.forms.response.states import ENABLED, EnabledState, judged
from cds.forms.response.tree import Node, Tree, value_key

# Evaluates an enableWhenExpression: (definition, parent in the response, the item if present) ->
# holds?
ExpressionCheck = Callable[[Item, Node | None, Node | None], bool | None]


class Enablement:
    """Answers “is this item enabled here?” for one response; every answer is worked out once."""

    def __init__(
        self,
        tree: Tree,
        expressions: ExpressionCheck | None = None,
        clock: Callable[[], None] | None = None,
    ) -> None:
        """Without `expressions`, an item with an enableWhenExpression is undecided (None).

        `clock` is called before what may take long, and raises when there is no time left.
        """
        self.tree = tree
        self._clock = clock
        self._expressions = expressions
        # By condition and by its sources, which one scope fixes: the first of them and their count.
        self._held: dict[tuple[int, int, int], tuple[bool | None, bool]] = {}
        self._known: dict[tuple[str, int, int | None], EnabledState] = {}
        compiled = tree.questionnaire.compiled
        if "always" not in compiled:
            compiled["always"] = frozenset(_always_enabled(tree.questionnaire))
        self._always: frozenset[str] = compiled["always"]

    def under(self, expressions: ExpressionCheck, clock: Callable[[], None]) -> "Enablement":
        """The same with a clock; where expressions of the form decide as well, another one."""
        if any(item.enable_expression for item in self.tree.questionnaire.by_link_id.values()):
            return Enablement(self.tree, expressions, clock)
        self._clock = clock
        return self

    def of(self, node: Node) -> EnabledState:
        """The state of an item that stands in the response (and has a definition)."""
        if node.item is None or node.item.link_id in self._always:
            return ENABLED
        return self.at(node.item, node.parent, node)

    def at(
        self,
        item: Item,
        parent: Node | None,
        node: Node | None = None,
        answer: int | None = None,
    ) -> EnabledState:
        """The state of an item under `parent` (None: the root), whether or not it is present.

        `answer`: under which answer of `parent`, where it is absent; None is under any.
        """
        if item.link_id in self._always:
            return ENABLED
        if node is not None:
            answer = node.at
        there = parent if node is None or item.enable_expression is None else node
        key = (item.link_id, id(there), answer)
        state = self._known.get(key)
        if state is None:
            state = self._known[key] = self._work_out(item, parent, node, answer)
        return state

    def _work_out(
        self, item: Item, parent: Node | None, node: Node | None, answer: int | None
    ) -> EnabledState:
        above = self._above(item, parent, answer)
        if above.enabled is False:
            return above
        own = self._own(item, parent, node, answer)
        return above if own.enabled and above.enabled is None else own

    def _above(self, item: Item, parent: Node | None, answer: int | None) -> EnabledState:
        """The state of the enclosing item: its parent in the response, else those in the form."""
        if parent is not None and parent.item is item.parent:
            return self.of(parent)
        if item.parent is not None:
            nearest = _nearest(parent, item.parent)
            within = None if nearest is None else _answer_of(nearest, parent, answer)
            return self.at(item.parent, nearest, answer=within)
        return ENABLED

    def _own(
        self, item: Item, parent: Node | None, node: Node | None, answer: int | None
    ) -> EnabledState:
        if item.enable_expression is not None:
            truth = self._expressions(item, parent, node) if self._expressions else None
            if truth:
                return ENABLED
            return EnabledState(truth, because=item.link_id, expression=item.enable_expression[1])
        if not item.enable_when:
            return ENABLED
        whens = item.enable_when
        return judged(item, [(when, *self._truth(when, item, parent, answer)) for when in whens])

    def _truth(
        self, when: EnableWhen, item: Item, parent: Node | None, answer: int | None
    ) -> tuple[bool | None, bool]:
        """Whether a condition holds, and whether its question is without any answer here."""
        if not when.question or when.question not in self.tree.questionnaire.by_link_id:
            return None, False
        sources = self._sources(when.question, item, parent, answer)
        key = (id(when), id(sources[0]) if sources else 0, len(sources))
        if key not in self._held:
            if self._clock is not None:
                self._clock()
            self._held[key] = self._judge(when, sources)
        return self._held[key]

    @staticmethod
    def _judge(when: EnableWhen, sources: list[Node]) -> tuple[bool | None, bool]:
        answers = [answer for source in sources for answer in source.answers if value_key(answer)]
        return condition_holds(when, answers), not answers

    def _sources(
        self, question: str, item: Item, parent: Node | None, answer: int | None
    ) -> list[Node]:
        """The response items of the controlling question that count for an item here."""
        source = self.tree.questionnaire.by_link_id[question]
        if source in item.ancestors:
            instance = _instance(parent, source)
            return [instance] if instance else []
        common = _common(source, item)
        if common is None:
            return self.tree.by_link_id.get(question, [])
        scope = _instance(parent, common)
        return scope.below(question, _answer_of(scope, parent, answer)) if scope else []


def _always_enabled(form: Questionnaire) -> Iterator[str]:
    """The items that neither they nor what stands above them put under a condition."""
    for item in form.by_link_id.values():
        above = (*item.ancestors, item)
        if not any(one.enable_when or one.enable_expression is not None for one in above):
            yield item.link_id


def _common(left: Item, right: Item) -> Item | None:
    """The nearest common ancestor of two items in the form; None is the form itself."""
    nearest = None
    for one, other in zip(left.ancestors, right.ancestors, strict=False):
        if one is not other:
            break
        nearest = one
    return nearest


def _nearest(parent: Node | None, item: Item) -> Node | None:
    """The innermost response item on the way up in which this one belongs, however far within.

    Groups between the two may be left out: nothing in them is answered.
    """
    while parent is not None and parent.item not in item.ancestors:
        parent = parent.parent
    return parent


def _instance(parent: Node | None, item: Item | None) -> Node | None:
    """The response item of this definition on the way from `parent` up to the root."""
    while parent is not None and parent.item is not item:
        parent = parent.parent
    return parent


def _answer_of(scope: Node, parent: Node | None, answer: int | None) -> int | None:
    """The answer of `scope` that leads down to `parent`, or to what stands under its `answer`."""
    while parent is not None and parent is not scope:
        answer, parent = parent.at, parent.parent
    return answer
