"""An expression from its text to its result; each text is read once."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cds.forms.elements.definitions import Definitions
from cds.forms.fhirpath.engine import navigation
from cds.forms.fhirpath.engine.evaluate import evaluate_expression
from cds.forms.fhirpath.engine.literals import SyntaxTree
from cds.forms.fhirpath.engine.values import Collection, NotAnExpression, Refused

__all__ = ["NotAnExpression", "evaluated", "expression_tree"]


@lru_cache(maxsize=2000)
def expression_tree(text: str) -> SyntaxTree:
    """An expression as a tree.

    Raises:
        NotAnExpression: it is not one whole expression.
    """
    from antlr4 import ParseTreeWalker  # type: ignore[import-untyped] # noqa: PLC0415
    from fhirpathpy.parser.ASTPathListener import ASTPathListener  # noqa: PLC0415

    from cds.forms.fhirpath.engine.syntax import tree_of  # noqa: PLC0415

    listener: Any = ASTPathListener()  # type: ignore[no-untyped-call] # the library has no types
    ParseTreeWalker().walk(listener, tree_of(_LITERAL.sub(_date_time, text)))
    tree: SyntaxTree = listener.parentStack[0]["children"][0]
    return _bound_as_specified(tree["children"][0] if tree["type"] == "EntireExpression" else tree)


# A dateTime without a time ends in T, which the grammar at hand does not know; texts stay texts.
_LITERAL = re.compile(r"'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|(@\d{4}(?:-\d\d(?:-\d\d)?)?)T(?![0-9])")


def _date_time(found: re.Match[str]) -> str:
    return f"({found[1]}.toDateTime())" if found[1] else found[0]


def _bound_as_specified(tree: SyntaxTree) -> SyntaxTree:
    """`is` and `as` bind closer than `|` and `<`; the grammar at hand has it the other way."""
    children = [_bound_as_specified(child) for child in tree.get("children", ())]
    tree = {**tree, "children": children}
    if tree["type"] == "TypeExpression" and children[0]["type"] in _LOOSER:
        left = children[0]
        first, second = left["children"]
        inner = _bound_as_specified({**tree, "children": [second, children[1]]})
        return {**left, "children": [first, inner]}
    return tree


_LOOSER = frozenset(("UnionExpression", "InequalityExpression"))


def evaluated(
    text: str,
    resource: dict[str, Any],
    definitions: Definitions,
    names: Mapping[str, Collection] | None = None,
    focus: Collection | None = None,
) -> Collection:
    """The result of an expression on a resource (or on a focus inside it).

    Raises:
        NotAnExpression: the text is none.
        Failed: the specification calls it an error on these answers.
        Refused: it is not run here.
    """
    whole = [navigation.root(resource, definitions)]
    known = {"resource": whole, "rootResource": whole, "context": whole, **CONSTANTS}
    try:
        return evaluate_expression(
            expression_tree(text),
            whole if focus is None else focus,
            {**known, **(names or {})},
            definitions,
        )
    except RecursionError:
        raise Refused("the expression is nested too deeply") from None


CONSTANTS: Mapping[str, Collection] = {
    "sct": ["http://snomed.info/sct"],
    "loinc": ["http://loinc.org"],
    "ucum": ["http://unitsofmeasure.org"],
}
