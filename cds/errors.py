"""Every error that someone outside can act on: one root, one class per reader.

An error says where it is, what is wrong, and what to do. None carries an answer value, a name or a
token.
"""

import errno
from typing import NamedTuple


def system_name(error: OSError) -> str:
    """The system's own short name for an error, such as ENOSPC."""
    return errno.errorcode.get(error.errno or 0, type(error).__name__)


class CdsError(Exception):
    """The root: fields first, text made of them."""

    def __init__(self, where: str, problem: str, hint: str = "") -> None:
        """Keep place, fault and advice apart, so that each reader can show them its own way."""
        super().__init__(where, problem, hint)
        self.where = where
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        """One line: where, what, what to do."""
        return f"{self.where}: {self.problem} {self.hint}".rstrip()


class Unreadable(CdsError):
    """Input that is not the strict JSON, or not the resource, that was asked for.

    `line` and `column` count from 1; None where the fault has no place in a text.
    """

    def __init__(
        self,
        where: str,
        problem: str,
        hint: str = "",
        *,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        """Add the place in the text."""
        super().__init__(where, problem, hint)
        self.line = line
        self.column = column

    def __str__(self) -> str:
        """Say it in one line, as a compiler does: `file:line:column: what. What to do.`."""
        place = self.where
        if self.line is not None:
            place += f":{self.line}:{self.column}"
        return f"{place}: {self.problem} {self.hint}".rstrip()


class ResponseError(CdsError):
    """A response that can be read but not assessed (another form, no subject, another patient)."""


class UsageError(CdsError):
    """A call whose words are off: an unknown site option, a scenario that does not exist."""


class StoreError(CdsError):
    """The decision log cannot be read or written.

    `kind`: the short name that a database or the system has for it (SQLITE_FULL, 57P01, EROFS),
    `late` where it did not answer in time, `moved` where its file is gone; empty where it has none.
    """

    def __init__(self, where: str, problem: str, hint: str = "", *, kind: str = "") -> None:
        """Add the kind."""
        super().__init__(where, problem, hint)
        self.kind = kind


class RequestError(CdsError):
    """A request to the service that is refused: `status` of HTTP, `code` the issue type."""

    def __init__(
        self, status: int, where: str, problem: str, hint: str = "", *, code: str = "invalid"
    ) -> None:
        """Add what HTTP and the OperationOutcome need."""
        super().__init__(where, problem, hint)
        self.status = status
        self.code = code


class Fault(NamedTuple):
    """One fault of a pack: where (`rules.toml: rule E3: when.any[1]`), what, and what to do."""

    where: str
    problem: str
    hint: str = ""

    def __str__(self) -> str:
        """One line for the author of the pack."""
        return f"{self.where}: {self.problem} {self.hint}".rstrip()


class ConfigError(UsageError):
    """Several faults of one configuration; its own fields are those of the first."""

    def __init__(self, faults: tuple[UsageError, ...]) -> None:
        """`faults`: at least one."""
        first = faults[0]
        super().__init__(first.where, first.problem, first.hint)
        self.faults = faults


class PackError(CdsError):
    """A knowledge pack with faults: all of them at once."""

    def __init__(self, pack: str, faults: tuple[Fault, ...]) -> None:
        """Name the pack and keep every fault."""
        count = f"{len(faults)} fault{'s' if len(faults) != 1 else ''}"
        super().__init__(pack, f"{count} found.", "Fix them and run `pack check` again.")
        self.faults = faults

    def __str__(self) -> str:
        """The count, then a line per fault."""
        lines = [f"{self.where}: {self.problem}", *(f"  {fault}" for fault in self.faults)]
        return "\n".join(lines)
