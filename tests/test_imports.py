"""What a command does not import: the price of a start is paid only by who needs the library."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cds.__main__ import SUMMARIES

LIGHT = {"fhir", "pydantic", "starlette", "rich", "sqlalchemy"}
# What `assess` of one file has no use for: the service, the log, the proofs, the typed models.
NOT_FOR_ASSESS = {
    "fhir",
    "starlette",
    "uvicorn",
    "httpx",
    "sqlalchemy",
    "alembic",
    "z3",
    "jwt",
    "msgspec",
}
# Nor, for the usual response, that which costs as much as all else together: every check of
# responses; and what only prints errors, unpacks, or expands patterns.
NOT_FOR_THE_USUAL = {
    "cds.fhir.outcome",
    "cds.flows.deciding.faults",
    "cds.flows.deciding.record",
    "cds.forms.answers_anywhere",
    "cds.forms.checks.checks",
    "cds.forms.response.enablement",
    "cds.forms.reader.plain_values",
    "cds.forms.checks.rules",
    "cds.forms.validate",
    "cds.web",
    "difflib",
    "glob",
    "gzip",
    "re2",
    "textwrap",
    "tomllib",
    "traceback",
}
# What click would load to find out how wide a terminal is, and what only files need.
NOT_FOR_HELP = {"pathlib", "shutil", "tempfile", "urllib"}
# What only a bundle, or a number of the record, needs.
NOT_FOR_TEXT = {"cds.fhir.emit", "cds.fhir.labels", "cds.fhir.prepared", "decimal"}

LIST_MODULES = """
import runpy, sys
sys.argv = ["cli.py", *sys.argv[1:]]
try:
    runpy.run_path("cli.py", run_name="__main__")
except SystemExit as end:
    if end.code:
        raise
finally:
    print("\\n".join(sorted(sys.modules)), file=sys.stderr)
"""


def imported(repository: Path, *args: str, stdin: bytes = b"") -> set[str]:
    """Run a command in a process of its own and name the modules that it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", LIST_MODULES, *args],
        cwd=repository,
        input=stdin,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return set(done.stderr.decode().split())


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["completion", "bash"]])
def test_asking_for_help_loads_no_heavy_library(repository: Path, args: list[str]) -> None:
    loaded = imported(repository, *args)

    assert "click" in loaded
    assert not loaded & LIGHT


def test_help_loads_nothing_that_finds_files(repository: Path) -> None:
    assert not imported(repository, "--help") & NOT_FOR_HELP


@pytest.mark.parametrize(("args", "looked_at"), [("", "False"), ("['--version']", "True")])
def test_only_the_process_itself_ends_without_a_last_look_for_garbage(
    repository: Path, args: str, looked_at: str
) -> None:
    code = (
        "import gc, sys; from cds.__main__ import main; sys.argv[1:] = ['--version']; mine = [];"
        f"main({args}); print(any(one is mine for one in gc.get_objects()), file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, check=True, timeout=60
    )

    assert done.stderr.decode().strip() == looked_at


@pytest.mark.parametrize("command", ["'--version'", "'questionnaire', 'list'"])
def test_garbage_is_looked_for_as_soon_as_a_command_runs(repository: Path, command: str) -> None:
    code = (
        "import gc, sys; from cds.__main__ import main;"
        f"main([{command}]); print(gc.isenabled(), file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, check=True, timeout=60
    )

    assert done.stderr.decode().strip() == "True"


def test_help_loads_no_command(repository: Path) -> None:
    code = (
        "import sys; from cds.__main__ import main; main(['--help']);"
        "print([n for n in sys.modules if n.startswith('cds.')], file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, check=True, timeout=60
    )

    assert not [name for name in SUMMARIES if f"'cds.commands.{name}'" in done.stderr.decode()]


LABELS = {"meta", "text"}


@pytest.mark.parametrize(
    ("form", "others"), [("text", NOT_FOR_TEXT), ("json", NOT_FOR_TEXT), ("fhir", set())]
)
def test_assess_loads_only_what_it_needs(repository: Path, form: str, others: set[str]) -> None:
    sample = subprocess.run(
        [sys.executable, "cli.py", "sample", "response", "--scenario", "no-urine"],
        cwd=repository,
        capture_output=True,
        check=True,
        timeout=60,
    )

    # As a form filler sends it: without the label of test data and the narrative of a sample.
    bare = {key: value for key, value in json.loads(sample.stdout).items() if key not in LABELS}

    loaded = imported(repository, "assess", "-", "--format", form, stdin=json.dumps(bare).encode())

    assert {"jiter", "cds.forms.reader.walk"} <= loaded
    assert not loaded & (LIGHT | NOT_FOR_ASSESS | NOT_FOR_THE_USUAL | others)


# What `validate` has no use for: the pack behind the form, the service, the engine of expressions.
NOT_FOR_VALIDATE = {
    "cds.core.model",
    "cds.fhir.emit",
    "cds.forms.fhirpath.engine",
    "cds.knowledge.read.pack",
    "cds.web.settings",
    "fhirpathpy",
    "html",
    "re2",
    "tomli",
}


@pytest.mark.parametrize(
    "more", [{}, {"extension": [{"url": "https://e.example/x", "valueCode": "y"}]}]
)
def test_validate_loads_only_what_it_needs(
    repository: Path, tmp_path: Path, more: dict[str, object]
) -> None:
    sample = [sys.executable, "cli.py", "sample", "response", "--scenario", "no-urine"]
    done = subprocess.run(sample, cwd=repository, capture_output=True, check=True, timeout=60)
    response = json.loads(done.stdout) | more
    (tmp_path / "response.json").write_text(json.dumps(response), "utf-8")

    loaded = imported(repository, "validate", str(tmp_path / "response.json"))

    # What is plain, no check has to look at.
    assert ("cds.forms.checks.checks" in loaded) == bool(more)
    assert not loaded & (LIGHT | NOT_FOR_ASSESS | NOT_FOR_VALIDATE)


def test_a_pack_that_was_read_before_is_not_parsed_again(repository: Path) -> None:
    unwanted = {"PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"}
    environment = {name: os.environ[name] for name in os.environ.keys() - unwanted}

    runs = [
        subprocess.run(
            [sys.executable, "-c", LIST_MODULES, "questionnaire", "list"],
            cwd=repository,
            env=environment,
            capture_output=True,
            check=True,
            timeout=60,
        )
        for _ in range(2)
    ]

    assert "tomli" not in runs[-1].stderr.decode().split()
    assert runs[0].stdout == runs[-1].stdout
