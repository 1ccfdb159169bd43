"""Conditions compare by what they say: the same parts joined otherwise are another condition."""

from cds.core.conditions import AllOf, AnyOf, Condition, HasFact, NoneOf

ONE, OTHER = HasFact(("one",)), HasFact(("other",))


def test_joins_are_equal_exactly_when_they_say_the_same() -> None:
    joins: list[Condition] = [AnyOf((ONE,)), AllOf((ONE,)), NoneOf((ONE,)), AnyOf((OTHER,))]
    again: list[Condition] = [AnyOf((ONE,)), AllOf((ONE,)), NoneOf((ONE,)), AnyOf((OTHER,))]

    for place, left in enumerate(joins):
        for number, right in enumerate(again):
            assert (left == right) is (place == number)
            assert (left != right) is (place != number)
