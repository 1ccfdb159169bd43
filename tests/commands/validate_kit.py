"""What the tests of `validate` share: the command with its form, and the form itself."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

Run = Callable[..., "CompletedProcess[bytes]"]
FORM: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": "http://example.org/q",
    "status": "active",
    "item": [{"linkId": "q", "type": "string", "text": "Your \x1b[31mname", "maxLength": 5}],
}


def files_in(tmp_path: Path) -> Path:
    """A form, a valid response, an invalid one, one with a warning, and something else."""

    def response(answer: str, **more: Any) -> str:
        return json.dumps(
            {
                "resourceType": "QuestionnaireResponse",
                "status": "completed",
                "questionnaire": "http://example.org/q",
                "authored": "2026-01-01T00:00:00Z",
                "subject": {"reference": "Patient/1"},
                "author": {"reference": "Patient/1"},
                "item": [{"linkId": "q", "answer": [{"valueString": answer}], **more}],
            },
            indent=1,
        )

    (tmp_path / "form.json").write_text(json.dumps(FORM))
    (tmp_path / "good.json").write_text(response("abc"))
    (tmp_path / "bad.json").write_text(response("secret"))
    (tmp_path / "warned.json").write_text(response("abc", text="Other"))
    (tmp_path / "patient.json").write_text('{"resourceType": "Patient"}')
    return tmp_path


def validate(run: Run, files: Path, *args: str, stdin: bytes = b"") -> "CompletedProcess[bytes]":
    return run("validate", "--questionnaire", str(files / "form.json"), *args, stdin=stdin)
