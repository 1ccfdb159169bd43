"""A Questionnaire compiled once: its items by linkId, their conditions, options and finer rules.

Nothing here raises on a faulty form: what cannot be read is left out and reported in `faults`,
as a fault of the Questionnaire and not of the one who answered it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cds.forms.form import extensions as ext
from cds.forms.form.faults import condition_problem, fault, is_mistaken, not_judged
from cds.forms.form.items import (
    ANSWER_TYPES,
    ITEM_TYPES,
    MAX_DEPTH,
    MAX_ITEMS,
    EnableWhen,
    Item,
    code_index,
)
from cds.forms.form.moved import places_before
from cds.forms.issues import Issue
from cds.wire import JsonObject

__all__ = [
    "ANSWER_TYPES",
    "MAX_DEPTH",
    "EnableWhen",
    "Item",
    "Questionnaire",
    "compile_questionnaire",
]

OPERATORS = frozenset({"exists", "=", "!=", ">", "<", ">=", "<="})


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Questionnaire:
    """A compiled form.

    `items` are the roots, `by_link_id` all; `faults` are the form's own issues. `stood`: by linkId,
    the groups in which earlier versions had an item (None: outside of all), where it counts too.
    """

    url: str | None
    version: str | None
    items: tuple[Item, ...]
    by_link_id: Mapping[str, Item]
    raw: JsonObject
    extensions: ext.Extensions
    faults: tuple[Issue, ...]
    # Room for what other modules compile from this form (tables, closures), each under its own
    # name.
    compiled: dict[object, Any] = field(default_factory=dict)
    stood: Mapping[str, tuple[Item | None, ...]] = field(default_factory=dict)

    def has(self, item: Item, owner: Item | None) -> bool:
        """Whether the item stands in this place, in this version of the form or an earlier one."""
        return item.parent is owner or owner in self.stood.get(item.link_id, ())


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def compile_questionnaire(
    questionnaire: JsonObject, moved: Iterable[Mapping[str, str]] = ()
) -> Questionnaire:
    """Read a Questionnaire (R4, R4B or R5 JSON) into tables; never raises, see `faults`.

    `moved`: of each earlier version, by linkId the group in which it had an item ("": in none).

    >>> compile_questionnaire({"item": [{"linkId": "a", "type": "boolean"}]}).by_link_id["a"].type
    'boolean'
    """
    raw = questionnaire if isinstance(questionnaire, dict) else {}
    reader = _Reader()
    items = reader.items(raw.get("item"), None, (), "Questionnaire")
    reader.check_conditions()
    return Questionnaire(
        url=_text(raw.get("url")),
        version=_text(raw.get("version")),
        items=items,
        by_link_id=reader.by_link_id,
        raw=raw,
        extensions=ext.extensions_of(raw),
        faults=tuple(reader.faults),
        stood=places_before(reader.by_link_id, moved),
    )


class _Reader:
    """Walks the form once and keeps what it finds."""

    def __init__(self) -> None:
        self.by_link_id: dict[str, Item] = {}
        self.faults: list[Issue] = []

    def note(  # noqa: PLR0917 - what `fault` is given
        self, code: str, rule: str, path: str, link_id: str | None, text: str, help_: str
    ) -> None:
        self.faults.append(fault(code, rule, path, link_id, text, help_))

    def items(
        self, raw: object, parent: Item | None, ancestors: tuple[Item, ...], path: str
    ) -> tuple[Item, ...]:
        if not isinstance(raw, list):
            return ()
        if len(ancestors) >= MAX_DEPTH:
            text = f"the form is nested deeper than {MAX_DEPTH} levels; what lies below is not read"
            self.note("too-costly", "questionnaireTooDeep", path, None, text, "Flatten the form.")
            return ()
        found = []
        for index, entry in enumerate(raw):
            if len(self.by_link_id) >= MAX_ITEMS:
                self.too_many(path)
                break
            item = self.item(entry, parent, ancestors, f"{path}.item[{index}]")
            if item is not None:
                found.append(item)
        return tuple(found)

    def too_many(self, path: str) -> None:
        if not any(fault.code == "too-costly" for fault in self.faults[-1:]):
            text = f"the form has more than {MAX_ITEMS:,} items; the others are not read"
            self.note("too-costly", "questionnaireTooDeep", path, None, text, "Split it.")

    def item(
        self, raw: object, parent: Item | None, ancestors: tuple[Item, ...], path: str
    ) -> Item | None:
        if not isinstance(raw, dict) or not isinstance(raw.get("linkId"), str):
            text = "an item of the form has no linkId"
            self.note("required", "questionnaireItem", path, None, text, "Give it a linkId.")
            return None
        link_id: str = raw["linkId"]
        type_ = raw.get("type")
        if not isinstance(type_, str) or type_ not in ITEM_TYPES:
            text = "the item's type is missing or not one that FHIR knows"
            help_ = "Set a type such as string, choice or group."
            self.note("value", "questionnaireItem", path, link_id, text, help_)
            type_ = type_ if isinstance(type_, str) else ""
        extensions = ext.extensions_of(raw)
        options = tuple(o for o in _list(raw.get("answerOption")) if isinstance(o, dict))
        codings, codes, exclusive = code_index(options)
        item = Item(
            link_id=link_id,
            type=type_,
            text=_text(raw.get("text")) or "",
            short=_text(ext.first_value(extensions, ext.SHORT_TEXT)),
            required=raw.get("required") is True,
            repeats=raw.get("repeats") is True,
            read_only=raw.get("readOnly") is True,
            hidden=ext.first_value(extensions, ext.HIDDEN) is True,
            enable_when=tuple(self.conditions(raw.get("enableWhen"), link_id, path)),
            enable_behavior=_text(raw.get("enableBehavior")),
            enable_expression=_enable_expression(extensions),
            parent=parent,
            order=len(self.by_link_id),
            path=path,
            raw=raw,
            extensions=extensions,
            options=options,
            codings=codings,
            codes=codes,
            exclusive=exclusive,
            ancestors=ancestors,
        )
        if link_id in self.by_link_id:
            text, help_ = "the form has this linkId twice", "linkIds must be unique (que-2)."
            self.note("duplicate", "questionnaireItem", path, link_id, text, help_)
        else:
            self.by_link_id[link_id] = item
        children = self.items(raw.get("item"), item, (*ancestors, item), path)
        object.__setattr__(item, "children", children)  # where the tree is tied together
        return item

    def conditions(self, raw: object, link_id: str, path: str) -> Iterator[EnableWhen]:
        for index, entry in enumerate(_list(raw)):
            here = f"{path}.enableWhen[{index}]"
            condition = _condition(entry)
            if condition is None:
                text = "a condition has no question, no known operator, or no answer"
                help_ = "A condition needs question, operator and answer[x]."
                self.note("value", "enableWhen", here, link_id, text, help_)
                # A condition that cannot be read must neither show nor hide: it is kept as
                # undecidable.
                yield EnableWhen("", "", "", None)
            else:
                yield condition

    def check_conditions(self) -> None:
        for item in self.by_link_id.values():
            self.faults.extend(not_judged(item))
            known, whens = self.by_link_id, item.enable_when
            marked = (one._replace(mistaken=is_mistaken(one, known)) for one in whens)
            object.__setattr__(item, "enable_when", tuple(marked))
            if len(item.enable_when) > 1 and item.enable_behavior not in {"any", "all"}:
                text = "several conditions need enableBehavior any or all (que-12)"
                help_ = "Set enableBehavior."
                self.note("required", "enableWhen", item.path, item.link_id, text, help_)
            for index, condition in enumerate(item.enable_when):
                problem = condition_problem(condition, item, self.by_link_id)
                if problem:
                    here = f"{item.path}.enableWhen[{index}]"
                    help_ = "Fix the condition in the form."
                    self.note("value", "enableWhen", here, item.link_id, problem, help_)


def _condition(raw: object) -> EnableWhen | None:
    if not isinstance(raw, dict) or raw.get("modifierExtension"):
        return None
    question, operator = raw.get("question"), raw.get("operator")
    if not isinstance(question, str) or not isinstance(operator, str) or operator not in OPERATORS:
        return None
    for kind in ANSWER_TYPES:
        key = f"answer{kind[0].upper()}{kind[1:]}"
        if key in raw:
            return EnableWhen(question, str(operator), kind, raw[key])
    return None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _enable_expression(extensions: ext.Extensions) -> tuple[str, str] | None:
    for url in ext.ENABLE_WHEN_EXPRESSIONS:
        if url in extensions:
            return ext.expression_of(ext.first_value(extensions, url)) or ("", "")
    return None
