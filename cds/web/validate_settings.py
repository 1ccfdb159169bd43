"""The table [validate] of the configuration, by itself: `validate` needs no other."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ValidateSettings:
    """What `validate --config` takes where the command line says nothing; see `validate --help`."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    min_severity: str = "information"
    fail_on: str = "error"
    require_form: bool = False
