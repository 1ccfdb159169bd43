"""What to do about a value that is not as FHIR has it, by its type or the invariant it breaks."""

from collections.abc import Mapping

MISSING_ADVICE = "Give it: FHIR requires it here."
UNKNOWN_ADVICE = "Remove it, or correct its name."
ONE = "Keep one of them."
ARRAY = "Write it in square brackets, also where there is only one."
OBJECT = "Write it in curly braces, with its elements inside."

# How a value of each type is written in JSON.
WRITTEN: Mapping[str, str] = {
    "boolean": "Write true or false, without quotes.",
    "integer": "Write a whole number without quotes, from -2147483648 to 2147483647.",
    "integer64": "Write a whole number in quotes.",
    "positiveInt": "Write a whole number from 1 on, without quotes.",
    "unsignedInt": "Write a whole number from 0 on, without quotes.",
    "decimal": "Write a number without quotes.",
    "string": "Write a text that is not empty, in quotes.",
    "markdown": "Write a text that is not empty, in quotes.",
    "uri": "Write an address without blanks, such as http://example.org/x or urn:oid:1.2.3.",
    "url": "Write an address without blanks, such as http://example.org/x.",
    "canonical": "Write an address without blanks, such as http://example.org/x|1.0.",
    "oid": "Write it as urn:oid:1.2.3.",
    "uuid": "Write it as urn:uuid: and a UUID in lower case.",
    "code": "Write a code without blanks at its ends, and with single ones inside.",
    "id": "Write 1 to 64 letters, digits, '-' and '.'.",
    "base64Binary": "Write Base64, in groups of four characters.",
    "date": "Write a day, month or year that exists: 2026-01-31, 2026-01 or 2026.",
    "dateTime": "Write 2026-01-31T10:30:00+01:00, or only a date; a time needs seconds and a zone.",
    "instant": "Write 2026-01-31T10:30:00+01:00, with seconds and a zone.",
    "time": "Write 10:30:00, with seconds and without a zone.",
}

# The way out of a broken invariant.
_WAYS_OUT: Mapping[str, str] = {
    "dom-2": "Put it among the contained resources of the response itself.",
    "dom-3": "Refer to it as #id, or leave it out.",
    "dom-4": "Leave versionId and lastUpdated out of its meta.",
    "dom-5": "Leave security out of its meta.",
    "ext-1": "Give it either one value[x] or extensions inside.",
    "qty-3": "Give its system; of UCUM units that is http://unitsofmeasure.org.",
    "att-1": "Say in contentType what the data is, such as image/png.",
    "per-1": "Exchange start and end, or correct one of them.",
    "rng-2": "Exchange low and high, or correct one of them.",
    "rat-1": "Give both, or neither and an extension.",
    "ref-1": "Contain that resource, or correct what stands behind the #.",
    "ref-2": "Give one of the three.",
    "cpt-2": "Give its system.",
}


def way_out(problem: str) -> str | None:
    """What to do about an invariant, which the words name at their end: `… (ref-1)`.

    >>> way_out("a unit code needs the system that it is of (qty-3)")
    'Give its system; of UCUM units that is http://unitsofmeasure.org.'
    """
    return _WAYS_OUT.get(problem.rpartition("(")[2].rstrip(")"))
