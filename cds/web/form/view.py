"""The form as the templates draw it: every item at every place, with what was typed there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cds.forms.form import extensions as ext
from cds.forms.issues import Issue
from cds.forms.questionnaire import Item
from cds.web.form.fields import CONFIRM_PART, OTHER_PART, UNIT_PART, ZONE_PART, Place, first_of
from cds.web.form.filled import Filled, Rows, initial_of, parent_node, repeats_in_rows
from cds.web.form.messages import is_exclusive, label_of_option, message
from cds.web.form.offered import Spoken
from cds.web.form.typed import TypedFields, keys_of, units_of

CONTROL = ext.CORE + "questionnaire-itemControl"
HELP = frozenset(("help", "flyover", "prompt"))
# What is drawn for each type of item; the names of the macros in item.html.
_LINES = ("decimal", "integer", "string", "url", "reference", "date", "dateTime", "time")
_KINDS = {
    **dict.fromkeys((*_LINES, "open-choice"), "line"),
    "text": "area",
    "boolean": "radio",
    "quantity": "quantity",
    "attachment": "file",
}
INPUTS = {"url": "url", "dateTime": "datetime-local", "time": "time"}


@dataclass(frozen=True, slots=True)
class DrawnOption:
    """One option as it is drawn."""

    key: str
    label: str
    checked: bool
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item at one place."""

    place: Place
    kind: str
    type: str
    label: str
    prefix: str
    short: str
    helps: tuple[str, ...]
    required: bool
    repeats: bool
    disabled: bool  # not asked now: drawn all the same, for the script to show
    audience: str
    value: str = ""
    unit: str = ""
    units: tuple[DrawnOption, ...] = ()
    other: str | None = None
    zone: str = ""
    choices: tuple[DrawnOption, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    from_record: tuple[str, ...] = ()
    confirmed: bool = False
    read_only: bool = False
    row: int | None = None  # its number, where it stands several times
    last: bool = False  # the last of these
    children: tuple["ItemView", ...] = ()

    @property
    def name(self) -> str:
        """The name of the field."""
        return self.place.name

    @property
    def question(self) -> bool:
        """Whether a person answers it."""
        return self.kind not in {"group", "display"}


@dataclass(frozen=True, slots=True)
class Looks:
    """What the views of one page have in common."""

    spoken: Spoken
    filled: Filled
    draft: TypedFields
    issues: Mapping[Place, Sequence[Issue]]
    hints: Mapping[str, Sequence[str]]
    sources: Mapping[str, Mapping[str, list[Any]]]
    started: bool  # something was sent before, so the form's own initial values no longer count


def views_of(looks: Looks) -> tuple[ItemView, ...]:
    """The items of the form, drawn at each place where they stand."""
    return tuple(_Drawing(looks).items(looks.spoken.form.items, ()))


def flat(items: Sequence[ItemView]) -> Iterator[ItemView]:
    """Every item, in the order of the page."""
    for item in items:
        yield item
        yield from flat(item.children)


class _Drawing:
    def __init__(self, looks: Looks) -> None:
        self.looks = looks
        self.spoken = looks.spoken
        self.rows = Rows(self.spoken.asked, looks.draft)

    def items(self, items: Sequence[Item], above: tuple[int, ...]) -> Iterator[ItemView]:
        for item in items:
            if item.hidden or (item.type == "display" and _control(item) & HELP):
                continue
            listed = self.rows.of(item, above)
            for rows in listed:
                yield self.item(item, rows, last=rows == listed[-1])

    def item(self, item: Item, rows: tuple[int, ...], *, last: bool) -> ItemView:
        looks, place = self.looks, Place(item.link_id, rows)
        # What an option's key is made of stands in the form as the pack has it.
        own = self.spoken.asked.by_link_id[item.link_id]
        state = looks.filled.enablement.at(own, parent_node(looks.filled, own, rows))
        answered = looks.filled.made.get(place) is not None
        below = item.parent is not None and item.parent.type != "group"
        orphan = below and not self._parent_answered(own, rows)
        values = self._values(own, place)
        record, other = looks.sources.get(place.name, {}), place.part(OTHER_PART)
        return ItemView(
            place=place,
            kind=_kind(item),
            type=item.type,
            label=item.text or item.short or item.link_id,
            prefix=str(item.raw.get("prefix", "")),
            short=item.prompt,
            helps=(*self._perhaps(item), *_help_of(item)),
            required=item.required and item.type != "group",
            repeats=item.repeats,
            disabled=state.enabled is False or orphan,
            audience=_audience(item),
            value=values[0] if values else "",
            unit=first_of(looks.draft, place.part(UNIT_PART)),
            units=self._units(own, place),
            other=first_of(looks.draft, other) if item.type == "open-choice" else None,
            zone=place.part(ZONE_PART) if item.type == "dateTime" else "",
            choices=self._choices(item, own, values),
            attributes=_attributes(item, values),
            faults=tuple(dict.fromkeys(self._faults(item, place))),
            hints=tuple(map(self.spoken.again, looks.hints.get(item.link_id, ()))),
            from_record=tuple(
                dict.fromkeys(
                    self.spoken.part(one["valueReference"]["display"])
                    for key in values
                    for one in record.get(key, ())
                )
            ),
            confirmed=bool(answered and looks.draft.get(place.part(CONFIRM_PART))),
            read_only=item.read_only,
            row=rows[-1] if repeats_in_rows(own) else None,
            last=last,
            children=tuple(self.items(item.children, rows)),
        )

    def _perhaps(self, item: Item) -> Iterator[str]:
        """That only the service can say whether this is asked: no expression runs in a page."""
        if item.enable_expression is not None:
            yield self.spoken.words("page.perhaps")

    def _parent_answered(self, own: Item, rows: tuple[int, ...]) -> bool:
        parent = own.parent
        if parent is None:
            return True
        depth = sum(repeats_in_rows(one) for one in (*parent.ancestors, parent))
        return Place(parent.link_id, rows[:depth]) in self.looks.filled.made

    def _values(self, own: Item, place: Place) -> list[str]:
        if own.read_only or not self.looks.started:
            return initial_of(own) or list(self.looks.draft.get(place.name, ()))
        return list(self.looks.draft.get(place.name, ()))

    def _choices(self, item: Item, own: Item, values: Sequence[str]) -> tuple[DrawnOption, ...]:
        if item.type == "boolean" and not item.options:
            words = self.spoken.words
            return tuple(
                DrawnOption(key, words(f"page.{word}"), key in values)
                for key, word in (("true", "yes"), ("false", "no"))
            )
        return tuple(
            DrawnOption(key, label_of_option(shown), key in values, is_exclusive(option))
            for key, option, shown in zip(keys_of(own), own.options, item.options, strict=True)
        )

    def _units(self, own: Item, place: Place) -> tuple[DrawnOption, ...]:
        chosen = first_of(self.looks.draft, place.part(UNIT_PART))
        return tuple(
            DrawnOption(code, str(one.get("display", code)), code == chosen)
            for one in units_of(own)
            for code in (str(one.get("code", "")),)
        )

    def _faults(self, item: Item, place: Place) -> Iterator[str]:
        words = self.spoken.words
        for key in self.looks.filled.faults.get(place, ()):
            yield words(f"fault.{key}")
        for issue in self.looks.issues.get(place, ()):
            yield message(issue, item, words)


def _help_of(item: Item) -> Iterator[str]:
    return (one.text for one in item.children if _control(one) & HELP)


def _kind(item: Item) -> str:
    if item.type in {"group", "display"}:
        return item.type
    if item.options:
        if "drop-down" in _control(item) and not item.repeats:
            return "select"
        return "checkbox" if item.repeats else "radio"
    return _KINDS.get(item.type, "unsupported")


def _control(item: Item) -> set[str]:
    value = ext.first_value(item.extensions, CONTROL)
    codings = value.get("coding", []) if isinstance(value, dict) else []
    return {str(one.get("code")) for one in codings if isinstance(one, dict)}


def _audience(item: Item) -> str:
    """For whom the question is, where the form says (our extension, under any canonical base)."""
    for url in item.extensions:
        if url.endswith("/StructureDefinition/audience"):
            return str(ext.first_value(item.extensions, url))
    return ""


def _attributes(item: Item, values: Sequence[str]) -> dict[str, str]:
    """The attributes of an input: its type, keyboard and limits."""
    found = {"type": INPUTS.get(item.type, "text")}
    if item.type == "date":
        found |= {"inputmode": "numeric", "maxlength": "10"}
    if item.type == "dateTime" and values and len(values[0]) != len("2026-11-30T10:00"):
        found["type"] = "text"  # partial, or with its zone: not what a browser's picker can hold
    if item.type in {"decimal", "quantity"}:
        found["inputmode"] = "decimal"
    if item.type == "integer":
        found["inputmode"] = "numeric"
    if isinstance(item.raw.get("maxLength"), int):
        found["maxlength"] = str(item.raw["maxLength"])
    hint = ext.first_value(item.extensions, ext.ENTRY_FORMAT)
    if isinstance(hint, str):
        found["placeholder"] = hint
    if item.type == "attachment":
        types = [ext.value_of(one) for one in item.extensions.get(ext.MIME_TYPE, ())]
        found["accept"] = ",".join(str(one[1]) for one in types if one)
    return found
