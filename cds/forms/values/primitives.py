"""Whether a JSON value is what FHIR asks for a datatype.

Primitives by format, complex ones by their parts.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from cds.forms.values import dates

_CODE = re.compile(r"[^\s]+(?:[ ][^\s]+)*\Z")
_SPACE = re.compile(r"\s")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")
_BASE64 = re.compile(r"[0-9A-Za-z+/=\s]*\Z")
_INT_MAX = 2**31
MAX_SIZE_DIGITS = 20
MAX_STRING = 1_048_576


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -_INT_MAX <= value < _INT_MAX


def _is_positive(value: object) -> bool:
    return _is_integer(value) and isinstance(value, int) and value >= 0


def _is_decimal(value: object) -> bool:
    if isinstance(value, float):
        return value - value == 0
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, Decimal) and value.is_finite()
    )


def _is_string(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_STRING and not value.isspace()


def _is_markup(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_uri(value: object) -> bool:
    return isinstance(value, str) and bool(value) and _SPACE.search(value) is None


def _is_code(value: object) -> bool:
    return isinstance(value, str) and _CODE.match(value) is not None


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.match(value) is not None


def _is_base64(value: object) -> bool:
    return isinstance(value, str) and _BASE64.match(value) is not None


def _is_size(value: object) -> bool:
    """Attachment.size: a number in R4, in R5 (integer64) a string of digits."""
    return _is_positive(value) or (
        isinstance(value, str)
        and value.isdigit()
        and value.isascii()
        and len(value) < MAX_SIZE_DIGITS
    )


def _is_date(value: object) -> bool:
    return dates.parse_date(value) is not None


def _is_date_time(value: object) -> bool:
    return dates.parse_date_time(value) is not None


def _is_instant(value: object) -> bool:
    return isinstance(value, str) and "T" in value and _is_date_time(value)


def _is_time(value: object) -> bool:
    return dates.parse_time(value) is not None


PRIMITIVES: Mapping[str, Callable[[object], bool]] = {
    "boolean": _is_boolean,
    "integer": _is_integer,
    "positive": _is_positive,
    "decimal": _is_decimal,
    "string": _is_string,
    "markup": _is_markup,
    "uri": _is_uri,
    "code": _is_code,
    "id": _is_id,
    "base64": _is_base64,
    "size": _is_size,
    "date": _is_date,
    "dateTime": _is_date_time,
    "instant": _is_instant,
    "time": _is_time,
}

# element: (type, repeats). `any` is not looked into.
Elements = Mapping[str, tuple[str, bool]]
COMPLEX: Mapping[str, Elements] = {
    "Coding": {
        "system": ("uri", False),
        "version": ("string", False),
        "code": ("code", False),
        "display": ("string", False),
        "userSelected": ("boolean", False),
    },
    "Quantity": {
        "value": ("decimal", False),
        "comparator": ("code", False),
        "unit": ("string", False),
        "system": ("uri", False),
        "code": ("code", False),
    },
    "Reference": {
        "reference": ("string", False),
        "type": ("uri", False),
        "identifier": ("Identifier", False),
        "display": ("string", False),
    },
    "Attachment": {
        "contentType": ("code", False),
        "language": ("code", False),
        "data": ("base64", False),
        "url": ("uri", False),
        "size": ("size", False),
        "hash": ("base64", False),
        "title": ("string", False),
        "creation": ("dateTime", False),
        # Only of R5; `attachments` tells them of an R4 response.
        "height": ("positive", False),
        "width": ("positive", False),
        "frames": ("positive", False),
        "duration": ("decimal", False),
        "pages": ("positive", False),
    },
    "Identifier": {
        "use": ("code", False),
        "type": ("CodeableConcept", False),
        "system": ("uri", False),
        "value": ("string", False),
        "period": ("Period", False),
        "assigner": ("Reference", False),
    },
    "CodeableConcept": {"coding": ("Coding", True), "text": ("string", False)},
    "Period": {"start": ("dateTime", False), "end": ("dateTime", False)},
    "Meta": {
        "versionId": ("id", False),
        "lastUpdated": ("instant", False),
        "source": ("uri", False),
        "profile": ("uri", True),
        "security": ("Coding", True),
        "tag": ("Coding", True),
    },
    "Narrative": {"status": ("code", False), "div": ("markup", False)},
}


def well_formed(kind: str, value: object) -> bool:
    """Whether a value can be read as this type; complex types only have to be objects here.

    >>> well_formed("date", "2024-02-30"), well_formed("integer", 3)
    (False, True)
    """
    known = PRIMITIVES.get(kind)
    return known(value) if known else isinstance(value, dict)
