"""What FHIR says of a datatype beyond its elements: its invariants, and what its text demands.

One function a type. Each takes the value and where it stands, and yields what is wrong.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from cds.forms.elements.grammars import is_language
from cds.forms.elements.narrative import narrative_problem
from cds.forms.elements.references import ANSWER, reference
from cds.forms.elements.scope import ElementScope, Problem, invariant
from cds.forms.response.compare import number, ordered
from cds.forms.terms.hl7 import unknown_code
from cds.forms.values.ucum import UCUM, compare_quantities
from cds.forms.values.ucum_codes import is_unit_code

Value = Mapping[str, Any]
_Judge = Callable[[Value, ElementScope], Iterator[Problem]]


def _has(value: Value, name: str) -> bool:
    """Whether an element is there: with a value, or with an extension in its sibling."""
    return name in value or f"_{name}" in value


def _absolute(value: Value, name: str, severity: str | None = None) -> Iterator[Problem]:
    system = value.get(name)
    if isinstance(system, str) and system and not has_scheme(system):
        text = f"'{name}' must be absolute, such as http://… or urn:oid:…"
        yield Problem("value", f".{name}", text, system, severity)


def has_scheme(uri: str) -> bool:
    """Whether a uri is absolute: it begins with a scheme."""
    scheme, colon, rest = uri.partition(":")
    plain = scheme.replace("+", "").replace("-", "").replace(".", "")
    return bool(colon and rest) and plain.isalnum() and scheme[0].isalpha()


def _extension(value: Value, scope: ElementScope) -> Iterator[Problem]:
    values = [key for key in value if key.lstrip("_").startswith("value")]
    parts = bool(value.get("extension"))
    if values and parts:
        yield invariant("ext-1", "an extension has a value or parts, this one has both")
    elif not values and not parts:
        yield invariant("ext-1", "an extension needs a value or parts")
    url = value.get("url")
    # What is no uri at all is told by its type.
    if isinstance(url, str) and url.strip() and scope.owner != "Extension" and not has_scheme(url):
        text = "the url of an extension must be absolute, unless it is part of another extension"
        yield Problem("value", ".url", text, url)


def _coding(value: Value, scope: ElementScope) -> Iterator[Problem]:
    yield from _absolute(value, "system")
    system, code = value.get("system"), value.get("code")
    if isinstance(system, str) and isinstance(code, str) and scope.owner not in _CODED_ELSEWHERE:
        yield from _known_code(system, code, version="version" in value)
    if isinstance(system, str) and "/ValueSet/" in system:
        yield Problem(
            "codeSystem", ".system", "this is the url of a value set, not of a code system", system
        )


# An answer's code is the matter of `check_hl7_codes`; tags and labels are marks of servers.
_CODED_ELSEWHERE = frozenset((ANSWER, "Meta"))


def _known_code(system: str, code: str, *, version: bool) -> Iterator[Problem]:
    """Whether a system of HL7's own, or that of languages, has a code."""
    if system == "urn:ietf:bcp:47" and not is_language(code):
        yield Problem("unknownCode", ".code", "this is not the tag of a language", code)
    if said := unknown_code(system, code, version=version):
        text, severity = said
        yield Problem("unknownCode", ".code", text, code, severity)


def _quantity(value: Value, _: ElementScope) -> Iterator[Problem]:
    if _has(value, "code") and not _has(value, "system"):
        yield invariant("qty-3", "a unit code needs the system that it is of")
    yield from _absolute(value, "system")
    code = value.get("code")
    if value.get("system") == UCUM and isinstance(code, str) and not is_unit_code(code):
        yield Problem("unitCode", ".code", "the unit is not a code of UCUM", code)


def _ucum(key: str, value: Value) -> Iterator[Problem]:
    """The quantities of one kind: a code where there is a value, and of UCUM."""
    yield from _quantity(value, _NOWHERE)
    if _has(value, "value") and not _has(value, "code"):
        yield invariant(key, "a value needs the code of its unit")
    if value.get("system", UCUM) != UCUM:
        yield invariant(key, "the system of the unit must be UCUM")


def _age(value: Value, _: ElementScope) -> Iterator[Problem]:
    yield from _ucum("age-1", value)
    amount = number(value.get("value"))
    if amount is not None and amount <= 0:
        yield invariant("age-1", "an age must be positive")


def _count(value: Value, _: ElementScope) -> Iterator[Problem]:
    yield from _ucum("cnt-3", value)
    amount = value.get("value")
    if value.get("code", "1") != "1" or (isinstance(amount, Decimal) and "." in str(amount)):
        yield invariant("cnt-3", "a count is a whole number, with the unit code 1")


def _distance(value: Value, _: ElementScope) -> Iterator[Problem]:
    yield from _ucum("dis-1", value)


