"""One pass over an input finds what a reading of every line finds, wherever its pieces end."""

import io
from itertools import pairwise
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from cds.flows.bulk import survey as surveying
from cds.flows.bulk.survey import survey_lines

_LINES = st.sampled_from(
    [
        b"",
        b" \t",
        b"nonsense",
        b"\r",
        b'{"resourceType":"Patient","id":"a"}',
        b'{"resourceType":"Patient"}\r',
        b'{"resourceType":"PatientX"}',
        b'{"resourceType":"QuestionnaireResponse","item":[]}',
        b'  { "resourceType" : "Observation" }',
        b'{"id":"late","resourceType":"Condition"}',
        b'{"resourceType":"Patient","text":"' + b"x" * 90 + b'"}',
    ]
)


@given(
    lines=st.lists(_LINES, min_size=1, max_size=40),
    ended=st.booleans(),
    block=st.integers(1, 200),
    read=st.integers(1, 200),
    wanted=st.integers(1, 300),
)
def test_the_pieces_in_which_an_input_is_read_change_nothing(
    lines: list[bytes], ended: bool, block: int, read: int, wanted: int
) -> None:
    data = b"\n".join(lines) + (b"\n" if ended else b"")
    whole = io.BytesIO(data).readlines()

    with patch.multiple(surveying, _BLOCK=block, _READ=read, part_size=lambda _: wanted):
        found = survey_lines("in", 0, io.BytesIO(data), len(data))

    assert found.lines == len(whole)
    assert found.bytes == len(data)
    ends = [0, *(part.end for part in found.parts)]
    assert [part.start for part in found.parts] == ends[:-1]
    assert ends[-1] == len(data)
    for start, end in pairwise(ends):
        assert end > start
        assert end == len(data) or data[end - 1 : end] == b"\n"
    for part in found.parts:
        assert part.line == data.count(b"\n", 0, part.start) + 1


@given(lines=st.lists(_LINES, min_size=1, max_size=40), wanted=st.integers(1, 300))
def test_every_kind_of_resource_is_found(lines: list[bytes], wanted: int) -> None:
    data = b"\n".join(lines)
    with patch.object(surveying, "part_size", lambda _: wanted):
        found = survey_lines("in", 0, io.BytesIO(data), len(data))

    kinds = {surveying.line_type(line) for line in lines if line.strip()}
    assert set(found.kinds) == kinds
