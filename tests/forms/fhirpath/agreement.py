"""How an engine agrees with HL7's FHIRPath suite, case by case."""

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from cds.forms.elements.definitions import definitions
from cds.forms.fhirpath.engine.converting import to_string
from cds.forms.fhirpath.engine.engine import evaluated
from cds.forms.fhirpath.engine.values import (
    ElementNode,
    Failed,
    NotAnExpression,
    Refused,
    system_value,
)

SUITE = json.loads(Path(__file__).with_name("suite-r4.json").read_bytes(), parse_float=Decimal)
RIGHT, WRONG, REFUSED = "right", "wrong", "refused"
Engine = Callable[[str, Any], list[str]]


class NotRun(Exception):
    """An engine gave no result."""


def spelled(value: Any) -> str:
    """A result as the suite spells it."""
    value = system_value(value)
    if isinstance(value, ElementNode):
        return f"<{value.type}>"
    text = to_string(value)
    return "" if text is None else text


def ours(expression: str, resource: Any) -> list[str]:
    try:
        found = evaluated(expression, resource, definitions("4.0"))
    except (Refused, Failed, NotAnExpression) as error:
        raise NotRun(str(error)) from error
    return [spelled(one) for one in found]


def expected(case: dict[str, Any]) -> list[str]:
    """The outputs of a case without the marks of literals."""
    return [
        re.sub(r"^@T?", "", text) if kind != "string" else text for kind, text in case["output"]
    ]


def verdict(engine: Engine, case: dict[str, Any]) -> tuple[str, Any]:
    resource = SUITE["inputs"].get(case.get("inputfile"), {"resourceType": "Basic"})
    try:
        found = engine(case["expression"], resource)
    except NotRun as error:
        return (RIGHT if "invalid" in case else REFUSED), str(error)
    if "invalid" in case:
        return WRONG, found
    wanted = expected(case)
    if case.get("predicate") == "true":
        found = [str(bool(found)).lower()] if found not in (["true"], ["false"]) else found
    same = sorted(found) == sorted(wanted) if case.get("ordered") == "false" else found == wanted
    return (RIGHT if same or _numbers(found) == _numbers(wanted) else WRONG), found


def _numbers(texts: list[str]) -> list[Any]:
    made: list[Any] = []
    for text in texts:
        try:
            made.append(Decimal(text))
        except ArithmeticError:
            made.append(text)
    return made


def outcomes(engine: Engine) -> Iterator[tuple[dict[str, Any], str, Any]]:
    for case in SUITE["cases"]:
        yield (case, *verdict(engine, case))
