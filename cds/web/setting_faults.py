"""All faults of a configuration at once: reading goes on after each, and the end tells them all."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from cds.errors import ConfigError, UsageError

_Given = ParamSpec("_Given")
T = TypeVar("T")


class SettingFaults:
    """The faults found so far."""

    def __init__(self) -> None:
        """Begin with none."""
        self._found: list[UsageError] = []

    def add(self, fault: UsageError) -> None:
        """Keep one fault, or each of several."""
        self._found.extend(fault.faults if isinstance(fault, ConfigError) else [fault])

    def kept(
        self, read: Callable[_Given, T], *given: _Given.args, **named: _Given.kwargs
    ) -> T | None:
        """What `read` gives for this; None, and its fault kept, where it raises one."""
        try:
            return read(*given, **named)
        except UsageError as error:
            self.add(error)
            return None

    def end(self) -> None:
        """Raise what was found: one as it is, several together; nothing where there is none."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            raise ConfigError(tuple(self._found))
