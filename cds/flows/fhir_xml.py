"""FHIR's XML read as the JSON that it stands for, with the place of each element."""

from collections.abc import Mapping
from typing import Any

from cds.errors import Unreadable

_Way = tuple[str | int, ...]
Places = Mapping[_Way, tuple[int, int]]
_NEEDED = "Give FHIR JSON, or FHIR XML of the namespace http://hl7.org/fhir."


def looks_like_xml(data: bytes) -> bool:
    """Whether this can only be XML: JSON begins otherwise."""
    return data[:200].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def read_xml(data: bytes, where: str) -> tuple[dict[str, Any], Places]:
    """The JSON of a resource in XML, and where each of its elements stands.

    Elements of R5 are known too: which of them a version has is told by its checks.

    Raises:
        Unreadable: it is no XML, has a document type, or is of another namespace.
    """
    # Loaded for the one who gives XML: the usual input is JSON.
    from cds.forms.elements.definitions import definitions  # noqa: PLC0415
    from cds.forms.elements.from_xml import NotXml, resource_of  # noqa: PLC0415

    version = "5.0" if b"answerConstraint" in data or b'<type value="coding"' in data else "4.0"
    try:
        return resource_of(data, definitions(version))
    except NotXml as error:
        text = f"is not FHIR XML: {error}."
        raise Unreadable(where, text, _NEEDED, line=error.line, column=error.column) from error


def nearest_place(places: Places, way: _Way) -> tuple[int, int]:
    """Where an element stands, or the nearest above it that stands somewhere."""
    while way and way not in places:
        way = way[:-1]
    return places.get(way, (1, 1))
