"""Mutants of the engine: each comparison, operator and constant of `cds/core`, one at a time.

A mutant is killed when a golden case or a test of the core notices it.
`make mutants` tries all of them, `make test-all` a part.

    python tests/mutants/core.py              # 24 of them, the same each time
    python tests/mutants/core.py --count 0    # all
    python tests/mutants/core.py --count 0 --file why
"""

import ast
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
FILES = tuple(sorted(path.stem for path in (ROOT / "cds" / "core").glob("[a-z]*.py")))
NEEDED = ("cds", "questionnaires", "tests", "cli.py", "pyproject.toml")
TIMEOUT_S = 180  # a mutant that never ends is noticed too
WANTED = 0.95

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
# Mutants that nobody can notice, and why: `file.py before → after`, without the line.
EQUIVALENT = {
    "scorer.py 1 → 2": "a sort key: any number above 0 puts letters behind numbers",
    "scoring.py one.rank > rank → one.rank >= rank": "equal ranks, one level",
    "scoring.py len(codes) + len(excused) < len(asked)"
    " → len(codes) + len(excused) <= len(asked)": "only asks earlier whether to look",
    "remember.py len(kept) >= most → len(kept) > most": "how much is remembered",
    "scoring.py 2048 → 2049": "how much is remembered",
    "unsettled.py because.link_id is not None and because.answer is None"
    " → because.link_id is not None or because.answer is None": "adds rules to no question",
    "why.py 20 → 21": "a bound that no form reaches",
    "why.py 2 → 3": "only says when not to try pairs that cannot help",
    "why.py True → False": "a default that no caller leaves",
    "why.py self._owed(self._now) > PAIR and self._now.level.rank <= self._scorer.floor.rank"
    " → self._owed(self._now) > PAIR or self._now.level.rank <= self._scorer.floor.rank": (
        "only says when not to try pairs that cannot help"
    ),
    "why.py self._now.level.rank <= self._scorer.floor.rank"
    " → self._now.level.rank < self._scorer.floor.rank": (
        "only says when not to try pairs that cannot help"
    ),
    "compiled.py False → True": "the function for no record, then made for an empty one",
    "expressions.py len(asked) >= _MANY → len(asked) > _MANY": "only says when a look pays",
    "expressions.py 4 → 5": "as the line above",
}

# Mutants that survive although they could be noticed, and why that is borne. They count as such.
BORNE = {
    "why.py first[0] != second[0] → first[0] == second[0]": "then the steps one by one find it",
    "why.py self._owed(self._now) > PAIR → self._owed(self._now) >= PAIR": "as the line above",
    "why.py 0 → 1": "pairs or steps tried in vain, or found one step after the other",
    "why.py weight >= self._weight(assessment) → weight > self._weight(assessment)": (
        "goes on without progress until the bound of steps"
    ),
}

