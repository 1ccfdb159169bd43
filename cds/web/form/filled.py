"""What a person has filled in, as a QuestionnaireResponse: only what the form asks stays in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cds.forms.form import extensions as ext
from cds.forms.form.items import CHOICES
from cds.forms.issues import BLOCKING, Issue
from cds.forms.questionnaire import Item, Questionnaire
from cds.forms.reader.reader import reader_of
from cds.forms.reader.walk import Walk
from cds.forms.response.enablement import Enablement
from cds.forms.response.tree import Node, Tree, read_tree
from cds.forms.support import Support
from cds.forms.validate import issues_after, validate
from cds.web.form.fields import Place, place_of
from cds.web.form.typed import TypedFields, key_of, typed
from cds.wire import JsonObject

# Answers from the record keep their source: place → value key or code → extensions.
AnswerSources = Mapping[str, Mapping[str, list[JsonObject]]]


@dataclass
class Filled:
    """A response; `made`: the item of each place; `faults`: what cannot be read.

    `walk`: of `response`, where one walk told all there is to tell. The tree is for the page that
    is drawn, and for faults: answers that are sent and whole never pay for it.
    """

    form: Questionnaire
    response: JsonObject
    made: dict[Place, JsonObject]
    faults: dict[Place, list[str]]
    walk: Walk | None = None

    @property
    def items(self) -> list[JsonObject]:
        """The items of the response."""
        found: list[JsonObject] = self.response.get("item", [])
        return found

    @cached_property
    def tree(self) -> Tree:
        """The answers as a tree."""
        return read_tree({"resourceType": "QuestionnaireResponse", "item": self.items}, self.form)

    @cached_property
    def enablement(self) -> Enablement:
        """What is asked of these answers."""
        return Enablement(self.tree)

    @cached_property
    def nodes(self) -> dict[int, Node]:
        """The nodes of the tree by the id of their JSON."""
        return {id(node.json): node for listed in self.tree.by_link_id.values() for node in listed}

    def node(self, place: Place) -> Node | None:
        """Where the item of a place stands in the response, if it is there."""
        json = self.made.get(place)
        return None if json is None else self.nodes.get(id(json))


def repeats_in_rows(item: Item) -> bool:
    """Whether the item stands in the page several times: a group, or a question without options."""
    return item.repeats and item.type not in CHOICES and not item.options


class Rows:
    """How often each repeated item stands in the page, told by the names of its fields."""

    def __init__(self, form: Questionnaire, draft: TypedFields) -> None:
        """Read the names once."""
        self._found: dict[Place, set[int]] = {}
        self.named: set[str] = set()  # the linkIds of all fields
        for name in draft:
            place, _ = place_of(name)
            self.named.add(place.link_id)
            item = form.by_link_id.get(place.link_id)
            if item is None:
                continue
            depth = 0
            for one in (*item.ancestors, item):
                if repeats_in_rows(one) and depth < len(place.rows):
                    above = Place(one.link_id, place.rows[:depth])
                    self._found.setdefault(above, set()).add(place.rows[depth])
                    depth += 1

    def of(self, item: Item, above: tuple[int, ...]) -> list[tuple[int, ...]]:
        """The places of an item below these rows; one where nothing was filled in yet."""
        if not repeats_in_rows(item):
            return [above]
        found = sorted(self._found.get(Place(item.link_id, above), {0}))
        return [(*above, row) for row in found]


def fill(
    form: Questionnaire,
    draft: TypedFields,
    sources: AnswerSources | None = None,
    head: JsonObject | None = None,
) -> Filled:
    """The response that the fields make; what the form does not ask (any more) is left out.

    `head`: of the response, without its items.
    """
    writing = _Writing(draft, Rows(form, draft), sources or {})
    items = list(writing.items(form.items, ()))
    made, head = writing.made, head or {}
    response = _with_items(head, items)
    walk = reader_of(form).walk(response)
    if walk is not None and not walk.is_asked:
        walk = None  # what is not asked goes, and of what is left the tree tells
    filled = Filled(form, response, made, writing.faults, walk)
    while walk is None:
        of = filled.enablement.of
        gone = {key for key, node in filled.nodes.items() if of(node).enabled is False}
        if not gone:
            break
        items = list(_without(items, gone))
        made = {place: json for place, json in made.items() if id(json) not in gone}
        filled = Filled(form, _with_items(head, items), made, writing.faults)
    _drop_unasked_faults(filled, form)
    return filled


def _with_items(head: JsonObject, items: list[JsonObject]) -> JsonObject:
    return {**head, "item": items} if items else head


def _drop_unasked_faults(filled: Filled, form: Questionnaire) -> None:
    """What the form does not ask is not found fault with."""
    for place in list(filled.faults):
        item = form.by_link_id[place.link_id]
        if filled.enablement.at(item, parent_node(filled, item, place.rows)).enabled is False:
            del filled.faults[place]


def parent_node(filled: Filled, item: Item, rows: tuple[int, ...]) -> Node | None:
    """The response item that an item at this place stands (or would stand) under."""
    parent = item.parent
    if parent is None:
        return None
    depth = sum(repeats_in_rows(one) for one in (*parent.ancestors, parent))
    return filled.node(Place(parent.link_id, rows[:depth])) or parent_node(filled, parent, rows)


def _without(items: Sequence[JsonObject], gone: set[int]) -> Iterator[JsonObject]:
    for item in items:
        if id(item) in gone:
            continue
        for holder in (item, *item.get("answer", ())):
            if "item" in holder:
                holder["item"] = list(_without(holder["item"], gone))
                if not holder["item"]:
                    del holder["item"]
        if "item" in item or "answer" in item:
            yield item


@dataclass(frozen=True, slots=True)
class _Writing:
    """Writes items from fields; keeps what it made of each place."""

    draft: TypedFields
    rows: Rows
    sources: AnswerSources
    made: dict[Place, JsonObject] = field(default_factory=dict)
    faults: dict[Place, list[str]] = field(default_factory=dict)

    def items(self, items: Sequence[Item], above: tuple[int, ...]) -> Iterator[JsonObject]:
        for item in items:
            if item.type == "display":
                continue
            if item.type == "group":
                for rows in self.rows.of(item, above):
                    yield from self.group(item, rows)
            else:
                yield from self.question(item, self.rows.of(item, above))

    def group(self, item: Item, rows: tuple[int, ...]) -> Iterator[JsonObject]:
        inner = list(self.items(item.children, rows))
        if inner:
            written = {**_head(item), "item": inner}
            self.made[Place(item.link_id, rows)] = written
            yield written

    def question(self, item: Item, places: Sequence[tuple[int, ...]]) -> Iterator[JsonObject]:
        """One item for all its answers; what lies below stands under the answer it belongs to."""
        if item.link_id not in self.rows.named and not (item.hidden or item.read_only):
            return  # no field of it was sent
        answers: list[JsonObject] = []
        written = _head(item)
        for rows in places:
            place = Place(item.link_id, rows)
            found = self.given(item, place)
            if found.faults:
                self.faults[place] = list(found.faults)
            inner = list(self.items(item.children, rows)) if found.answers else []
            if inner:
                found.answers[0]["item"] = inner
            answers += found.answers
            if found.answers:
                self.made[place] = written
        if answers:
            written["answer"] = answers
            yield written

    def given(self, item: Item, place: Place) -> Any:
        if item.hidden or item.read_only:
            return typed(item, place, {place.name: initial_of(item)})
        found = typed(item, place, self.draft)
        known = self.sources.get(place.name, {})
        for answer in found.answers:
            _, value = ext.value_of(answer) or ("", "")
            code = str(value.get("code", "")) if isinstance(value, dict) else str(value)
            if code in known:
                answer["extension"] = known[code]
        return found


def initial_of(item: Item) -> list[str]:
    """What the form itself fills in, as a field would hold it."""
    chosen = [key_of(item, one) for one in item.options if one.get("initialSelected") is True]
    for one in item.raw.get("initial", ()):
        _, value = ext.value_of(one) or ("", None)
        if isinstance(value, bool):
            chosen.append(str(value).lower())
        elif isinstance(value, dict):
            parts = ("value", "code", "reference", "display")
            chosen.append(str(next((value[key] for key in parts if key in value), "")))
        elif value is not None:
            chosen.append(str(value))
    return chosen


def _head(item: Item) -> JsonObject:
    return {"linkId": item.link_id, **({"text": item.text} if item.text else {})}


def issues_of(
    filled: Filled, form: Questionnaire
) -> tuple[dict[Place, list[Issue]], list[Issue], list[Issue]]:
    """The response judged: faults by place, faults without one, and what is missing."""
    at: dict[Place, list[Issue]] = {}
    elsewhere, missing = [], []
    by_expression: dict[str, Place | None] = {}
    for issue in _judged(filled, form):
        if issue.severity not in BLOCKING or issue.source != "response":
            continue
        if issue.rule == "required":
            missing.append(issue)
            continue
        if not by_expression:
            places = {id(json): place for place, json in filled.made.items()}
            by_expression = {node.expression: places.get(key) for key, node in filled.nodes.items()}
        place = _place(issue, by_expression)
        if place is None:
            elsewhere.append(issue)
        else:
            at.setdefault(place, []).append(issue)
    return at, elsewhere, missing


def _judged(filled: Filled, form: Questionnaire) -> list[Issue]:
    if filled.walk is None:
        return validate(filled.response, form)
    return issues_after(filled.walk, filled.response, form, Support())


def _place(issue: Issue, by_expression: Mapping[str, Place | None]) -> Place | None:
    expression = issue.expression
    while expression:
        found = by_expression.get(expression)
        if found is not None and issue.link_id in {None, found.link_id}:
            return found
        expression = expression.rpartition(".")[0]
    return Place(issue.link_id) if issue.link_id is not None else None
