"""What holds for every issue of one rule."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for every issue of one rule, unless the check knows better."""

    severity: str
    code: str
    title: str
    help: str
