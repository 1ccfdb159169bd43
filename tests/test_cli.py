"""The command line as a whole: exit codes, streams, errors, files that appear whole."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import click
import pytest

import cds.__main__ as door
from cds.commands.exits import Causes, Exit, exit_of
from cds.commands.inputs import Input, named_files, read_bytes, read_inputs
from cds.errors import CdsError, Fault, PackError, Unreadable, UsageError
from cds.flows.validate_inputs import Document, documents
from cds.version import VERSION

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


def failing(error: BaseException) -> click.Command:
    @click.command
    def command() -> None:
        raise error

    return command


# ── Exit codes ──


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (
            Unreadable("r.json", "is empty.", "Give one.", line=2, column=3),
            3,
            "r.json:2:3: is empty.",
        ),
        (CdsError("out", "cannot be written.", "Choose."), 3, "Choose."),
        (UsageError("scenario", "is unknown.", "Did you mean x?"), 2, "Did you mean x?"),
        (PackError("toy", (Fault("rules.toml", "no id."),)), 3, "rules.toml: no id."),
        (click.UsageError("Name a file."), 2, "Name a file."),
        (click.FileError("r.json", "gone"), 3, "r.json"),
        (KeyboardInterrupt(), 130, ""),
        (ZeroDivisionError("MARKER"), 4, "ZeroDivisionError"),
    ],
)
def test_every_way_to_fail_has_its_exit_code_and_its_words(
    error: BaseException,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("CRAMP_CDS_DEBUG", raising=False)
    monkeypatch.setitem(door.cli.commands, "fail", failing(error))

    ended = door.main(["fail"])

    out, err = capsys.readouterr()
    assert ended == code
    assert out == ""
    assert said in err
    assert "Traceback" not in err
    assert "MARKER" not in err


def test_the_trace_is_shown_only_when_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CRAMP_CDS_DEBUG", "1")
    monkeypatch.setitem(door.cli.commands, "fail", failing(ZeroDivisionError("MARKER")))

    assert door.main(["fail"]) == 4
    assert "MARKER" in capsys.readouterr().err


def test_what_a_command_returns_is_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command
    def command() -> int:
        return Exit.FINDINGS

    monkeypatch.setitem(door.cli.commands, "find", command)

    assert door.main(["find"]) == 1


def test_the_highest_of_several_causes_is_the_exit_code() -> None:
    causes = Causes()
    for cause in (Exit.FINDINGS, Exit.UNREADABLE, Exit.OK, Exit.FINDINGS):
        causes.add(cause)

    assert causes.exit == 3
    assert exit_of(UsageError("a", "b")) == 2


# ── The door ──


def test_help_lists_the_commands_that_are_there(run: Run) -> None:
    done = run("--help")

    listed = [line.split()[0] for line in done.stdout.decode().split("Commands:\n")[1].splitlines()]
    assert done.returncode == 0
    assert listed == list(door.commands())
    assert done.stderr == b""


def test_every_listed_command_can_be_loaded_and_explains_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in door.commands():
        assert door.main([name, "--help"]) == 0
        assert capsys.readouterr().out.startswith(f"Usage: cramp-cds {name}")


def test_the_version_is_printed(run: Run) -> None:
    assert run("--version").stdout.decode() == f"cramp-cds, version {VERSION}\n"


def test_a_misspelt_command_gets_the_nearest_right_one(run: Run) -> None:
    done = run("completoin")

    assert done.returncode == 2
    assert "Did you mean 'completion'?" in done.stderr.decode()
    assert done.stdout == b""


def test_python_m_cds_is_the_same_door(repository: Path, run: Run) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cds", "--help"], cwd=repository, capture_output=True, check=True
    )

    assert done.stdout == run("--help").stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion_script(run: Run, shell: str) -> None:
    done = run("completion", shell)

    assert done.returncode == 0
    assert "_CRAMP_CDS_COMPLETE" in done.stdout.decode()


def test_completion_knows_the_commands(run: Run) -> None:
    done = run(
        environment={
            "_CRAMP_CDS_COMPLETE": "bash_complete",
            "COMP_WORDS": "cramp-cds comp",
            "COMP_CWORD": "1",
        }
    )

    assert done.stdout.decode().split() == ["plain,completion"]


def test_a_reader_that_leaves_early_is_no_error(repository: Path) -> None:
    read, write = os.pipe()
    os.close(read)

    done = subprocess.run(
        [sys.executable, "cli.py", "completion", "bash"],
        cwd=repository,
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )

    os.close(write)
    assert done.stderr == b""
    assert done.returncode == 141


# ── Inputs ──


def values_of(data: bytes, *, where: str, resource_type: str | None = None) -> list[Document]:
    return list(documents("-", stdin=BytesIO(data), where=where, resource_type=resource_type))


def plain(inputs: list[Input]) -> list[tuple[str, object]]:
    return [(each.where, each.fault.problem if each.fault else each.value) for each in inputs]


def test_files_globs_gzip_and_lines_become_values_in_order(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"n": 1}')
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(b'{\n "n": 2\n}'))
    (tmp_path / "c.ndjson").write_bytes(b'{"n": 3}\r\n\n{"n": 4}\n')

    values = list(read_inputs(named_files([str(tmp_path / "*")])))

    assert [value.value for value in values] == [{"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}]
    assert [Path(value.where).name for value in values] == [
        "a.json",
        "b.json.gz",
        "c.ndjson:1",
        "c.ndjson:3",
    ]


def test_a_bundle_gives_its_resources_of_the_wanted_type() -> None:
    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {"resource": {"resourceType": "Patient"}},
            {"resource": {"resourceType": "QuestionnaireResponse", "id": "a"}},
            {},
            None,
        ],
    }

    values = values_of(
        json.dumps(bundle).encode(), where="b.json", resource_type="QuestionnaireResponse"
    )

    assert [value.place for value in values] == ["b.json: Bundle.entry[1].resource"]
    assert values[0].value["id"] == "a"


def test_a_bundle_without_the_wanted_type_comes_whole() -> None:
    values = values_of(b'{"resourceType": "Bundle"}', where="b", resource_type="Patient")

    assert [(value.place, value.value) for value in values] == [("b", {"resourceType": "Bundle"})]


def test_one_bad_line_stops_no_other_and_keeps_its_number() -> None:
    values = values_of(b'{"n": 1}\n{"n": NaN}\n{"n": 3}\n', where="r.ndjson")

    fault = values[1].fault
    assert [value.value for value in values] == [{"n": 1}, None, {"n": 3}]
    assert fault is not None
    assert (fault.where, fault.line, fault.column) == ("r.ndjson", 2, 7)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (Path.exists, "cannot be read: No such file or directory."),
        (Path.mkdir, "cannot be read: Is a directory."),
        (lambda path: path.write_bytes(gzip.compress(b"{}")[:-5]), "is a damaged gzip file."),
        (lambda path: path.write_bytes(gzip.compress(b"x" * 5000)), "is larger than 4,000 bytes."),
        (lambda path: path.write_bytes(b"x" * 5000), "is larger than 4,000 bytes."),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, make: Callable[[Path], object], problem: str
) -> None:
    make(tmp_path / "in")

    with pytest.raises(Unreadable) as caught:
        read_bytes(str(tmp_path / "in"), max_bytes=4000)

    assert (caught.value.where, caught.value.problem) == (str(tmp_path / "in"), problem)


def test_a_glob_without_a_match_is_a_file_that_is_missing(tmp_path: Path) -> None:
    (missing,) = read_inputs(named_files([str(tmp_path / "*.json")]))

    assert missing.fault is not None
    assert missing.fault.where.endswith("*.json")
