"""The literals, names and types that an expression spells."""

import re
from decimal import Decimal
from typing import Any

from cds.forms.fhirpath.engine.arithmetic import in_range
from cds.forms.fhirpath.engine.moments import parse_moment
from cds.forms.fhirpath.engine.values import Collection, Failed, Quantity, Refused

SyntaxTree = dict[str, Any]


def number_literal(tree: SyntaxTree, *_: Any) -> Collection:
    """An Integer or a Decimal."""
    digits = tree["text"]
    if "." in digits:
        return [Decimal(digits)]
    if len(digits) > 18 or in_range(int(digits)) is None:  # noqa: PLR2004 - no need to read it
        raise Refused("a number is too large for an Integer")
    return [int(digits)]


_ESCAPES = {"r": "\r", "n": "\n", "t": "\t", "f": "\f"}


def unescaped(text: str) -> str:
    """A text or name as it is meant, without its escapes."""
    return re.sub(
        r"\\(?:u([0-9a-fA-F]{4})|(.))",
        lambda found: chr(int(found[1], 16)) if found[1] else _ESCAPES.get(found[2], found[2]),
        text,
        flags=re.DOTALL,
    )


def string_literal(tree: SyntaxTree, *_: Any) -> Collection:
    """A String."""
    return [unescaped(tree["text"][1:-1])]


def moment_literal(tree: SyntaxTree, *_: Any) -> Collection:
    """A Date, a DateTime or a Time."""
    spelled = tree["text"][1:]
    if spelled.startswith("T"):
        found = parse_moment("Time", spelled[1:])
    else:
        found = parse_moment("DateTime" if "T" in spelled else "Date", spelled)
    if found is None:
        raise Failed("a literal is not a date or time that exists")
    return [found]


def quantity_literal(tree: SyntaxTree, *_: Any) -> Collection:
    """A Quantity."""
    part = tree["children"][0]
    unit = part["children"][0]
    names = unit["terminalNodeText"] or unit["children"][0]["terminalNodeText"]
    name = names[0]
    return [
        Quantity(
            Decimal(part["terminalNodeText"][0]), unescaped(name[1:-1]) if name[0] == "'" else name
        )
    ]


def name_of(tree: SyntaxTree) -> str:
    """The name that an Identifier spells."""
    text = tree["terminalNodeText"][0]
    return unescaped(text[1:-1]) if text[:1] == "`" else str(text)


def specifier_of(tree: SyntaxTree) -> tuple[str, ...]:
    """The names of a type specifier: ("System", "String") or ("string",)."""
    while tree["type"] != "QualifiedIdentifier":
        tree = tree["children"][0]
    return tuple(name_of(child) for child in tree["children"])
