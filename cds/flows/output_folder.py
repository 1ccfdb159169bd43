"""The folder that a command writes into: told before any work, if there can be none."""

from pathlib import Path

from cds.errors import CdsError, UsageError


def can_be_folder(path: Path, where: str = "--output") -> None:
    """Refuse a name that stands for a file, or that lies below one.

    Raises:
        UsageError: which part of the name is no folder.
    """
    for one in (path, *path.parents):
        if one.is_dir():
            return
        if one.exists():
            raise UsageError(where, f"{one} is a file.", "Give a folder: a new one is made.")


def made(path: Path, where: str = "--output") -> None:
    """Make the folder and those above it.

    Raises:
        UsageError: a file stands there.
        CdsError: it cannot be made.
    """
    can_be_folder(path, where)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        hint = "Choose a place that exists and that you may write to."
        raise CdsError(str(path), f"cannot be made: {error.strerror}.", hint) from error
