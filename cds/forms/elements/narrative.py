"""The narrative of a resource: XHTML of FHIR's subset, with something to read (txt-1, txt-2)."""

from typing import Any
from xml.parsers import expat

XHTML = "http://www.w3.org/1999/xhtml"
_MAX_DEPTH = 200
# From the invariants txt-1 of Narrative (R4, as XPath) and the chapters of HTML 4.0 that it names.
_ELEMENTS_WORDS = """
a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd dfn div dl
dt em h1 h2 h3 h4 h5 h6 hr i img kbd li map ol p pre q samp small span strong sub sup table
tbody td tfoot th thead tr tt ul var
"""
_ELEMENTS = frozenset(_ELEMENTS_WORDS.split())
_ATTRIBUTES_WORDS = """
abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char
charoff charset cite class colspan compact coords dir frame headers height href hreflang hspace
id ismap lang longdesc name nohref nowrap rel rev rowspan rules scope shape span src start style
summary tabindex target title type usemap valign value vspace width
"""
_ATTRIBUTES = frozenset(_ATTRIBUTES_WORDS.split())
_XML = "http://www.w3.org/XML/1998/namespace "
_SCRIPTS = ("javascript:", "vbscript:")


class _Wrong(Exception):
    """What the narrative must not hold."""


class _Reader:
    """Reads one div; raises at the first thing that is wrong."""

    def __init__(self) -> None:
        self._depth = 0
        self.content = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if namespace != XHTML:
            raise _Wrong("the narrative has no XHTML namespace" if not self._depth else _FOREIGN)
        if not self._depth and local != "div":
            raise _Wrong("the narrative must be a div")
        if local not in _ELEMENTS:
            raise _Wrong(f"the narrative must not hold <{local[:40]}> (txt-1)")
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _Wrong("the narrative is nested too deeply")
        for key, value in attributes.items():
            _attribute(key, value)
        if local == "img" and "src" in attributes:
            self.content = True

    def end(self, _name: str) -> None:
        self._depth -= 1

    def text(self, text: str) -> None:
        # XML has four blanks; a space that does not break is something to see.
        self.content = self.content or bool(text.strip(" \t\r\n"))

    @staticmethod
    def doctype(*_: Any) -> None:
        raise _Wrong("the narrative must not have a document type")

    @staticmethod
    def instruction(*_: Any) -> None:
        raise _Wrong("the narrative must not have processing instructions")


_FOREIGN = "the narrative must not hold elements of another namespace (txt-1)"


def _attribute(key: str, value: str) -> None:
    if key not in _ATTRIBUTES and not key.startswith(_XML):
        raise _Wrong(f"the narrative must not have the attribute '{key[:40]}' (txt-1)")
    if key in {"href", "src"} and "".join(value.split()).lower().startswith(_SCRIPTS):
        raise _Wrong("the narrative must not hold scripts (txt-1)")


def narrative_problem(div: str) -> str:
    """What is wrong with a narrative's div; empty if nothing is.

    >>> narrative_problem('<div xmlns="http://www.w3.org/1999/xhtml">words</div>')
    ''
    """
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    # A document type is where entities are declared: none is ever expanded.
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.ProcessingInstructionHandler = reader.instruction
    try:
        parser.Parse(div.encode(errors="surrogatepass"), True)  # noqa: FBT003 - expat names no arguments
    except _Wrong as wrong:
        return str(wrong)
    except expat.ExpatError as error:
        said = expat.errors.messages.get(error.code, "error")
        return f"the narrative is not well-formed XML ({said})"
    except ValueError:
        return "the narrative is not well-formed XML"
    return "" if reader.content else "the narrative has no content (txt-2)"
