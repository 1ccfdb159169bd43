"""The usual response, read much faster than the strict way, and just as strictly.

The fastest parser keeps the last of two equal keys in silence. But a response that the quick
readings accept holds texts and nothing else, so its canonical JSON is as long as the bytes it came
from only if nothing was lost: no key, no space, no escape. A shorter one is read the strict way.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from cds import wire
from cds.flows.deciding.engine import Engine
from cds.flows.deciding.incoming import Read
from cds.forms.quick.pieces import cut
from cds.forms.quick.read import read_quickly

Engines = Mapping[str, tuple[Engine, ...]]


def read_usual(data: bytes, engines: Engines) -> Read | None:
    """The response in `data` if it is a usual one in compact JSON; None in any doubt."""
    if len(data) > wire.MAX_BYTES:
        return None
    text = data.rstrip(b"\n")
    return _in_pieces(text, engines) or _as_a_whole(text, engines)


def _in_pieces(data: bytes, engines: Engines) -> Read | None:
    """Read by the text of its items, where a filler writes them in the usual order of keys."""
    found = cut(data)
    engine = None if found is None else _engine_of(found.head, engines)
    if found is None or engine is None or engine.pieces is None:
        return None
    read = engine.pieces.read(found)
    if read is None or len(read.canonical) != len(data):
        return None
    return Read(found.head, engine, read.answers, _digest(read.canonical), text=data)


def _as_a_whole(data: bytes, engines: Engines) -> Read | None:
    """Read as parsed JSON, whatever the order of its keys."""
    response = wire.parse_loosely(data)
    if type(response) is not dict:
        return None
    engine = _engine_of(response, engines)
    if engine is None or engine.plan is None:
        return None
    answers = read_quickly(response, engine.reading, engine.plan)
    if answers is None:
        return None
    canonical = wire.write(response, sort_keys=True)
    if len(canonical) != len(data):
        return None
    return Read(response, engine, answers, _digest(canonical))


def _engine_of(response: Mapping[str, Any], engines: Engines) -> Engine | None:
    canonical = response.get("questionnaire")
    found = engines.get(canonical.partition("|")[0]) if type(canonical) is str else None
    return found[0] if found else None


def _digest(canonical: bytes) -> str:
    return hashlib.sha256(canonical).hexdigest()
