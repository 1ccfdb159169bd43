"""Where results go: whole files, colour only where it is wanted, nothing that drives a terminal."""

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, ParamSpec, TextIO, TypeVar

import click

from cds.errors import CdsError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

P = ParamSpec("P")
R = TypeVar("R")

_STDIN = STDOUT = "-"
MAX_WIDTH = 100
COLOUR_CHOICES = ("auto", "always", "never")

# Control characters, and the marks that turn the direction of text, could forge a line of output.
_UNSAFE = (
    *range(0x20),
    *range(0x7F, 0xA0),
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
)
_VISIBLE = dict.fromkeys(_UNSAFE, "\N{REPLACEMENT CHARACTER}")


def visible(text: str) -> str:
    """Someone else's text on one line, as safe to print as our own."""
    return text.translate(_VISIBLE)


def colour_option(command: Callable[P, R]) -> Callable[P, R]:
    """Add `--color auto|always|never`; the command receives it as `color`."""
    return click.option(
        "--color",
        type=click.Choice(COLOUR_CHOICES),
        default="auto",
        show_default=True,
        help="Colour the text; it never carries a meaning alone.",
    )(command)


def wants_colour(
    choice: str = "auto",
    stream: TextIO | None = None,
    environment: Mapping[str, str] = os.environ,
) -> bool:
    """Whether to colour: the option decides, then NO_COLOR, FORCE_COLOR, TERM=dumb, a terminal."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    if environment.get("TERM") == "dumb":
        return False
    return (stream or sys.stdout).isatty()


def text_width(output: str = "-") -> int:
    """The width that text is wrapped to: that of a terminal, at most 100; in files always 100."""
    if output != STDOUT or not sys.stdout.isatty():
        return MAX_WIDTH
    return help_width() + 2


def help_width() -> int:
    """The width of a help text; click would load `shutil` with its archivers to find it out."""
    try:
        columns = int(os.environ.get("COLUMNS", "0"))
    except ValueError:
        columns = 0
    if columns <= 0:
        try:
            columns = os.get_terminal_size(sys.__stdout__.fileno()).columns  # type: ignore[union-attr]
        except (AttributeError, ValueError, OSError):
            columns = 80
    return max(min(columns, MAX_WIDTH) - 2, 50)


def keep_inputs(output: str, inputs: "Iterable[str | Path | None]") -> None:
    """Refuse to write over what is read, under whatever name; pipes and devices are no such thing.

    Raises:
        UsageError: the output is one of the inputs.
    """
    from pathlib import Path  # as below

    if output == STDOUT or not Path(output).is_file():
        return
    there = Path(output).stat()
    for one in inputs:
        try:
            read = os.fstat(sys.stdin.fileno()) if one == _STDIN else Path(one or "").stat()
        except (OSError, ValueError):  # it is not there, or has no file: its reader tells
            continue
        if os.path.samestat(read, there):
            problem = f"{output} is also an input and would be lost."
            raise UsageError("--output", problem, "Name another file.")


def write_result(path: str, data: bytes) -> None:
    """Write a whole result to a file, or to standard output for `-`."""
    with whole_file(path) as out:
        out.write(data)


@contextmanager
def whole_file(path: str) -> Iterator[BinaryIO]:
    """Open a file that appears whole or not at all; `-` is standard output.

    What was there stays until the new one is complete. A symbolic link is replaced, not followed.

    Raises:
        CdsError: it cannot be written there.
    """
    if path == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    from pathlib import Path  # a twelfth of the time of `--help`, which writes no file

    place = Path(path)
    with place.open("wb") if _is_device(place) else _renamed_when_whole(place) as file:
        yield file


def _is_device(path: "Path") -> bool:
    """Whether something stands there that no file may replace: a pipe, /dev/null, a terminal."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


@contextmanager
def _renamed_when_whole(path: "Path") -> Iterator[BinaryIO]:
    import tempfile  # as much again
    from pathlib import Path

    try:
        if path.is_dir():
            raise IsADirectoryError(21, "Is a directory")
        # Readable by its owner alone until it is whole, as mkstemp makes it.
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.chmod(_mode(path))
        part.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        part.unlink(missing_ok=True)


def _mode(path: "Path") -> int:
    """The mode of what stands there; of a new file, what the caller's umask leaves of rw-rw-rw-."""
    try:
        there = path.lstat().st_mode
    except OSError:
        there = 0
    if stat.S_ISREG(there):
        return stat.S_IMODE(there)
    umask = os.umask(0)  # there is no way to ask without setting it
    os.umask(umask)
    return 0o666 & ~umask


def _unwritable(path: "Path", error: OSError) -> CdsError:
    return CdsError(
        str(path),
        f"cannot be written: {error.strerror}.",
        "Nothing was left there. Choose a folder that exists and that you may write to.",
    )
