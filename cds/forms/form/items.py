"""One item of a form and its conditions, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from cds.forms.form import extensions as ext
from cds.wire import JsonObject

MAX_DEPTH = 64
MAX_ITEMS = 20_000

ANSWER_TYPES = (
    "boolean",
    "decimal",
    "integer",
    "date",
    "dateTime",
    "time",
    "string",
    "Coding",
    "Quantity",
    "Reference",
)

# By type of item, the FHIR types of its answers.
ANSWERED_BY: Mapping[str, frozenset[str]] = {
    "boolean": frozenset({"boolean"}),
    "decimal": frozenset({"decimal"}),
    "integer": frozenset({"integer"}),
    "date": frozenset({"date"}),
    "dateTime": frozenset({"dateTime"}),
    "time": frozenset({"time"}),
    "string": frozenset({"string"}),
    "text": frozenset({"string"}),
    "url": frozenset({"uri"}),
    "attachment": frozenset({"Attachment"}),
    "reference": frozenset({"Reference"}),
    "quantity": frozenset({"Quantity"}),
    "choice": frozenset({"Coding"}),
    "coding": frozenset({"Coding"}),
    "open-choice": frozenset({"Coding", "string"}),
}
CHOICES = frozenset({"choice", "open-choice", "coding"})
ITEM_TYPES = frozenset({"group", "display", "question", *ANSWERED_BY})

# Types of which one value is not more than another.
ORDERLESS = frozenset(("boolean", "Coding", "Reference", "Attachment"))
ORDERS = frozenset((">", "<", ">=", "<="))


class EnableWhen(NamedTuple):
    """One condition: `question operator answer`.

    `kind` is the FHIR type of the answer (`Coding`). `mistaken`: no answer to the question can be
    of that type, so that nobody can tell what the form wants.
    """

    question: str
    operator: str
    kind: str
    answer: Any
    mistaken: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Item:
    """One item of the form.

    `path` is its FHIRPath in the Questionnaire; `order` counts in document order.
    """

    link_id: str
    type: str
    text: str
    short: str | None
    required: bool
    repeats: bool
    read_only: bool
    hidden: bool
    enable_when: tuple[EnableWhen, ...]
    enable_behavior: str | None
    enable_expression: tuple[str, str] | None
    parent: "Item | None"
    order: int
    path: str
    raw: JsonObject
    extensions: ext.Extensions
    options: tuple[JsonObject, ...]
    codings: Mapping[tuple[str | None, str], JsonObject]
    codes: Mapping[str, JsonObject]
    exclusive: frozenset[str]
    children: tuple["Item", ...] = ()
    # Where an answer to another question is looked for: the ancestors, outermost first.
    ancestors: tuple["Item", ...] = ()

    @property
    def constraint(self) -> str | None:
        """What may be answered beside the options: R5's element, or R4's extension for it."""
        value = self.raw.get("answerConstraint") or ext.first_value(
            self.extensions, ext.ANSWER_CONSTRAINT
        )
        return value if isinstance(value, str) else None

    @property
    def prompt(self) -> str:
        """What a reader recognises the question by: short text, text, else the linkId."""
        return self.short or self.text or self.link_id

    def __repr__(self) -> str:
        """Short: parents and children point at each other."""
        return f"Item({self.link_id!r}, {self.type!r})"


def code_index(
    options: tuple[JsonObject, ...],
) -> tuple[dict[tuple[str | None, str], JsonObject], dict[str, JsonObject], frozenset[str]]:
    """The Codings of some options by system and code and by code, and which codes stand alone."""
    codings: dict[tuple[str | None, str], JsonObject] = {}
    codes: dict[str, JsonObject] = {}
    exclusive: set[str] = set()
    for option in options:
        coding = option.get("valueCoding")
        if not isinstance(coding, dict) or not isinstance(coding.get("code"), str):
            continue
        system = coding.get("system")
        system = system if isinstance(system, str) and system else None
        codings.setdefault((system, coding["code"]), option)
        codes.setdefault(coding["code"], option)
        if ext.first_value(ext.extensions_of(option), ext.OPTION_EXCLUSIVE) is True:
            exclusive.add(coding["code"])
    return codings, codes, frozenset(exclusive)
