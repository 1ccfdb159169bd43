"""Results: whole or not at all, coloured only where wanted, and nothing that drives a terminal."""

import io
import os
import stat
import sys
from pathlib import Path

import pytest
from click import HelpFormatter

from cds.commands.output import help_width, visible, wants_colour, whole_file, write_result
from cds.errors import CdsError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "stream", "environment", "wanted"),
    [
        ("auto", Terminal(), {}, True),
        ("auto", io.StringIO(), {}, False),
        ("auto", Terminal(), {"NO_COLOR": "1"}, False),
        ("auto", Terminal(), {"NO_COLOR": ""}, True),
        ("auto", io.StringIO(), {"FORCE_COLOR": "1"}, True),
        ("auto", Terminal(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("auto", Terminal(), {"TERM": "dumb"}, False),
        ("auto", io.StringIO(), {"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ("always", io.StringIO(), {"NO_COLOR": "1", "TERM": "dumb"}, True),
        ("never", Terminal(), {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour_follows_the_option_then_the_environment_then_the_terminal(
    choice: str, stream: io.StringIO, environment: dict[str, str], wanted: bool
) -> None:
    assert wants_colour(choice, stream, environment) is wanted


@pytest.mark.parametrize("columns", ["", "0", "-3", "x", "20", "72", "100", "101", "4000"])
@pytest.mark.parametrize("stream", ["none", "closed", "file", "terminal"])
def test_help_is_as_wide_as_click_would_make_it(
    columns: str, stream: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    with (tmp_path / "out").open("w") as file:
        if stream == "terminal":
            size = os.terminal_size((66, 20))
            monkeypatch.setattr(os, "get_terminal_size", lambda _: size)
        if stream == "closed":
            file.close()
        monkeypatch.setattr(sys, "__stdout__", None if stream == "none" else file)

        assert help_width() == HelpFormatter(max_width=100).width


def interrupted(target: Path) -> None:
    with whole_file(str(target)) as out:
        out.write(b"half of the ne")
        raise ZeroDivisionError


def test_a_result_replaces_what_was_there_only_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    target.write_text("old")

    with pytest.raises(ZeroDivisionError):
        interrupted(target)

    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_result_has_the_mode_that_the_umask_leaves(
    tmp_path: Path, umask: int, mode: int
) -> None:
    before = os.umask(umask)
    try:
        write_result(str(tmp_path / "out.json"), b"{}")
    finally:
        os.umask(before)

    assert (tmp_path / "out.json").read_bytes() == b"{}"
    assert stat.S_IMODE((tmp_path / "out.json").stat().st_mode) == mode


def test_a_result_that_is_written_anew_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "out.json").touch(0o640)

    write_result(str(tmp_path / "out.json"), b"{}")

    assert stat.S_IMODE((tmp_path / "out.json").stat().st_mode) == 0o640


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("kept")
    (tmp_path / "out").symlink_to(tmp_path / "elsewhere")

    write_result(str(tmp_path / "out"), b"new")

    assert (tmp_path / "elsewhere").read_text() == "kept"
    assert (tmp_path / "out").read_text() == "new"


def test_a_device_is_written_to_and_stays() -> None:
    write_result("/dev/null", b"gone")

    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.parametrize("name", ["no-such-folder/out.json", "."])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(CdsError) as caught:
        write_result(str(tmp_path / name), b"{}")

    assert caught.value.where == str(tmp_path / name)
    assert caught.value.problem.startswith("cannot be written: ")


def test_standard_output_gets_the_bytes(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_result("-", b"\xc3\xa9")

    assert capfdbinary.readouterr().out == b"\xc3\xa9"


def test_foreign_text_cannot_drive_the_terminal() -> None:
    shown = visible("a\x1b[31m\r\nb\u202ec\x9b")

    assert shown == "a\ufffd[31m\ufffd\ufffdb\ufffdc\ufffd"
