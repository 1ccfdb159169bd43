"""One voice: what a message says after its place, in every error that the code can raise."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cds import errors

PACKAGE = Path(__file__).resolve().parents[1] / "cds"
# Where the words stand among the arguments: after the place, and with HTTP's status before it.
WORDS_AT = {name: 1 for name, kind in vars(errors).items() if isinstance(kind, type)} | {
    "RequestError": 2,
    "refuse": 2,
}
# English says that something "is not a" thing; "is no" is a calque, but for "there is no".
IS_NO = re.compile(r"(?<!here )\b[Ii]s no (?!longer\b|more\b)")


@functools.cache
def trees() -> tuple[tuple[str, ast.Module], ...]:
    """Every file of the package, read."""
    return tuple(
        (str(path.relative_to(PACKAGE)), ast.parse(path.read_text("utf-8")))
        for path in sorted(PACKAGE.rglob("*.py"))
    )


def texts() -> Iterator[tuple[str, str]]:
    """Each literal text of the package that is no docstring: its place and its words."""
    for place, tree in trees():
        docs = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            if isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in docs:
                words = literal(node)
                if words is not None:
                    yield f"{place}:{node.lineno}", words


def literal(node: ast.expr) -> str | None:
    """The words of a text, what is filled in as `{}`; None for what is none."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(literal(part) or "{}" for part in node.values)
    return None


def problems() -> Iterator[tuple[str, str]]:
    """What errors say after their place, wherever it is written into the call."""
    for place, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                at = WORDS_AT.get(node.func.id)
                words = literal(node.args[at]) if at and len(node.args) > at else None
                if words:
                    yield f"{place}:{node.lineno}", words


def test_there_are_messages_to_be_read() -> None:
    assert len(list(problems())) > 150


def test_a_message_goes_on_after_its_place_in_lower_case_and_ends_as_a_sentence() -> None:
    odd = [
        f"{place}: {words}"
        for place, words in problems()
        # An acronym may begin it, and so may what is filled in.
        if (words[0].isupper() and not words[:2].isupper()) or words[-1] not in ".?}"
    ]

    assert odd == []


def test_no_message_says_that_something_is_no_thing() -> None:
    assert [f"{place}: {words}" for place, words in texts() if IS_NO.search(words)] == []


@pytest.mark.parametrize("words", ["Is no list.", "is no FHIR id.", "x is no element of y"])
def test_the_calque_is_recognised(words: str) -> None:
    assert IS_NO.search(words)


@pytest.mark.parametrize("words", ["there is no pack x.", "is no longer valid.", "There is no x."])
def test_english_is_let_pass(words: str) -> None:
    assert not IS_NO.search(words)
