"""`validate` as a person calls it: formats, exit codes, streams."""

import gzip
import json
import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import pytest

from tests.commands.validate_kit import FORM, Run, validate


@pytest.mark.parametrize(
    ("names", "more", "code"),
    [
        (["good.json"], [], 0),
        (["bad.json"], [], 1),
        (["warned.json"], [], 0),
        (["warned.json"], ["--fail-on", "warning"], 1),
        (["patient.json"], [], 3),
        (["bad.json", "nowhere.json"], [], 3),
        (["good.json"], ["--format", "nonsense"], 2),
        (["good.json"], ["--max-bytes", "10"], 3),
    ],
)
def test_the_exit_code_says_how_it_went(
    run: Run, files: Path, names: list[str], more: list[str], code: int
) -> None:
    assert validate(run, files, *more, *(str(files / name) for name in names)).returncode == code


def test_text_reads_like_a_linters_and_holds_no_answer(run: Run, files: Path) -> None:
    done = validate(run, files, str(files / "bad.json"))

    first = done.stdout.decode().splitlines()[0]
    assert first.startswith(
        f"{files / 'bad.json'}:17:6: ✖ error [maxLength] Your �[31mname (q): at most 5"
    )
    assert b"secret" not in done.stdout
    assert b"\x1b" not in done.stdout
    assert (
        done.stderr.decode()
        == "validate: 1 response: 0 valid, 1 with errors (1 error, 0 warnings)\n"
    )


def test_values_are_shown_when_asked_for(run: Run, files: Path) -> None:
    assert b"found: secret" in validate(run, files, "--show-values", str(files / "bad.json")).stdout


def test_standard_input_gets_the_name_it_is_given(run: Run, files: Path) -> None:
    done = validate(
        run, files, "--stdin-filename", "mine.json", "-", stdin=(files / "bad.json").read_bytes()
    )

    assert done.stdout.startswith(b"mine.json:17:6: ")


def test_the_result_goes_to_a_file(run: Run, files: Path) -> None:
    done = validate(run, files, "-o", str(files / "out.txt"), str(files / "bad.json"))

    assert done.stdout == b""
    assert "maxLength" in (files / "out.txt").read_text()


def test_colour_comes_only_when_asked_for(run: Run, files: Path) -> None:
    assert (
        "\x1b[31m✖ error\x1b[0m".encode()
        in validate(run, files, "--color", "always", str(files / "bad.json")).stdout
    )


def test_the_help_loads_nothing_heavy(run: Run) -> None:
    done = run("validate", "--help", environment={"PYTHONPROFILEIMPORTTIME": "1"})

    assert done.returncode == 0
    assert not [
        name
        for name in (b"pydantic", b"rich", b"fhirpathpy", b"re2", b"fhir.resources")
        if b" " + name + b"\n" in done.stderr
    ]


def test_a_valid_response_loads_nothing_heavy(run: Run, files: Path) -> None:
    done = run(
        "validate",
        "--questionnaire",
        str(files / "form.json"),
        str(files / "good.json"),
        environment={"PYTHONPROFILEIMPORTTIME": "1"},
    )

    assert done.returncode == 0
    assert not [
        name
        for name in (b"pydantic", b"rich", b"fhirpathpy", b"re2", b"fhir.resources", b"subprocess")
        if b" " + name + b"\n" in done.stderr
    ]


@pytest.mark.parametrize("option", ["--questionnaire", "--support"])
def test_a_form_that_cannot_be_read_ends_with_three(run: Run, files: Path, option: str) -> None:
    assert (
        run("validate", option, str(files / "nowhere.json"), str(files / "good.json")).returncode
        == 3
    )


