"""What holds for every issue of one rule."""

from typing import NamedTuple


class IssueRule(NamedTuple):
    """What holds for every issue of one rule, unless the check knows better."""

    severity: str
    code: str
    title: str
    help: str
