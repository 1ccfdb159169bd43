"""A resource in FHIR's XML as the JSON that it stands for, with the place of each element.

Read by expat, which is given no document type: no entity is ever declared, let alone expanded.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.parsers import expat

from cds.forms.elements.definitions import RESPONSE, Definitions, Element, Type

_FHIR = "http://hl7.org/fhir"
_MAX_DEPTH = 200
Way = tuple[str | int, ...]
_NUMBERS = frozenset(("integer", "positiveInt", "unsignedInt"))
# As FHIR writes numbers: Python reads 007 and 1_000 as numbers too.
_WHOLE = re.compile(r"0|[-+]?[1-9][0-9]{0,18}")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")


class NotXml(ValueError):
    """The text is no FHIR XML: `str()` says why, `line` and `column` where (from 1)."""

    def __init__(self, problem: str, line: int = 1, column: int = 1) -> None:
        super().__init__(problem)
        self.line, self.column = line, column


@dataclass(slots=True)
class _Tag:
    namespace: str
    name: str
    attributes: dict[str, str]
    line: int
    column: int
    start: int
    end: int = 0
    children: list["_Tag"] = field(default_factory=list)


def resource_of(
    data: bytes, definitions: Definitions
) -> tuple[dict[str, Any], dict[Way, tuple[int, int]]]:
    """The JSON of a resource in XML, and line and column of each of its elements.

    An element that FHIR does not have keeps its name, so that it is told of like one in JSON.

    Raises:
        NotXml: it is no XML, has a document type, or is no FHIR resource.
    """
    root = _Reader(data).read()
    if root.namespace != _FHIR:
        raise NotXml(f"the root is not of the namespace {_FHIR}", root.line, root.column)
    places: dict[Way, tuple[int, int]] = {}
    return _Writer(data, definitions, places).resource(root, ()), places


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._open: list[_Tag] = []
        self._root: _Tag | None = None
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.CharacterDataHandler = self._text
        self._parser.buffer_text = True

    def read(self) -> _Tag:
        try:
            self._parser.Parse(self._data, True)  # noqa: FBT003 - expat names no arguments
        except expat.ExpatError as error:
            said = expat.errors.messages.get(error.code, "error")
            raise NotXml(f"not well-formed: {said}", error.lineno, error.offset + 1) from None
        except ValueError as error:
            if isinstance(error, NotXml):
                raise
            raise NotXml("not well-formed") from None
        if self._root is None:
            raise NotXml("there is no element")
        return self._root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        parser = self._parser
        if len(self._open) > _MAX_DEPTH:
            raise self._problem("nested too deeply")
        namespace, _, local = name.rpartition(" ")
        line, column = parser.CurrentLineNumber, parser.CurrentColumnNumber + 1
        tag = _Tag(namespace, local, attributes, line, column, parser.CurrentByteIndex)
        if self._open:
            if namespace != _FHIR and not self._in_narrative(local):
                raise self._problem(f"<{local[:60]}> is not of the namespace {_FHIR}")
            self._open[-1].children.append(tag)
        else:
            self._root = tag
        self._open.append(tag)

    def _end(self, _: str) -> None:
        tag = self._open.pop()
        at = self._parser.CurrentByteIndex
        if self._data[at : at + 2] == b"</":
            at = self._data.index(b">", at) + 1
        elif at == tag.start:  # an empty element, at whose end expat may stand at its beginning
            at = self._data.index(b"/>", at) + 2
        tag.end = at

    def _text(self, text: str) -> None:
        if not text.isspace() and not self._in_narrative():
            raise self._problem("a text stands where FHIR has only elements and attributes")

    def _in_narrative(self, opened: str = "") -> bool:
        """Whether this is part of a `div`, which is XHTML."""
        return opened == "div" or any(tag.name == "div" for tag in self._open)

    def _doctype(self, *_: Any) -> None:
        raise self._problem("a document type is not allowed")

    def _problem(self, text: str) -> NotXml:
        return NotXml(text, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1)


class _Writer:
    """Turns tags into JSON, and keeps where each stood."""

    def __init__(
        self, data: bytes, definitions: Definitions, places: dict[Way, tuple[int, int]]
    ) -> None:
        self._data = data
        self._definitions = definitions
        self._places = places

    def resource(self, tag: _Tag, way: Way) -> dict[str, Any]:
        type_ = self._definitions.resource(tag.name)
        self._places[way] = (tag.line, tag.column)
        return {"resourceType": tag.name, **self._parts(tag, type_, way)}

    def _parts(self, tag: _Tag, type_: Type | None, way: Way) -> dict[str, Any]:
        found: dict[str, Any] = {
            name: value for name, value in tag.attributes.items() if " " not in name
        }
        self._in_order(tag, type_)
        for child in tag.children:
            element = type_.elements.get(child.name) if type_ is not None else None
            here = (*way, child.name)
            if element is None or not element.many:
                # A second one of what stands once becomes a list, which is told of.
                if child.name in found or f"_{child.name}" in found:
                    self._again(found, child, element, here)
                    continue
                self._put(found, child, element, here)
            else:
                self._add(found, child, element, here)
        return found

    def _in_order(self, tag: _Tag, type_: Type | None) -> None:
        """In XML, unlike in JSON, the order of the elements is FHIR's.

        That of the datatypes and of the response is alike in all versions; which version another
        resource is of is not known here.
        """
        if type_ is None or (type_.resource and type_.name != RESPONSE):
            return
        order = {key: one.name for key, one in type_.elements.items()}
        ranks = {name: rank for rank, name in enumerate(dict.fromkeys(order.values()))}
        before, last = -1, ""
        for child in tag.children:
            rank = ranks.get(order.get(child.name, ""), before)
            if rank < before:
                text = f"<{child.name}> stands behind <{last}>; FHIR has it before"
                raise NotXml(text, child.line, child.column)
            before, last = rank, child.name

    def _put(self, found: dict[str, Any], tag: _Tag, element: Element | None, way: Way) -> None:
        value, beside = self._value(tag, element, way)
        if value is not None or beside is None:
            found[tag.name] = value
        if beside is not None:
            found[f"_{tag.name}"] = beside

    def _again(self, found: dict[str, Any], tag: _Tag, element: Element | None, way: Way) -> None:
        value, _ = self._value(tag, element, way)
        known = found.get(tag.name)
        found[tag.name] = [*(known if isinstance(known, list) else [known]), value]

    def _add(self, found: dict[str, Any], tag: _Tag, element: Element, way: Way) -> None:
        values = found.setdefault(tag.name, [])
        value, beside = self._value(tag, element, (*way, len(values)))
        values.append(value)
        key = f"_{tag.name}"
        if beside is not None or key in found:
            others = found.setdefault(key, [])
            others.extend([None] * (len(values) - 1 - len(others)))
            others.append(beside)

    def _value(self, tag: _Tag, element: Element | None, way: Way) -> tuple[Any, Any]:
        """The value of an element, and what stands beside it in JSON."""
        self._places[way] = (tag.line, tag.column)
        if element is not None and element.type == "xhtml":
            return self._data[tag.start : tag.end].decode(errors="replace"), None
        if element is not None and element.type == "Resource":
            inner = next(iter(tag.children), None)
            return ({} if inner is None else self.resource(inner, way)), None
        if element is not None and not element.primitive:
            type_ = self._definitions.type(element.type)
            return self._parts(tag, type_, way), None
        if element is None and tag.children:
            return self._parts(tag, None, way), None
        return self._primitive(tag, element, way)

    def _primitive(self, tag: _Tag, element: Element | None, way: Way) -> tuple[Any, Any]:
        attributes = dict(tag.attributes)
        text = attributes.pop("value", None)
        extension = self._definitions.type("Extension")
        inside = _Tag(tag.namespace, tag.name, attributes, tag.line, tag.column, 0)
        inside.children = tag.children
        # Beside a primitive stand an id and extensions, as in any extension.
        beside = self._parts(inside, extension, way) if attributes or tag.children else None
        value = None if text is None else _typed(text, element.type if element else "")
        return value, beside


def _typed(text: str, type_: str) -> Any:
    """The text of a primitive as JSON has it; what does not fit its type stays a text."""
    if type_ == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if type_ in _NUMBERS:
        return int(text) if _WHOLE.fullmatch(text) else text
    if type_ == "decimal":
        try:
            return Decimal(text) if _DECIMAL.fullmatch(text) else text
        except InvalidOperation:
            return text
    return text