def _duration(value: Value, _: ElementScope) -> Iterator[Problem]:
    yield from _quantity(value, _NOWHERE)
    if _has(value, "code") and not (value.get("system") == UCUM and _has(value, "value")):
        yield invariant("drt-1", "the unit of a duration is a UCUM code, and has a value")


def _money(value: Value, scope: ElementScope) -> Iterator[Problem]:
    yield from _quantity(value, scope)
    currency = "urn:iso:std:iso:4217"
    if (_has(value, "value") and not _has(value, "code")) or value.get(
        "system", currency
    ) != currency:
        yield invariant("mqty-1", "an amount of money needs the code of a currency")


def _attachment(value: Value, _: ElementScope) -> Iterator[Problem]:
    if _has(value, "data") and not _has(value, "contentType"):
        yield invariant("att-1", "data needs a contentType")


def _identifier(value: Value, _: ElementScope) -> Iterator[Problem]:
    yield from _absolute(value, "system", "warning")


def _period(value: Value, _: ElementScope) -> Iterator[Problem]:
    if ordered("dateTime", value.get("start"), "dateTime", value.get("end")) == 1:
        yield invariant("per-1", "the start is after the end")


def _range(value: Value, _: ElementScope) -> Iterator[Problem]:
    if compare_quantities(value.get("low"), value.get("high")) == 1:
        yield invariant("rng-2", "the lower end is above the upper one")


def _ratio(value: Value, _: ElementScope) -> Iterator[Problem]:
    above, below = "numerator" in value, "denominator" in value
    if above != below or not (above or "extension" in value):
        yield invariant("rat-1", "a ratio has a numerator and a denominator")


def _contact(value: Value, _: ElementScope) -> Iterator[Problem]:
    if _has(value, "value") and not _has(value, "system"):
        yield invariant("cpt-2", "a contact needs its system, such as phone")


def _narrative(value: Value, _: ElementScope) -> Iterator[Problem]:
    div = value.get("div")
    problem = narrative_problem(div) if isinstance(div, str) and div else ""
    if problem:
        yield Problem("narrative", ".div", problem)


def _expression(value: Value, _: ElementScope) -> Iterator[Problem]:
    if not _has(value, "expression") and not _has(value, "reference"):
        yield invariant("exp-1", "an expression or a reference to one is needed")


def _sampled(value: Value, scope: ElementScope) -> Iterator[Problem]:
    if scope.version.startswith("5") and _has(value, "interval") == _has(value, "offsets"):
        yield invariant("sdd-1", "either an interval or offsets are needed")


def _repeat(value: Value, _: ElementScope) -> Iterator[Problem]:
    for key, given, needed in _TIMING:
        if _has(value, given) and not _has(value, needed):
            yield invariant(key, f"'{given}' needs '{needed}'")
    for key, name in (("tim-4", "duration"), ("tim-5", "period")):
        amount = number(value.get(name))
        if amount is not None and amount < 0:
            yield invariant(key, f"'{name}' must not be negative")
    if _has(value, "offset") and not set(_list(value, "when")) - {"C", "CM", "CD", "CV"}:
        yield invariant("tim-9", "an offset needs an event other than a meal of itself")
    if _has(value, "timeOfDay") and _has(value, "when"):
        yield invariant("tim-10", "there is either timeOfDay or when")


def _list(value: Value, name: str) -> list[str]:
    listed = value.get(name)
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []


class _Need(NamedTuple):
    key: str
    given: str
    needed: str


_TIMING = (
    _Need("tim-1", "duration", "durationUnit"),
    _Need("tim-2", "period", "periodUnit"),
    _Need("tim-6", "periodMax", "period"),
    _Need("tim-7", "durationMax", "duration"),
    _Need("tim-8", "countMax", "count"),
)
_NOWHERE = ElementScope()

JUDGES: Mapping[str, _Judge] = {
    "Age": _age,
    "Attachment": _attachment,
    "Coding": _coding,
    "ContactPoint": _contact,
    "Count": _count,
    "Distance": _distance,
    "Duration": _duration,
    "Expression": _expression,
    "Extension": _extension,
    "Identifier": _identifier,
    "MoneyQuantity": _money,
    "Narrative": _narrative,
    "Period": _period,
    "Quantity": _quantity,
    "Range": _range,
    "Ratio": _ratio,
    "Reference": reference,
    "SampledData": _sampled,
    "SimpleQuantity": _quantity,
    "Timing.repeat": _repeat,
}
# The invariants of datatypes that are not judged: those of the definitions of elements, of what a
# form or a library asks for and no answer holds.
NOT_JUDGED = frozenset(
    {"ElementDefinition", "ElementDefinition.slicing", "ElementDefinition.type"}
    | {"ElementDefinition.binding", "ElementDefinition.constraint", "TriggerDefinition"}
    | {"DataRequirement.codeFilter", "DataRequirement.dateFilter", "Dosage", "RatioRange"}
    | {"Availability.availableTime"}
)
