"""TOML that was parsed once: what is kept is what is said, or it is not believed."""

import sys
from hashlib import sha256
from pathlib import Path

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from cds.knowledge.read.pack import load_pack, pack_folders
from cds.knowledge.read.parsed import tables_in
from cds.knowledge.read.signed import DECIDING

TEXT = b'name = "a"\n[[rule]]\nid = "E1"\nwhen = { any = [1, 1.0, true, "\xc3\xa9"] }\n'
WEIGHT = b"weight = 70\n"


@pytest.fixture(autouse=True)
def _byte_code_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Python keeps byte code, and the packs of this program lie among the temporary folders."""
    monkeypatch.setattr("cds.knowledge.read.parsed.OWN", (tmp_path_factory.getbasetemp(),))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)


def kept_of(path: Path) -> Path:
    return path.parent / "__pycache__" / f"{path.name}.parsed"


def sealed(text: bytes, kept: bytes) -> bytes:
    return f"1 {sha256(text).hexdigest()} {sha256(kept).hexdigest()}\n".encode() + kept


@pytest.mark.parametrize("name", [name for name in DECIDING if name.endswith(".toml")])
def test_what_is_kept_of_a_pack_says_what_its_text_says(name: str, tmp_path: Path) -> None:
    text = (pack_folders()["cramps"] / name).read_bytes()

    tables_in(text, tmp_path / name)

    assert kept_of(tmp_path / name).is_file()
    assert repr(tables_in(text, tmp_path / name)) == repr(tomli.loads(text.decode()))


def test_what_is_kept_is_read_in_the_place_of_the_text(tmp_path: Path) -> None:
    place = kept_of(tmp_path / "rules.toml")
    place.parent.mkdir()
    place.write_bytes(sealed(TEXT, b'{"kept":true}'))

    assert tables_in(TEXT, tmp_path / "rules.toml") == {"kept": True}


def test_a_pack_from_elsewhere_is_parsed_each_time(tmp_path: Path) -> None:
    path = tmp_path / "elsewhere" / "rules.toml"
    kept_of(path).parent.mkdir(parents=True)
    kept_of(path).write_bytes(sealed(WEIGHT, b'{"weight":0}'))

    assert tables_in(WEIGHT, path) == {"weight": 70}
    kept_of(path).unlink()
    assert tables_in(WEIGHT, path) == {"weight": 70}
    assert not kept_of(path).exists()


def test_another_text_is_never_answered_with_what_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    tables_in(WEIGHT, path)

    assert tables_in(WEIGHT.replace(b"70", b"71"), path) == {"weight": 71}
    assert tables_in(WEIGHT, path) == {"weight": 70}


def test_a_pack_that_was_edited_decides_as_it_now_reads(tmp_path: Path) -> None:
    for name in DECIDING:
        (tmp_path / name).write_bytes((pack_folders()["cramps"] / name).read_bytes())
    before = load_pack(tmp_path)
    rules = tmp_path / "rules.toml"
    rules.write_text(rules.read_text("utf-8").replace(before.rules.rules[0].title, "Edited"))

    assert load_pack(tmp_path).rules.rules[0].title == "Edited"


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7), cut=st.booleans())
def test_damage_to_what_was_kept_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, place: int, bit: int, *, cut: bool
) -> None:
    path = tmp_path_factory.mktemp("pack") / "rules.toml"
    expected = tables_in(TEXT, path)
    whole = bytearray(kept_of(path).read_bytes())
    at = place % len(whole)
    whole[at] ^= 1 << bit
    kept_of(path).write_bytes(whole[:at] if cut else whole)

    assert repr(tables_in(TEXT, path)) == repr(expected)
    assert repr(tables_in(TEXT, path)) == repr(expected)


@pytest.mark.parametrize("value", ["1979-05-27", "inf", "nan", "36893488147419103232"])
def test_what_json_would_change_is_not_kept(value: str, tmp_path: Path) -> None:
    path, text = tmp_path / "rules.toml", f"value = {value}".encode()

    for _ in range(2):
        assert repr(tables_in(text, path)) == repr(tomli.loads(text.decode()))
    assert not kept_of(path).exists()


def test_a_text_with_a_fault_is_not_kept(tmp_path: Path) -> None:
    for text in (b"a = 1\na = 2\n", b"\xff"):
        with pytest.raises(ValueError, match=r"line 2, column|end of document|invalid start byte"):
            tables_in(text, tmp_path / "rules.toml")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "value"), [("dont_write_bytecode", True), ("pycache_prefix", "")])
def test_nothing_is_kept_where_python_keeps_no_byte_code(
    name: str, value: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, name, value)

    tables_in(TEXT, tmp_path / "rules.toml")

    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").write_text("no folder")

    assert tables_in(WEIGHT, tmp_path / "rules.toml") == {"weight": 70}


def test_a_link_in_the_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    path, other = tmp_path / "rules.toml", tmp_path / "other"
    other.write_text("another's")
    kept_of(path).parent.mkdir()
    kept_of(path).symlink_to(other)

    tables_in(TEXT, path)

    assert other.read_text() == "another's"
    assert not kept_of(path).is_symlink()
