"""What every entry of a record is heard with: the rules, the moment, and where it is told."""

from datetime import datetime

from cds.record.findings import Findings
from cds.record.rules import RecordRules


class Hearing:
    """One reading of one record. A plain class, as its fields are asked for time and again."""

    def __init__(self, rules: RecordRules, now: datetime, out: Findings) -> None:
        """Nothing was heard yet."""
        self.rules = rules
        self.now = now
        self.out = out
