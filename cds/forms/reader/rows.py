"""A form as tables: for each place where items stand, what is plain there, by linkId."""

from collections.abc import Mapping, Sequence
from typing import Final

from cds.forms.form import extensions as ext
from cds.forms.form.items import Item
from cds.forms.reader.gates import many
from cds.forms.reader.head import PLAIN_ID
from cds.forms.reader.plain_codes import Unknown, ValueCheck, in_other_words, plain_code
from cds.wire import JsonObject

MANY: Final = 100  # answers or repetitions, that no person gives
_NESTED: Final = 2  # a value, and items
BARE: Final = 2  # linkId and answer
WORDED: Final = 3  # and text
_NAMED: Final = 4  # and an id
_CODING: Final = {"system", "code", "display"}
DISPLAYED: Final = 3  # all of a Coding
_CHOICES: Final = frozenset(("choice", "coding", "open-choice"))
_CONSTRAINTS: Final = (None, "optionsOnly")
# What these ask of an answer is for the checks to judge, each time.
_JUDGED: Final = frozenset(
    (
        ext.MIN_OCCURS,
        ext.MAX_OCCURS,
        ext.UNIT_OPTION,
        ext.UNIT_VALUE_SET,
        ext.CONSTRAINT,
        ext.TARGET_CONSTRAINT,
        ext.MIME_TYPE,
        ext.MAX_SIZE,
        ext.MIN_QUANTITY,
        ext.MAX_QUANTITY,
        ext.CALCULATED_EXPRESSION,
        ext.ANSWER_EXPRESSION,
    )
)


class OptionRow:
    """An option: its Coding as the form has it, and what is made of it once.

    `alone`: the code as the answer.
    """

    __slots__ = ("alone", "coding", "display", "system")

    def __init__(self, coding: JsonObject) -> None:
        """Most questions are answered by one code."""
        self.coding = coding
        self.system: object = coding["system"]
        self.display: object = coding.get("display", object())  # none is like none that is given
        self.alone: tuple[str, ...] = (coding["code"],)


class ItemRow:
    """One item of the form.

    `again`: a group that repeats. `is_judged`: the checks look at every one; `is_plain_group`: they
    need not, of a group with nothing but items. `options`: by code, where one of them is the whole
    answer; `codes`: where several may be. `is_right`: of a value under `key`; None where every
    answer is looked at closely. `free`: of a text beside options. `place`: what stands below.
    """

    __slots__ = (
        "again",
        "codes",
        "exclusive",
        "free",
        "is_judged",
        "is_plain_group",
        "is_right",
        "item",
        "key",
        "link_id",
        "options",
        "order",
        "place",
        "repeats",
        "text",
    )

    def __init__(self, item: Item) -> None:
        """Look at one item; one with an expression or a modifier is always looked at closely."""
        self.item = item
        self.link_id, self.order = item.link_id, item.order
        # A blank text is none, and never right.
        self.text: object = item.text if item.text.strip() else object()
        self.repeats, self.exclusive = item.repeats, item.exclusive
        self.again = item.type == "group" and item.repeats
        self.is_judged = not _JUDGED.isdisjoint(item.extensions)
        self.is_plain_group = item.type == "group" and not self.is_judged
        self.place = PlaceRows(item.children) if item.children or item.type == "group" else None
        self.key, self.is_right, self.free = _value_check(item)
        if self.is_judged:
            self.is_right = None
        codings = self.is_right is not None and self.key == "valueCoding"
        self.codes = _options(item) if codings and not many(item) else None
        # Only such answers are read at a glance: one whole Coding, and nothing below it.
        self.options = None if item.children else self.codes

    def chosen(self, entry: JsonObject, option: OptionRow) -> Sequence[str]:
        """The codes of a plain item that is not written as most fillers do; else none.

        `option` is the first. Any exception means none.
        """
        answers = entry["answer"]
        if self.repeats and len(answers) > 1:
            return self._several(entry)
        coding = answers[0]["valueCoding"]
        if (
            len(answers) == 1 == len(answers[0])
            and (coding == option.coding or in_other_words(coding, option.coding))
            and (len(entry) == BARE or _is_worded(entry, self))
        ):
            return option.alone
        return ()

    def _several(self, entry: JsonObject) -> list[str]:
        """The codes of an item with several options, as most fillers write it; else none."""
        answers, options = entry["answer"], self.options
        worded = len(entry) == WORDED and entry["text"] == self.text
        if options is None or not worded or type(answers) is not list or len(answers) > MANY:
            return []
        codes: list[str] = []
        for answer in answers:
            coding = answer["valueCoding"]
            code = coding["code"]
            if len(answer) != 1 or code in self.exclusive or coding != options[code].coding:
                return []
            codes.append(code)
        return codes

    def is_plain(self, answer: JsonObject, *, alone: bool) -> bool:
        """Whether an answer is one right value and nothing else, but perhaps items below it.

        Any exception means no.
        """
        if len(answer) != 1 and not (len(answer) == _NESTED and "item" in answer and self.place):
            return False
        if self.key not in answer:
            return self.free is not None and self.free(answer["valueString"])
        value = answer[self.key]
        if self.is_right is None or not self.is_right(value):
            return False
        return alone or not self.exclusive or value["code"] not in self.exclusive


class PlaceRows:
    """What may stand in one place, by linkId, and what must."""

    __slots__ = ("required", "rows")

    def __init__(self, items: tuple[Item, ...]) -> None:
        """Compile the items and all below them."""
        self.rows: Mapping[str, ItemRow] = {item.link_id: ItemRow(item) for item in items}
        self.required = tuple(item for item in items if _is_demanded(item))


def _is_demanded(item: Item) -> bool:
    above = (*item.ancestors, item)
    return item.required and item.type != "display" and not any(one.hidden for one in above)


def _value_check(item: Item) -> tuple[str, ValueCheck | None, ValueCheck | None]:
    """The key of a value, what judges it, and what judges a text in its place."""
    if item.type in {"group", "display"} or item.read_only:
        return "", None, None
    if "answerValueSet" in item.raw or item.constraint not in _CONSTRAINTS:
        return "", None, None
    if item.options and item.type not in _CHOICES:
        return "", None, None
    try:
        if item.options:
            return "valueCoding", *plain_code(item)
        from cds.forms.reader.plain_values import plain_value  # noqa: PLC0415 - decimals, units

        return *plain_value(item), None
    except Unknown:
        return "", None, None


def _options(item: Item) -> Mapping[str, OptionRow] | None:
    """The options by code; None where a code alone does not tell which one is meant."""
    if len(item.codes) != len(item.options):
        return None
    codings = [option["valueCoding"] for option in item.options]
    if any(coding.keys() - _CODING or "system" not in coding for coding in codings):
        return None
    return {coding["code"]: OptionRow(coding) for coding in codings}


def _is_worded(entry: JsonObject, row: ItemRow) -> bool:
    """Whether beside linkId and answer there are the form's text and perhaps an id, no more."""
    return entry["text"] == row.text and (len(entry) == WORDED or has_only_id(entry))


def has_only_id(entry: JsonObject) -> bool:
    """Whether beside linkId, answer and text an item has an id, and no more; or an exception."""
    return len(entry) == _NAMED and PLAIN_ID.fullmatch(entry["id"]) is not None
