"""Every sentence that the program says in the language of its reader, found in its source."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from cds.commands.decision import _WHY
from cds.core.account import KINDS, PLURALS, REASONS, SINGULARS
from cds.fhir.prepared import _BASIS
from cds.phrases.say import UNREVIEWED
from cds.web.cards.gaps import _CRITICAL, _REASONS
from cds.web.cards.suggestions import _KEPT
from cds.web.cards.texts import _WHY_OPEN
from cds.web.cards.words import _MONTHS, _SIGNS
from cds.web.contract.prefetch import KEYS

ROOT = Path(__file__).resolve().parents[2] / "cds"
# Sentences that are chosen from a table before they are said.
TABLES: tuple[Iterable[str], ...] = (
    _WHY.values(),
    _WHY,
    KINDS,
    PLURALS.values(),
    SINGULARS.values(),
    tuple(text for pair in REASONS.values() for text in pair),
    _BASIS.values(),
    (_CRITICAL, "Not understood"),
    _REASONS.values(),
    _KEPT.values(),
    _WHY_OPEN.values(),
    _MONTHS,
    tuple(filter(None, _SIGNS.values())),
    KEYS,
    ("final", "amended", "preliminary", "entered-in-error"),  # RiskAssessment.status
    (UNREVIEWED,),
)


@cache
def sentences() -> frozenset[str]:
    """All of them. The rooms of forms know no language: their faults are told in English."""
    paths = (path for path in ROOT.rglob("*.py") if "forms" not in path.parts)
    texts = (path.read_text(encoding="utf-8") for path in paths)
    trees = [ast.parse(text) for text in texts if "say(" in text or "WHY_LABEL" in text]
    shared = _assigned(statement for tree in trees for statement in tree.body)
    found = {text for tree in trees for text in _said_in(tree, {**shared, **_assigned(tree.body)})}
    return frozenset(found.union(*TABLES) - {""})


def _assigned(nodes: Iterable[ast.AST]) -> dict[str, list[ast.expr]]:
    """What each name may stand for."""
    named: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                names = target.elts if isinstance(target, ast.Tuple) else [target]
                values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
                for name, value in zip(names, values, strict=False):
                    if isinstance(name, ast.Name):
                        named.setdefault(name.id, []).append(value)
    return named


def _said_in(tree: ast.AST, constants: Mapping[str, list[ast.expr]]) -> Iterator[str]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            known = {**constants, **_assigned(ast.walk(function))}
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and _is_say(node.func) and node.args:
                    yield from _texts(node.args[0], known)


def _is_say(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in {"say", "_say"}


def _texts(value: ast.expr, known: Mapping[str, list[ast.expr]]) -> Iterator[str]:
    """The texts that an argument may be: itself, either side of a condition, a name's."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _texts(value.body, known)
        yield from _texts(value.orelse, known)
    elif isinstance(value, ast.Name):
        for one in known.get(value.id, ()):
            yield from _texts(one, {})
