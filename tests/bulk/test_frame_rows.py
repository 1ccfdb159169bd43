"""What a frame says of a decision, without a Spark to hold it."""

import pytest

from cds.bulk.spark import _NAMES, _rows
from cds.flows.bulk.files import DECISIONS, FAULTS, ROWS

PLACE = {"input": "frame", "line": 3}


@pytest.mark.parametrize("as_text", [False, True])
def test_a_decision_in_a_frame_keeps_every_digit_and_only_loses_its_place(as_text: bool) -> None:
    known = {**PLACE, **dict.fromkeys(_NAMES, "x")}
    text = (
        b'{"input":"frame","line":3,' + b",".join(b'"%s":"x"' % n.encode() for n in _NAMES) + b"}"
    )
    decision = b'{"input":"frame","line":3,"value":1.10,"unit":"mmol/L"}'

    made = list(_rows({DECISIONS: [decision], ROWS: [text if as_text else known]}))

    assert [one["decision"] for one in made] == [b'{"value":1.10,"unit":"mmol/L"}']
    assert {one[name] for one in made for name in _NAMES} == {"x"}


def test_a_fault_is_a_row_of_its_own() -> None:
    assert list(_rows({FAULTS: [b"{}"]})) == [{"fault": b"{}"}]