@pytest.mark.parametrize("packed", [False, True])
def test_support_is_used(run: Run, tmp_path: Path, packed: bool) -> None:
    item = {"linkId": "q", "type": "choice", "answerValueSet": "http://example.org/vs"}
    include = {"system": "urn:s", "concept": [{"code": "a"}]}
    value_set = {"resourceType": "ValueSet", "url": "http://example.org/vs"}
    support = json.dumps({**value_set, "compose": {"include": [include]}}).encode()
    response = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "questionnaire": "http://example.org/q",
        "item": [{"linkId": "q", "answer": [{"valueCoding": {"system": "urn:s", "code": "b"}}]}],
    }
    (tmp_path / "form.json").write_text(json.dumps({**FORM, "item": [item]}))
    (tmp_path / "response.json").write_text(json.dumps(response))
    (tmp_path / "support.json").write_bytes(gzip.compress(support) if packed else support)
    name = str(tmp_path / "response.json")

    without = validate(run, tmp_path, name)
    done = validate(run, tmp_path, "--support", str(tmp_path / "support.json"), name)

    assert b"[valueSetNotChecked]" in without.stdout
    assert (without.returncode, done.returncode) == (0, 1)
    assert b"[invalidCoding]" in done.stdout


def _bundled(files: Path, *names: str) -> Path:
    entries = [{"resource": json.loads((files / name).read_text())} for name in names]
    (files / "bundle.json").write_text(json.dumps({"resourceType": "Bundle", "entry": entries}))
    return files / "bundle.json"


def test_a_form_may_come_in_a_bundle_or_on_standard_input(run: Run, files: Path) -> None:
    bundle = str(_bundled(files, "form.json", "patient.json"))
    bad, form = str(files / "bad.json"), (files / "form.json").read_bytes()

    for done in (
        run("validate", "--questionnaire", bundle, bad),
        run("validate", "--support", bundle, bad),
        run("validate", "--questionnaire", "-", bad, stdin=form),
    ):
        assert done.returncode == 1
        assert b"[maxLength]" in done.stdout


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("bad.json", b"is a QuestionnaireResponse, not a Questionnaire."),
        ("patient.json", b"is not a Questionnaire."),
        ("bundle.json", b"is a Bundle without a Questionnaire."),
        ("form.xml", b"is not FHIR XML"),
    ],
)
def test_what_is_no_form_is_called_by_its_name(
    run: Run, files: Path, given: str, problem: bytes
) -> None:
    _bundled(files, "patient.json")
    (files / "form.xml").write_text("<Questionnaire/>")

    done = run("validate", "--questionnaire", str(files / given), str(files / "good.json"))

    assert done.returncode == 3
    assert problem in done.stderr


def test_the_summary_counts_what_was_judged_without_a_form(run: Run, files: Path) -> None:
    done = run("validate", str(files / "good.json"))

    assert done.returncode == 0
    assert b"1 valid, 1 judged without a form" in done.stderr


@pytest.mark.slow
def test_the_progress_bar_is_for_terminals_and_for_long_work(files: Path, repository: Path) -> None:
    line = json.dumps(json.loads((files / "warned.json").read_text())).encode() + b"\n"
    command = [sys.executable, "cli.py", "validate", "--questionnaire", str(files / "form.json")]

    said = {}
    for name, lines in (("-", 3_000), (str(files / "good.json"), 0)):
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [*command, name],
            cwd=repository,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm"},
        ) as process:
            os.close(theirs)
            feeding = threading.Thread(target=_feed, args=(process.stdin, line, lines))
            feeding.start()
            said[name] = b"".join(_read_all(ours))
            feeding.join()

    many, one = said.values()
    assert b"responses" in many.partition(b"validate: ")[0]
    assert b"3,000 responses: 3,000 valid" in many
    assert one.startswith(b"validate: 1 response")


def _feed(stdin: IO[bytes], line: bytes, lines: int) -> None:
    """Send so many lines, a millisecond apart: long work, however fast the machine is."""
    with stdin:
        for _ in range(lines):
            stdin.write(line)
            stdin.flush()
            time.sleep(0.001)


def _read_all(terminal: int) -> Iterator[bytes]:
    """What was written to a terminal until nobody holds its other end."""
    with suppress(OSError):  # how Linux says that
        while data := os.read(terminal, 1 << 16):
            yield data
    os.close(terminal)
