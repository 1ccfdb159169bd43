"""Every rule that can be reported: its severity, its FHIR issue code, and what to do about it.

They are data: a row of `rules.json` each. `shared` are those whose ids are of the vocabulary of
issues of http://forms-lab.com, which other validators emit too.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from cds import wire


class IssueRule(NamedTuple):
    """What holds for every issue of one rule, unless the check knows better."""

    severity: str
    code: str
    title: str
    help: str
    shared: bool = False


_ROWS = wire.parse_own(Path(__file__).with_name("rules.json").read_bytes())
RULES: Mapping[str, IssueRule] = MappingProxyType(
    {name: IssueRule(**row) for name, row in _ROWS.items()}
)
SHARED = frozenset(name for name, rule in RULES.items() if rule.shared)
