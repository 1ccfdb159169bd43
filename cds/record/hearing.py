"""What every entry of a record is heard with: the rules, the moment, and where it is told."""

from datetime import datetime
from typing import NamedTuple

from cds.record.findings import Findings
from cds.record.rules import RecordRules


class Hearing(NamedTuple):
    """One reading of one record."""

    rules: RecordRules
    now: datetime
    out: Findings
