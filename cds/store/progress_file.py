"""How far `log verify` has come, in a file: the next run goes on from there."""

import json
import os
from pathlib import Path

from cds.errors import StoreError
from cds.store.chain import canonical
from cds.store.model import Head
from cds.store.verify import Reached

_SCHEMA = "cramp-cds/log-verified/1"


def reached_in(file: Path) -> Reached:
    """What an earlier run has found whole; a file that is not there is the beginning.

    Raises:
        StoreError: it is no such file.
    """
    try:
        said = json.loads(file.read_bytes())
        known = said["schema"] == _SCHEMA
        reached = Reached(Head(int(said["sequence"]), str(said["hash"])), int(said["erased"]))
    except FileNotFoundError:
        return Reached()
    except (OSError, ValueError, KeyError, TypeError):
        known = False
    if not known:
        hint = "Give a file that --resume wrote, or one that is not there."
        raise StoreError(str(file), "does not say how far a log was verified.", hint)
    return reached


def keep(file: Path, reached: Reached) -> None:
    """Write it, whole or not at all.

    Raises:
        StoreError: it cannot be written.
    """
    said = {
        "schema": _SCHEMA,
        "sequence": reached.head.sequence,
        "hash": reached.head.hash,
        "erased": reached.erased,
    }
    fresh = file.with_name(file.name + ".new")
    try:
        fresh.write_text(canonical(said) + "\n")
        os.replace(fresh, file)  # noqa: PTH105 - the same, and says that it replaces
    except OSError as error:
        raise StoreError(str(file), f"cannot be written ({error.strerror}).") from None
