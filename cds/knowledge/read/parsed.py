"""TOML parsed once: its tables are kept beside it as JSON, where and when Python keeps byte code.

Parsing is more than half of reading a pack. What is kept is believed only under a seal: the hash of
the very text that is read, and of the JSON itself. In any doubt the text is parsed. Nothing is
judged here: every check of a pack is made on these tables, kept or not.

A seal shows damage, not malice. So it is done only for the packs that lie beside this program: who
may write there could change the program as well. A pack from elsewhere is parsed each time.
"""

import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from cds import wire
from cds.knowledge.read.own import OWN
from cds.wire import JsonObject


def tables_in(text: bytes, path: Path) -> JsonObject:
    """The tables of the TOML `text`, which stands in the file `path`.

    Raises:
        UnicodeDecodeError: it is not UTF-8.
        ValueError: it is not TOML.
    """
    place = path.parent / "__pycache__" / f"{path.name}.parsed"
    own = path.parent.parent in OWN
    if own:
        with suppress(OSError):
            seal, _, kept = place.read_bytes().partition(b"\n")
            if seal == _seal(text, kept):
                known: JsonObject = wire.parse_own(kept)
                return known
    import tomli  # noqa: PLC0415 - the patterns it compiles cost as much as reading what is kept

    tables = tomli.loads(text.decode("utf-8"))
    if own and not sys.dont_write_bytecode and sys.pycache_prefix is None:
        _keep(tables, text, place)
    return tables


def _seal(text: bytes, kept: bytes) -> bytes:
    return f"1 {sha256(text).hexdigest()} {sha256(kept).hexdigest()}".encode()


def _keep(tables: JsonObject, text: bytes, place: Path) -> None:
    """Write the tables if JSON gives them back as they are: it has no date and no infinity.

    A part of a file, whoever wrote it, has no seal. Nor is a link followed ("x").
    """
    with suppress(TypeError, OSError):
        kept = wire.write(tables)
        if repr(wire.parse_own(kept)) == repr(tables):
            place.parent.mkdir(exist_ok=True)
            place.unlink(missing_ok=True)
            with place.open("xb") as file:
                file.write(_seal(text, kept) + b"\n" + kept)
