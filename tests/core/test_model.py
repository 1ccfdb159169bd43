"""What a value is where nobody says otherwise."""

from cds.core.conditions import Equals
from cds.core.model import Rule


def test_a_rule_is_not_derived_unless_it_says_so() -> None:
    rule = Rule("A1", "finding", "Title", "level", "seed", (), Equals("question", ("code",)))

    assert rule.derived is False
