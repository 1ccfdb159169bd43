"""deploy/forms-repository: the hooks run under pre-commit, the action is one and does its work."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "forms-repository"
FORM: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": "http://example.org/Questionnaire/q",
    "status": "active",
    "item": [{"linkId": "a", "type": "boolean", "text": "A?"}],
}
RESPONSE: dict[str, Any] = {
    "resourceType": "QuestionnaireResponse",
    "questionnaire": FORM["url"],
    "status": "completed",
    "authored": "2026-01-02T10:00:00Z",
    "subject": {"reference": "Patient/1"},
    "author": {"reference": "Patient/1"},
    "item": [{"linkId": "a", "answer": [{"valueBoolean": True}]}],
}
TWICE = {**FORM, "item": [*FORM["item"], *FORM["item"]]}  # que-2: a linkId stands once


def run(
    command: list[str], folder: Path, environment: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """`cramp-cds` of this checkout on PATH, and a home of its own."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    command = bin_ / "cramp-cds"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT / "cli.py"}" "$@"\n')
    command.chmod(0o755)
    return os.environ | {
        "PATH": f"{bin_}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
    }


@pytest.fixture
def repository(tmp_path: Path, environment: dict[str, str]) -> Path:
    """A repository with a form, a response to it and the hooks."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed (Debian: apt install git)")
    folder = tmp_path / "repository"
    (folder / "forms").mkdir(parents=True)
    (folder / "forms" / "Questionnaire-q.json").write_text(json.dumps(FORM))
    (folder / "QuestionnaireResponse-r.json").write_text(json.dumps(RESPONSE))
    shutil.copy(FOLDER / "pre-commit-config.yaml", folder / ".pre-commit-config.yaml")
    for words in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *words], cwd=folder, env=environment, check=True, timeout=60)
    return folder


def hooks(repository: Path, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    pytest.importorskip("pre_commit", reason="the extra deploy is not installed")
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color", "never"]
    return subprocess.run(
        command,
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_the_hooks_let_what_is_right_pass(repository: Path, environment: dict[str, str]) -> None:
    done = hooks(repository, environment)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Passed") == 2, done.stdout


def test_a_form_with_a_fault_is_not_committed(
    repository: Path, environment: dict[str, str]
) -> None:
    (repository / "forms" / "Questionnaire-q.json").write_text(json.dumps(TWICE))

    done = hooks(repository, environment)

    assert done.returncode == 1
    assert "forms/Questionnaire-q.json" in done.stdout


def test_a_response_with_a_fault_is_not_committed(
    repository: Path, environment: dict[str, str]
) -> None:
    wrong = {**RESPONSE, "item": [{"linkId": "a", "answer": [{"valueInteger": 1}]}]}
    (repository / "QuestionnaireResponse-r.json").write_text(json.dumps(wrong))

    done = hooks(repository, environment)

    assert done.returncode == 1
    assert "invalidAnswerType" in done.stdout


def action() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml", reason="the extra deploy is not installed")
    read: dict[str, Any] = yaml.safe_load((FOLDER / "action.yml").read_text())
    return read


def test_the_action_is_one_by_its_schema() -> None:
    pytest.importorskip("check_jsonschema", reason="the extra deploy is not installed")
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.github-actions",
    ]

    done = run([*command, str(FOLDER / "action.yml")], ROOT, dict(os.environ))

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("form", "code"), [(FORM, 0), (TWICE, 1)], ids=["right", "wrong"])
def test_the_action_writes_sarif(
    repository: Path, environment: dict[str, str], form: dict[str, Any], code: int
) -> None:
    (repository / "forms" / "Questionnaire-q.json").write_text(json.dumps(form))
    (repository / "more forms").mkdir()
    (repository / "more forms" / "Questionnaire-p.json").write_text(json.dumps(FORM))
    read = action()
    inputs = {name: given["default"] for name, given in read["inputs"].items()}
    inputs["forms"] += "\nmore forms\n"
    step = read["runs"]["steps"][-1]
    given = {
        name: inputs[text.removeprefix("${{ inputs.").removesuffix(" }}")]
        for name, text in step["env"].items()
    }

    command = [step["shell"], "-e", "-o", "pipefail", "-c", step["run"]]
    done = run(command, repository, environment | given)

    assert done.returncode == code, done.stderr
    sarif = json.loads((repository / inputs["sarif"]).read_bytes())
    assert sarif["version"] == "2.1.0"
    assert bool(sarif["runs"][0]["results"]) is bool(code)
