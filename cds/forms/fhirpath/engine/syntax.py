"""The grammar of FHIRPath, held strictly: the parser of the library mends what is not one."""

from typing import Any

from antlr4 import CommonTokenStream, InputStream  # type: ignore[import-untyped]
from antlr4.error.ErrorListener import ErrorListener  # type: ignore[import-untyped]
from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

from cds.forms.fhirpath.engine.values import NotAnExpression


class _Strict(ErrorListener):  # type: ignore[misc] # no types are published for antlr4
    def syntaxError(self, *details: Any) -> None:  # noqa: N802 - the name antlr calls
        line, column = details[2:4]
        message = f"syntax error at {line}:{column + 1}"
        raise NotAnExpression(message)


def tree_of(text: str) -> Any:
    """The tree of one whole expression.

    Raises:
        NotAnExpression: with the place of the first error.
    """
    lexer = FHIRPathLexer(InputStream(text))
    parser: Any = FHIRPathParser(CommonTokenStream(lexer))
    for machine in (lexer, parser):
        machine.removeErrorListeners()
        machine.addErrorListener(_Strict())
    return parser.entireExpression()
