"""What is noted of a record, in the words of its source: where no language is known."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "cds"
WHERE = ("record", "flows/deciding")
MADE = {"note": 2, "Note": 2, "Shown": 1}  # the place of the text among the arguments
PLACES: dict[str, tuple[str, ...]] = {
    "kind": ("critical", "outside the reference"),
    "against": ("shows", "speaks against"),
}


def notes_made() -> Iterator[str]:
    """The text of every note, its places filled with something."""
    files = [path for where in WHERE for path in sorted((ROOT / where).glob("*.py"))]
    for path in (*files, ROOT / "flows" / "populate.py"):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                yield from _in(function)


def _in(function: ast.FunctionDef) -> Iterator[str]:
    named: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named.setdefault(node.targets[0].id, []).append(node.value)
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in MADE and len(node.args) > MADE[name]:
            text = node.args[MADE[name]]
            for one in named.get(text.id, ()) if isinstance(text, ast.Name) else (text,):
                yield from _filled(one, named)


def _filled(value: ast.expr, named: dict[str, list[ast.expr]]) -> Iterator[str]:
    if not isinstance(value, ast.JoinedStr):
        return
    made = [""]
    for part in value.values:
        made = [before + one for before in made for one in _part(part, named)]
    yield from made


def _part(part: ast.expr, named: dict[str, list[ast.expr]]) -> Iterator[str]:
    if isinstance(part, ast.Constant):
        yield str(part.value)
    elif isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name):
        name = part.value.id
        texts = [text for one in named.get(name, ()) for text in _texts(one)]
        yield from texts or PLACES.get(name, ("X1",))
    else:
        yield "X1"


def _texts(value: ast.expr) -> Iterator[str]:
    """What a name within the text stands for, where that is a text itself."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _texts(value.body)
        yield from _texts(value.orelse)
    elif isinstance(value, ast.JoinedStr):
        yield from _filled(value, {})
