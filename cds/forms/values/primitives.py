"""Whether a JSON value is what FHIR asks for a primitive datatype, by its own patterns."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from cds.forms.values import dates

Test = Callable[[object], bool]

_CODE = re.compile(r"[^\s]+(?:[ ][^\s]+)*\Z")
_SPACE = re.compile(r"\s")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")
# White space only between groups of four; what pads stands at the end.
_BASE64 = re.compile(r"\s*(?:[0-9A-Za-z+/]{4}\s*)*(?:[0-9A-Za-z+/]{2}(?:[0-9A-Za-z+/]|=)=\s*)?\Z")
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_OID = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+\Z")
_INTEGER64 = re.compile(r"(?:0|[-+]?[1-9][0-9]{0,18})\Z")
_INT_MAX = 2**31
_INT64_MAX = 2**63
MAX_STRING = 1_048_576


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -_INT_MAX <= value < _INT_MAX


def _is_unsigned(value: object) -> bool:
    return _is_integer(value) and isinstance(value, int) and value >= 0


def _is_positive(value: object) -> bool:
    return _is_integer(value) and isinstance(value, int) and value > 0


def _is_integer64(value: object) -> bool:
    """A string of digits: a JSON number loses them past 2 to the 53rd."""
    if not isinstance(value, str) or _INTEGER64.match(value) is None:
        return False
    return -_INT64_MAX <= int(value) < _INT64_MAX


def _is_decimal(value: object) -> bool:
    if isinstance(value, float):
        return value - value == 0
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, Decimal) and value.is_finite()
    )


def _is_string(value: object) -> bool:
    """Any text that is not empty: that it SHOULD hold more than blanks is a warning, elsewhere."""
    return isinstance(value, str) and 0 < len(value) <= MAX_STRING


def _is_markup(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_uri(value: object) -> bool:
    return isinstance(value, str) and bool(value) and _SPACE.search(value) is None


def _is_code(value: object) -> bool:
    return isinstance(value, str) and _CODE.match(value) is not None


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.match(value) is not None


def _is_base64(value: object) -> bool:
    return (
        isinstance(value, str)
        and not value.isspace()
        and _BASE64.match(value) is not None
        and value != ""
    )


def _is_uuid(value: object) -> bool:
    return isinstance(value, str) and _UUID.match(value) is not None


def _is_oid(value: object) -> bool:
    return isinstance(value, str) and _OID.match(value) is not None


def _is_date(value: object) -> bool:
    return dates.parse_date(value) is not None


def _is_date_time(value: object) -> bool:
    return dates.parse_date_time(value) is not None


def _is_instant(value: object) -> bool:
    return isinstance(value, str) and "T" in value and _is_date_time(value)


def _is_time(value: object) -> bool:
    return dates.parse_time(value) is not None


PRIMITIVES: Mapping[str, Test] = {
    "boolean": _is_boolean,
    "integer": _is_integer,
    "integer64": _is_integer64,
    "positiveInt": _is_positive,
    "unsignedInt": _is_unsigned,
    "decimal": _is_decimal,
    "string": _is_string,
    "markdown": _is_string,
    "xhtml": _is_markup,
    "uri": _is_uri,
    "url": _is_uri,
    "canonical": _is_uri,
    "oid": _is_oid,
    "uuid": _is_uuid,
    "code": _is_code,
    "id": _is_id,
    "base64Binary": _is_base64,
    "date": _is_date,
    "dateTime": _is_date_time,
    "instant": _is_instant,
    "time": _is_time,
}


def well_formed(kind: str, value: object) -> bool:
    """Whether a value can be read as this type; complex types only have to be objects here.

    >>> well_formed("date", "2024-02-30"), well_formed("integer", 3)
    (False, True)
    """
    known = PRIMITIVES.get(kind)
    return known(value) if known else isinstance(value, dict)
