"""The command line in this process: as a person calls it, without a second interpreter."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import cds.__main__ as door
from cds.schemas.published import schema, schema_name
from tests.commands.validate_kit import files_in


class Piped(io.TextIOWrapper):
    """Standard input that something was piped into."""

    def isatty(self) -> bool:
        return False


@dataclass(frozen=True)
class Done:
    """What a command said and how it ended."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Call = Callable[..., Done]


@cache
def judge_of(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name))


def hold_to_their_schemas(out: bytes) -> None:
    """Every document of ours that a test sees follows the schema that it names."""
    for line in out.splitlines():
        if line.startswith(b'{"schema":"cramp-cds/'):
            document = json.loads(line)
            if schema_name(document) == "explanation-1":
                continue  # for people beside a rule, not promised to programs
            wrong = [
                error.message for error in judge_of(schema_name(document)).iter_errors(document)
            ]
            assert wrong == []


@pytest.fixture
def call(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Call:
    for name in ("NO_COLOR", "FORCE_COLOR", "CRAMP_CDS_DEBUG"):
        monkeypatch.delenv(name, raising=False)

    def run(*args: object, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "stdin", Piped(io.BytesIO(stdin)))
        capsysbinary.readouterr()
        code = door.main([str(one) for one in args])
        said = capsysbinary.readouterr()
        error = said.err.decode()
        assert "Traceback" not in error
        hold_to_their_schemas(said.out)
        return Done(code, said.out, error)

    return run


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, Any], Path]:
    def written(name: str, value: Any) -> Path:
        path = tmp_path / name
        path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
        return path

    return written


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A form, a valid response, an invalid one, one with a warning, and something else."""
    return files_in(tmp_path)
