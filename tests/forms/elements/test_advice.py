"""What an issue about FHIR's own rules tells its reader to do: never only to look it up."""

from typing import Any

import pytest

from cds.forms.elements import advice
from cds.forms.elements.definitions import definitions
from cds.forms.values.primitives import PRIMITIVES
from tests.forms.rule_kit import a, form, found, q, response

GENERAL = {"See the FHIR datatype.", "See the definition of the resource."}


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ({"status": "done"}, "in-progress, completed"),
        ({"status": None}, "Give it"),
        ({"authored": "yesterday"}, "2026-01-31T10:30:00+01:00"),
        ({"language": ""}, "a code without blanks"),
        ({"nonsense": 1}, "correct its name"),
        ({"basedOn": {"reference": "ServiceRequest/1"}}, "square brackets"),
        ({"subject": "Patient/1"}, "curly braces"),
        ({"subject": {"reference": "#x"}}, "behind the #"),
        ({"extension": [{"url": "http://example.org/e"}]}, "value[x]"),
        ({"extension": [{"url": "http://example.org/e", "valueCode": " "}]}, "a code without"),
        ({"identifier": {"use": "x"}}, "usual, official"),
    ],
)
def test_it_says_what_to_do(head: dict[str, Any], words: str) -> None:
    (issue,) = [one for one in found(form(q()), response(a("x"), **head)) if one.rule != "blank"]

    assert issue.severity == "error"
    assert words in str(issue.help)
    assert issue.help not in GENERAL


def test_every_primitive_type_has_its_way_to_be_written() -> None:
    assert advice.WRITTEN.keys() >= PRIMITIVES.keys() - {"xhtml"}


def test_a_long_value_set_is_not_read_out() -> None:
    assert definitions("4.0").offered("no-such-set") is None
    for version in ("4.0", "4.3", "5.0"):
        table = definitions(version)
        offers = {one: table.offered(one) for one in table._codes}
        assert any(offers.values()), version
        assert all(said is None or said.count(",") < 12 for said in offers.values())