CASES = """
import sys
from cds.flows.packs.cases import run_cases
from cds.flows.packs.publish import cases_of
from cds.knowledge.read.pack import find_pack, pack_folders
for name, folder in pack_folders().items():
    pack = find_pack(name)
    for outcome in run_cases(cases_of(pack, folder), pack):
        if outcome.faults:
            sys.exit(1)
"""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed file."""

    file: str
    text: str
    source: str


def mutants(file: str) -> Iterator[Mutant]:
    """Every mutant of a file of the core."""
    source = (ROOT / "cds" / "core" / f"{file}.py").read_text()
    count = sum(1 for _ in _spots(ast.parse(source)))
    for place in range(count):
        tree = ast.parse(source)
        node, change = list(_spots(tree))[place]
        before = ast.unparse(node)
        change()
        ast.fix_missing_locations(tree)
        line = getattr(node, "lineno", 0)
        yield Mutant(file, f"{file}.py:{line} {before} → {ast.unparse(node)}", ast.unparse(tree))


def _spots(tree: ast.AST) -> Iterator[tuple[ast.AST, "Change"]]:
    # `@dataclass(frozen=True)` and its like change no decision.
    quiet = {id(n) for d in _decorators(tree) for n in ast.walk(d)}
    for node in ast.walk(tree):
        if id(node) in quiet:
            continue
        match node:
            case ast.Compare(ops=[op]) if type(op) in COMPARISONS:
                yield node, _setter(node, "ops", [COMPARISONS[type(op)]()])
            case ast.BoolOp(op=op):
                other = ast.Or() if isinstance(op, ast.And) else ast.And()
                yield node, _setter(node, "op", other)
            case ast.UnaryOp(op=ast.Not()):
                yield node, _setter(node, "op", node.op, twice=True)
            case ast.Constant(value=bool() as value):
                yield node, _setter(node, "value", not value)
            case ast.Constant(value=int() as number):
                yield node, _setter(node, "value", number + 1)
            case _:
                continue


def _decorators(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield from node.decorator_list


class Change:
    """A change of one node, made when it is called."""

    def __init__(self, node: ast.AST, name: str, value: object, *, twice: bool) -> None:
        self.parts = (node, name, value, twice)

    def __call__(self) -> None:
        """Make it."""
        node, name, value, twice = self.parts
        if twice and isinstance(node, ast.UnaryOp):
            # `not x` becomes `not not x`: the truth of x itself.
            node.operand = ast.UnaryOp(ast.Not(), node.operand)
        else:
            setattr(node, name, value)


def _setter(node: ast.AST, name: str, value: object, *, twice: bool = False) -> Change:
    return Change(node, name, value, twice=twice)


def killed(mutant: Mutant, folder: Path) -> bool:
    """Whether the golden cases or the tests of the core notice the mutant."""
    path = folder / "cds" / "core" / f"{mutant.file}.py"
    original = path.read_text()
    path.write_text(mutant.source)
    try:
        return not (_passes(folder, "-c", CASES) and _passes(folder, *_tests(folder, mutant.file)))
    finally:
        path.write_text(original)


def _tests(folder: Path, file: str = "") -> list[str]:
    """The tests of the core, those first that are named after the file, in whatever room."""
    named = sorted((folder / "tests").rglob(f"test_{file}*.py")) if file else []
    paths = [*map(str, named), "tests/core"]
    return ["-m", "pytest", *paths, "-x", "-q", "-p", "no:cacheprovider"]


def _passes(folder: Path, *args: str) -> bool:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [sys.executable, *args],
            cwd=folder,
            env=environment,
            capture_output=True,
            check=False,
            timeout=TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _without_line(text: str) -> str:
    return re.sub(r":\d+ ", " ", text, count=1)


@click.command()
@click.option("--count", default=24, show_default=True, help="How many; 0 means all.")
@click.option("--seed", default=0, show_default=True)
@click.option("--file", "files", multiple=True, type=click.Choice(FILES), help="Only of these.")
def main(count: int, seed: int, files: tuple[str, ...]) -> None:
    """Make the mutants and say which survive."""
    every = [mutant for file in files or FILES for mutant in mutants(file)]
    chance = random.Random(seed)  # noqa: S311 - the same ones each time
    chosen = chance.sample(every, count) if 0 < count < len(every) else every
    survivors, equivalent = [], 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in NEEDED:
            source = ROOT / part
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "corpus", "golden")
                shutil.copytree(source, folder / part, ignore=ignored)
            else:
                shutil.copy(source, folder / part)
        if not (_passes(folder, "-c", CASES) and _passes(folder, *_tests(folder))):
            raise click.ClickException("Without a mutant the cases or tests fail already.")
        for mutant in chosen:
            why = EQUIVALENT.get(_without_line(mutant.text))
            if why is not None:
                equivalent += 1
                click.echo(f"not tried: {mutant.text} (nobody can notice it: {why})")
            elif not killed(mutant, folder):
                survivors.append(mutant.text)
                borne = BORNE.get(_without_line(mutant.text))
                click.echo(f"survived: {mutant.text}" + (f" ({borne})" if borne else ""))
    tried = len(chosen) - equivalent
    share = 1 - len(survivors) / max(tried, 1)
    click.echo(f"core: {tried} of {len(every)} mutants tried, {share:.1%} killed")
    sys.exit(share < WANTED)


if __name__ == "__main__":
    main()
