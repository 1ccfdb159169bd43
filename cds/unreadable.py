"""Why a text is not the JSON that `wire` reads, in words that its sender can act on.

Each names the place and what to do there; none quotes the text.
"""

import re

from cds.errors import Unreadable

MAX_NESTING = 64
MAX_DIGITS = 40
MAX_EXPONENT = 99

TOO_DEEP = (
    f"is nested more than {MAX_NESTING} deep.",
    "No FHIR response needs this; look for a loop.",
)
TOO_LONG = (
    f"has a number of more than {MAX_DIGITS} digits, or with an exponent beyond ±{MAX_EXPONENT}.",
    "Send the measured value as it was measured.",
)
_SURROGATE = ("has half of a surrogate pair.", "Write the character itself, in UTF-8.")
_UNFINISHED = ("ends before its JSON does.", "It may have been cut off; send the whole of it.")
_NUMBER = (
    "has a number that is not JSON.",
    "Write it as 0.5, 12 or 1e3: no plus, no leading zero.",
)
_TRAILING = ("goes on after its JSON value.", "Send one value, or NDJSON (one value a line).")
_CONTROL = ("has a control character in a string.", r"Write it as an escape, such as \n.")

# What jiter says → what the sender can do. Its own words are not shown: some quote the text.
_WORDS: tuple[tuple[str, tuple[str, str]], ...] = (
    ("EOF while", _UNFINISHED),
    ("trailing characters", _TRAILING),
    ("trailing comma", ("has a comma with nothing after it.", "Remove the comma.")),
    ("recursion limit", TOO_DEEP),
    ("number out of range", TOO_LONG),
    ("Internal error", TOO_LONG),  # an exponent that Decimal cannot hold
    ("invalid number", _NUMBER),
    ("invalid unicode", ("is not UTF-8.", "Save it as UTF-8 and send it again.")),
    ("unexpected end of hex", _SURROGATE),
    ("lone leading surrogate", _SURROGATE),
    ("invalid escape", ("has an escape that JSON does not know.", r"Write a backslash as \\.")),
    ("control character", _CONTROL),
    ("key must be a string", ("has a key without double quotes.", 'Write keys as "key".')),
)
_UTF16 = ("is not UTF-8.", "It looks like UTF-16; save it as UTF-8.")
_MARKS = (
    (b"\xef\xbb\xbf", ("begins with a byte order mark.", "Save it as UTF-8 without BOM.")),
    (b"\xff\xfe", _UTF16),
    (b"\xfe\xff", _UTF16),
)
_PLACE = r" at line (\d+) column (\d+)$"
_DUPLICATE = r'Detected duplicate key "([A-Za-z][A-Za-z0-9_.-]{0,63})"'


def as_unreadable(data: bytes, message: str, where: str) -> Unreadable:
    """Say what jiter refused in words that the sender can act on."""
    if not data.strip(b" \t\r\n"):
        return Unreadable(where, "is empty.", "Give a JSON document.")
    for mark, words in _MARKS:
        if data.startswith(mark):
            return unreadable_at(data, 0, where, *words)
    place = re.search(_PLACE, message)
    if place is None:
        return Unreadable(where, *_in_words(message, b""))
    offset = max(_start_of_line(data, int(place[1])) + int(place[2]) - 1, 0)
    return unreadable_at(data, offset, where, *_in_words(message, data[offset : offset + 8]))


def _in_words(message: str, found: bytes) -> tuple[str, str]:
    """Give problem and hint for one message of jiter about the text that begins with `found`."""
    if message.startswith("Detected duplicate key"):
        key = re.match(_DUPLICATE, message)
        name = f'the key "{key[1]}"' if key else "a key"
        return f"has {name} twice in one object.", "Keep one: readers differ in which they believe."
    if found.startswith((b"NaN", b"Infinity")):
        return "has a NaN or an Infinity.", "JSON has no such number; leave the element out."
    for prefix, words in _WORDS:
        if message.startswith(prefix):
            return words
    return "is not JSON.", "There is something other than a JSON value here."


def _start_of_line(data: bytes, line: int) -> int:
    """Find where a line begins; lines count from 1."""
    start = 0
    for _ in range(line - 1):
        start = data.index(b"\n", start) + 1
    return start


def unreadable_at(data: bytes, offset: int, where: str, problem: str, hint: str) -> Unreadable:
    """Build the error at a byte; the column counts characters, as an editor does."""
    start = data.rfind(b"\n", 0, offset) + 1
    line = data.count(b"\n", 0, offset) + 1
    column = len(data[start:offset].decode("utf-8", "replace")) + 1
    return Unreadable(where, problem, hint, line=line, column=column)
