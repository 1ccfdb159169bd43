import uuid
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.fhir.identifiers import fingerprint, namespace, one_name, uuid5
from cds.fhir.primitives import (
    legal_date_time,
    legal_id,
    legal_string,
    legal_uri,
    markdown,
    shorten,
    xml,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        (" padded\n", "padded"),
        ("bell\x07", "bell�"),
        ("\ud800", "�"),
        ("\u202eevil", "�evil"),
        ("Zoë ∆", "Zoë ∆"),
        ("", None),
        (" \t", None),
        (5, None),
        (None, None),
    ],
)
def test_a_string_is_what_fhir_allows(text: object, expected: str | None) -> None:
    assert legal_string(text) == expected


def test_a_string_of_a_million_letters_is_cut() -> None:
    found = legal_string("x" * 1_000_000)

    assert found is not None
    assert len(found) == 1_000
    assert found.endswith("…")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a1-B.c", True),
        ("x" * 64, True),
        ("x" * 65, False),
        ("", False),
        ("a_b", False),
        ("a b", False),
        ("é", False),
        ("١", False),
        (1, False),
    ],
)
def test_an_id_is_what_fhir_allows(value: object, expected: bool) -> None:
    assert legal_id(value) == (value if expected else None)


@pytest.mark.parametrize("value", ["a b:c", "relative", "", 5, "http://x\x00", None])
def test_what_is_no_absolute_uri_is_left_out(value: object) -> None:
    assert legal_uri(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "2026-13",
        "2026-02-30",
        "20261120",
        "2026-W47-5",
        "2026-11-20T24:00:00Z",
        "2026-11-20T10:00Z",
        "2026-11-20T10:00:60Z",
        "2026-11-20T10:00:00+15:00",
        "2026-11-20T10:00:00z",
        "0000",
        "２０２６",
        "2026-11-20T10:00:00Z\n",
        "",
        None,
        2026,
        ["2026"],
    ],
)
def test_what_is_no_moment_is_left_out(value: object) -> None:
    assert legal_date_time(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-20T10:00:00-00:00", "2026-11-20T10:00:00Z"),
        ("2026-11-20T10:00:00.5+14:00", "2026-11-20T10:00:00.5+14:00"),
        ("2024-02-29", "2024-02-29"),
        ("0001", "0001"),
    ],
)
def test_a_moment_keeps_its_spelling_but_for_the_zero_offset(value: str, expected: str) -> None:
    assert legal_date_time(value) == expected


@given(st.text())
def test_xhtml_shows_every_text_letter_by_letter(text: str) -> None:
    shown = "".join(ET.fromstring(f"<p>{xml(text)}</p>").itertext())  # noqa: S314 - our own text

    clean = legal_string("x" + text[:900] + "x")
    assert clean is not None
    assert len(shown) == len(text)
    if len(text) <= 900:
        assert shown.replace("\r", "\n") == clean[1:-1].replace("\r\n", "\n\n").replace("\r", "\n")


@given(st.text(alphabet="ab<>&\"'[](){}!#*_`~|\\:/.wh \n-+="))
def test_markdown_never_holds_markup(text: str) -> None:
    from markdown_it import MarkdownIt  # noqa: PLC0415 - a second reader, for this law only

    tokens = MarkdownIt("commonmark").enable("table").parse(markdown(text))

    kinds = {token.type for token in tokens}
    assert kinds <= {"paragraph_open", "inline", "paragraph_close"}
    inside = {child.type for token in tokens for child in token.children or ()}
    assert inside <= {"text", "text_special"}


def test_markdown_makes_no_link_of_an_address() -> None:
    assert markdown("see http://evil.example and www.evil.example") == (
        r"see http:\//evil.example and www\.evil.example"
    )


@given(st.text(), st.integers(min_value=0, max_value=40))
def test_what_is_shortened_is_never_longer(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= max(limit, 1)


@given(st.text())
def test_identifiers_are_those_of_the_standard_library(name: str) -> None:
    space = namespace("https://x.example/fhir")
    clean = name.encode("utf-8", "replace").decode()

    assert uuid5(space, clean) == str(uuid.uuid5(uuid.UUID(bytes=space), clean))


@given(st.lists(st.text()), st.lists(st.text()))
def test_two_lists_never_make_one_name(left: list[str], right: list[str]) -> None:
    if left != right and (left or [""]) != (right or [""]):
        assert one_name(left) != one_name(right)


def test_a_fingerprint_does_not_depend_on_the_order_of_keys() -> None:
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": "1"})
