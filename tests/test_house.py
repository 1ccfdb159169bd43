"""The house rules that a machine can hold: style, types, floors, sizes, no pack in the engine."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
LINES = 300

TOOLS = {
    "ruff check": ["-m", "ruff", "check", "--quiet", "--output-format", "concise"],
    "ruff format": ["-m", "ruff", "format", "--check", "--quiet"],
    "mypy": ["-m", "mypy"],
    "import-linter": ["-c", "from importlinter.cli import lint_imports_command as run; run()"],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_tools_find_nothing(tool: str) -> None:
    done = subprocess.run(
        [sys.executable, *TOOLS[tool]],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=240,
    )

    assert done.returncode == 0, done.stdout.decode()


@cache
def ours() -> tuple[Path, ...]:
    """Every file that is in the history or about to be, relative to the repository."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is not a git checkout, so nothing says which files are ours")
    return tuple(
        path for name in listed.split("\0") if name and (ROOT / (path := Path(name))).is_file()
    )


def texts() -> Iterator[tuple[Path, str]]:
    for path in ours():
        try:
            yield path, (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # an image or an archive


def python_files(*folders: str) -> Iterator[Path]:
    return (path for path in ours() if path.suffix == ".py" and path.parts[0] in folders)


def test_no_file_is_longer_than_one_can_hold_in_mind() -> None:
    lengths = {
        str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines())
        for path in python_files("cds", "tests", "benchmarks")
    }

    assert {path: length for path, length in lengths.items() if length >= LINES} == {}


def test_a_package_file_holds_a_docstring_only() -> None:
    # The root alone says more: its version, as every distribution does.
    talkative = [
        str(path)
        for path in python_files("cds")
        if path.name == "__init__.py"
        and len(path.parts) > 2
        and len(ast.parse((ROOT / path).read_text(encoding="utf-8")).body) != 1
    ]

    assert talkative == []


def test_every_room_has_its_row_in_the_picture() -> None:
    readme = (ROOT / "cds" / "README.md").read_text(encoding="utf-8")
    rooms = {path.parts[1] for path in python_files("cds") if len(path.parts) > 2}

    assert {room for room in rooms if f"| `{room}/`" not in readme} == set()


# ── One public name, one meaning ──

# What stands at the top of several modules by a convention of others. Each needs its reason.
MANY_TIMES: dict[str, str] = {
    "R": "the letter of a type variable",
    "T": "the letter of a type variable",
    "branch_labels": "asked by Alembic of every migration",
    "command": "what `lazy` loads from every file of a command",
    "depends_on": "asked by Alembic of every migration",
    "down_revision": "asked by Alembic of every migration",
    "main": "where a program begins",
    "revision": "asked by Alembic of every migration",
    "upgrade": "asked by Alembic of every migration",
}


def public_names(body: list[ast.stmt]) -> Iterator[str]:
    """What a module defines for others: functions, classes and values, not what it imports."""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                named = [node.name]
            case ast.Assign() | ast.AnnAssign():
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                inside = (part for target in targets for part in ast.walk(target))
                named = [
                    part.id
                    for part in inside
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
                ]
            case ast.If() | ast.Try():
                named = list(public_names([*node.body, *node.orelse]))
            case _:
                named = []
        yield from (name for name in named if not name.startswith("_"))


@cache
def homes() -> dict[str, set[str]]:
    """The modules that define each public name."""
    found: dict[str, set[str]] = {}
    for path in python_files("cds"):
        for name in public_names(ast.parse((ROOT / path).read_text(encoding="utf-8")).body):
            found.setdefault(name, set()).add(str(path))
    return found


def test_a_public_name_is_defined_in_one_module() -> None:
    twice = {
        name: sorted(modules)
        for name, modules in homes().items()
        if len(modules) > 1 and name not in MANY_TIMES
    }

    assert twice == {}, "say which one it is, import it from the other, or begin it with _"


def test_every_name_of_many_modules_is_still_one() -> None:
    assert {name for name in MANY_TIMES if len(homes().get(name, ())) < 2} == set()


# ── The engine knows no pack ──

# Words of a pack that are also words of FHIR or of the engine. Each needs its reason.
GENERIC: dict[str, str] = {
    "history": "a key of every pack.toml: what must be known besides for the lowest level",
    "medication": "an element of FHIR R5's orders, statements and supplies",
    "safety": "a key of every pack.toml: what is always asked; also a word of plain English",
}


def packs() -> list[Path]:
    return sorted(
        path.parent
        for place in (ROOT / "questionnaires", ROOT / "tests" / "packs")
        for path in place.glob("*/pack.toml")
    )


def link_ids(item: dict[str, Any]) -> Iterator[str]:
    if "linkId" in item:
        yield item["linkId"]
    for child in item.get("item", ()):
        yield from link_ids(child)


def words_of(pack: Path) -> set[str]:
    """The pack's id, linkIds, rule ids, findings and causes."""
    rules = tomllib.loads((pack / "rules.toml").read_text(encoding="utf-8"))
    words = {pack.name}
    words.update(rule[key] for rule in rules.get("rule", ()) for key in ("id", "finding"))
    words.update(cause["id"] for cause in rules.get("cause", ()))
    for form in pack.glob("questionnaire*.json"):
        words.update(link_ids(json.loads(form.read_text(encoding="utf-8"))))
    return words


def strings_of(path: Path) -> Iterator[tuple[int, str]]:
    """Every string of a module but its docstrings: prose may explain by an example."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    prose = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.lineno, node.value


def test_the_engine_knows_no_pack() -> None:
    words = {word: pack.name for pack in packs() for word in words_of(pack)}
    assert words, "no pack was found: this test would hold nothing"

    found = [
        f"{path}:{line}: {word!r} is a word of the pack {words[word]}"
        for path in python_files("cds")
        for line, text in strings_of(path)
        for word in re.findall(r"[\w.-]*\w", text)
        if word in words and word not in GENERIC
    ]

    assert found == []


def test_every_generic_word_is_still_one_of_a_pack() -> None:
    words = {word for pack in packs() for word in words_of(pack)}

    assert set(GENERIC) - words == set()


# ── What must not stand in the history ──

# Built from parts, or this file would be its own finding.
NOT_OURS = re.compile(
    "|".join(
        [
            "--" + r"(?:extra-)?index-url\b",
            "--" + r"find-links\b",
            "--" + r"trusted-host\b",
            r"(?<![\w.:/])/" + r"(?:root|work|home/\w+|Users/\w+)/",
            "file:" + "///(?:root|work|home|Users|tmp)/",
        ]
    )
)


def test_no_path_of_a_machine_and_no_host_of_a_registry_is_kept() -> None:
    found = [f"{path}: {match[0]}" for path, text in texts() for match in NOT_OURS.finditer(text)]

    assert found == []


SEEDS = ROOT.parent / "shared" / "seeds"
RUN = 8  # words in a row that are no longer a coincidence


def runs_of(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return zip(*(words[start:] for start in range(RUN)), strict=False)


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seeds are not beside this checkout")
def test_no_sentence_of_the_seeds_is_copied() -> None:
    sources = {
        run for seed in SEEDS.glob("*.txt") for run in runs_of(seed.read_text(encoding="utf-8"))
    }
    assert sources, "no seed was read: this test would hold nothing"

    copied = {
        str(path): " ".join(run)
        for path, text in texts()
        for run in runs_of(text)
        if run in sources
    }

    assert copied == {}
