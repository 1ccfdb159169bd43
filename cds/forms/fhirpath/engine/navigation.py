"""From an element to those below it, by HL7's definitions; and what type an item is of."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cds.forms.elements.definitions import Definitions, Element, Type
from cds.forms.fhirpath.engine.values import (
    Collection,
    CollectionItem,
    ElementNode,
    Failed,
    NoElement,
    Refused,
    kind,
)

_PARENTS = {
    "code": "string",
    "id": "string",
    "markdown": "string",
    "url": "uri",
    "canonical": "uri",
    "oid": "uri",
    "uuid": "uri",
    "positiveInt": "integer",
    "unsignedInt": "integer",
    "Age": "Quantity",
    "Count": "Quantity",
    "Distance": "Quantity",
    "Duration": "Quantity",
    "SimpleQuantity": "Quantity",
    "MoneyQuantity": "Quantity",
}
_SYSTEM = frozenset(
    ("Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity")
)


def root(resource: dict[str, Any], definitions: Definitions) -> ElementNode:
    """A resource as a node."""
    name = resource.get("resourceType")
    return ElementNode(resource, name if isinstance(name, str) else "Resource", definitions)


def member(node: CollectionItem, name: str) -> Iterator[ElementNode]:
    """The elements of this name directly below a node."""
    if not isinstance(node, ElementNode):
        return
    if node.primitive:
        yield from _beside(node, name)
        return
    type_ = _defined(node)
    element = type_.elements.get(name)
    if element is not None and element.choice:
        raise NoElement(f"'{name[:40]}' is not an element; its name is '{element.name}'")
    if element is not None:
        yield from _below(node, name, element)
        return
    keys = [key for key, one in type_.elements.items() if one.choice and one.name == name]
    if not keys and not node.loose:
        raise NoElement(f"'{name[:40]}' is not an element of {node.type[:60]}")
    for key in keys:
        yield from _below(node, key, type_.elements[key])


def _defined(node: ElementNode) -> Type:
    type_ = node.definitions.type(_class_of(node))
    if type_ is None:
        raise Refused(f"the type {node.type[:40]} is not known here")
    return type_


def _class_of(node: ElementNode) -> str:
    if "." not in node.type and isinstance(node.value, dict) and "resourceType" in node.value:
        return str(node.value["resourceType"])
    return node.type


def _beside(node: ElementNode, name: str) -> Iterator[ElementNode]:
    """The id and the extensions of a primitive."""
    if isinstance(node.beside, dict) and name in {"extension", "id"}:
        type_ = node.definitions.type("Extension")
        if type_ is not None and name in node.beside:
            source = ElementNode(node.beside, "Extension", node.definitions, parent=node)
            yield from _below(source, name, type_.elements[name])


def _below(
    node: ElementNode, key: str, element: Element, *, loose: bool = False
) -> Iterator[ElementNode]:
    found, beside = node.value.get(key), node.value.get(f"_{key}")
    values = found if isinstance(found, list) else [found]
    others = beside if isinstance(beside, list) else [beside]
    for at in range(max(len(values), len(others))):
        value = values[at] if at < len(values) else None
        other = others[at] if at < len(others) else None
        if value is None and other is None:
            continue
        type_ = element.type
        if type_ == "Resource" and isinstance(value, dict):
            type_ = str(value.get("resourceType"))
        yield ElementNode(value, type_, node.definitions, other, node, loose=loose, unordered=loose)


def children(node: CollectionItem) -> Iterator[ElementNode]:
    """All elements directly below a node."""
    if not isinstance(node, ElementNode):
        return
    if node.primitive:
        yield from _beside(node, "id")
        yield from _beside(node, "extension")
        return
    for key, element in _defined(node).elements.items():
        yield from _below(node, key, element, loose=True)


def descendants(items: Collection) -> Iterator[ElementNode]:
    """All elements below some items."""
    for item in items:
        for child in children(item):
            yield child
            yield from descendants([child])


def loosened(items: Collection) -> Collection:
    """Items that may be of several types: what one of them lacks is no mistake."""
    kinds = {item.type for item in items if isinstance(item, ElementNode)}
    if len(kinds) < 2:  # noqa: PLR2004 - of one type
        return items
    return [replace(item, loose=True) if isinstance(item, ElementNode) else item for item in items]


def is_exactly(item: CollectionItem, specifier: tuple[str, ...]) -> bool:
    """Whether a primitive is of this very type, and anything else of it or of one below it."""
    if isinstance(item, ElementNode) and item.primitive:
        return specifier[0] != "System" and specifier[-1] == item.type
    return is_of(item, specifier)


def is_of(item: CollectionItem, specifier: tuple[str, ...]) -> bool:
    """Whether an item is of a type, or of one that descends from it."""
    namespace, name = specifier if len(specifier) == 2 else (None, specifier[0])  # noqa: PLR2004 - System.String
    if isinstance(item, ElementNode):
        return namespace in {None, "FHIR"} and name in _ancestry(item)
    if namespace == "FHIR":
        return False
    if namespace not in {None, "System"} or (namespace == "System" and name not in _SYSTEM):
        raise Failed("there is no such type")
    return kind(item) == name


def _ancestry(node: ElementNode) -> Iterator[str]:
    name: str | None = node.type
    while name is not None:
        yield name
        name = _PARENTS.get(name)
    type_ = node.definitions.type(_class_of(node)) if not node.primitive else None
    if type_ is not None and type_.resource:
        yield "Resource"
        if "contained" in type_.elements:
            yield "DomainResource"
    else:
        yield "Element"
        if "." in node.type:
            yield "BackboneElement"


def is_known_type(specifier: tuple[str, ...], definitions: Definitions) -> bool:
    """Whether a type specifier names a type of FHIRPath or of FHIR."""
    name = specifier[-1]
    if len(specifier) == 2 and specifier[0] == "System":  # noqa: PLR2004 - System.String
        return name in _SYSTEM
    in_system = len(specifier) == 1 and name in _SYSTEM
    fhir = name in _PARENTS or name in {"Resource", "DomainResource", "Element", "BackboneElement"}
    from cds.forms.values.primitives import PRIMITIVES  # noqa: PLC0415 - for what is rarely asked

    return in_system or fhir or name in PRIMITIVES or definitions.type(name) is not None
