"""The lines of the spool: `2`, when it was written, and the entry, encrypted and so checked.

AES-256-GCM under the key of the spool: what was torn, rotten or changed does not open. Lines of
version 0.1.0, JSON in the clear, are read as well.
"""

import base64
import hashlib
import json
import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from cds.store import sealing
from cds.store.chain import canonical
from cds.store.locked import SpoolError, sync_folder
from cds.store.model import Decision, Feedback

_VERSION = b"2"
KEY_BYTES, CHECK_BYTES = 32, 8


def line_of_item(item: Decision | Feedback, key: bytes, now: float) -> bytes:
    """The item as a line; `now` in seconds since 1970."""
    when = str(int(now)).encode()
    sealed = sealing.seal(key, (canonical(_plain(item)).encode(),), when.decode())
    return b" ".join((_VERSION, when, base64.b64encode(sealed))) + b"\n"


def item_of_line(line: bytes, key: bytes) -> Decision | Feedback | None:
    """The item of a line; None when the line is not as it was written."""
    try:
        if line.startswith(b"{"):
            return _item(json.loads(line))
        version, when, sealed = line.split()
        if version != _VERSION:
            return None
        parts = sealing.unseal(key, base64.b64decode(sealed, validate=True), when.decode())
        return None if parts is None else _item(json.loads(parts[0]))
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def written_at(line: bytes) -> float | None:
    """When the line was written, in seconds since 1970; None when it does not say so."""
    parts = line.split(b" ", 2)
    return float(parts[1]) if parts[0] == _VERSION and parts[1:] and parts[1].isdigit() else None


def comment(key: bytes) -> bytes:
    """What stands before lines that were set aside: the key, in case they can be mended."""
    return b"# key " + base64.b64encode(key) + b"\n"


def key_in(path: Path) -> bytes:
    """The key of the spool; made where there is none, or where it is no longer whole.

    Raises:
        SpoolError: it can neither be read nor made.
    """
    try:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return _made(path)
        key, check = data[:KEY_BYTES], data[KEY_BYTES:]
        if len(key) == KEY_BYTES and check == _check(key):
            return key
        path.rename(path.with_name(path.name + ".damaged"))
        return _made(path)
    except OSError as error:
        raise SpoolError("spool", f"has no key ({error.strerror}).") from None


def erase_key(path: Path) -> None:
    """Overwrite the key and remove it: what it opened is gone wherever a copy of it lies."""
    try:
        with path.open("r+b") as file:
            file.write(bytes(KEY_BYTES + CHECK_BYTES))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise SpoolError("spool", f"cannot erase its key ({error.strerror}).") from None


def _made(path: Path) -> bytes:
    key = sealing.new_key()
    fresh = path.with_name(path.name + ".new")
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, key + _check(key))
        os.fsync(file)
    finally:
        os.close(file)
    fresh.rename(path)
    sync_folder(path.parent)
    return key


def _check(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:CHECK_BYTES]


def _plain(item: Decision | Feedback) -> dict[str, Any]:
    fields = asdict(item)
    fields["time"] = item.time.isoformat()
    for name, value in fields.items():
        if isinstance(value, bytes):
            fields[name] = base64.b64encode(value).decode()
    return {"kind": type(item).__name__, **fields}


def _item(fields: dict[str, Any]) -> Decision | Feedback:
    kind = fields.pop("kind")
    fields["time"] = datetime.fromisoformat(fields["time"])
    if kind == Feedback.__name__:
        fields["suggestions"] = tuple(fields["suggestions"])
        return Feedback(**fields)
    fields["rules"] = tuple(fields["rules"])
    fields["cards"] = {card: tuple(rules) for card, rules in fields["cards"].items()}
    for name in ("response", "document"):
        fields[name] = base64.b64decode(fields[name], validate=True)
    return Decision(**fields)
