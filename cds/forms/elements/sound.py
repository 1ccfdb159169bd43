"""Whether a value surely is as FHIR has it: one fast pass, which says yes or “look closer”."""

from collections.abc import Callable, Mapping
from typing import Any

from cds.forms.elements.definitions import Definitions, Element, Type
from cds.forms.elements.invariants import JUDGES
from cds.forms.elements.scope import ElementScope
from cds.forms.values.primitives import PRIMITIVES
from cds.forms.values.texts import has_controls

Sound = Callable[[Any], bool]
_TEXTS = frozenset({"string", "markdown"})


class Sounding:
    """The fast tests of one version of FHIR, each compiled when it is first needed."""

    def __init__(self, definitions: Definitions, version: str) -> None:
        """Nothing is compiled yet."""
        self._definitions = definitions
        self._version = version
        self._made: dict[str, Sound] = {}

    def of(self, name: str, element: Element | None = None, owner: str = "") -> Sound:
        """The test of a type, as the element of another where that matters."""
        key = f"{owner}/{element.name}/{name}" if element and name in _PLACED else name
        if key not in self._made:
            type_ = self._definitions.type(name)
            scope = ElementScope(self._version, owner, element.targets if element else frozenset())
            self._made[key] = _never if type_ is None else self._compile(type_, scope)
        return self._made[key]

    def _compile(self, type_: Type, scope: ElementScope) -> Sound:
        tests = {key: self._element(one, type_.name) for key, one in type_.elements.items()}
        if type_.resource:
            tests["resourceType"] = lambda value: bool(value == type_.name)
            tests.pop("contained", None)  # what is contained is always looked at closely
        needed: list[Any] = ["resourceType"] if type_.resource else []
        needed += [keys[0] if len(keys) == 1 else keys for _, keys in type_.needed]
        choices = [keys for _, keys in type_.choices]
        judge = JUDGES.get(type_.name)

        def sound(value: Any) -> bool:
            if type(value) is not dict or not value:
                return False
            for key, part in value.items():
                test = tests.get(key)
                if test is None or not test(part):
                    return False
            if (needed and not _complete(value, needed)) or not _single(value, choices):
                return False
            return judge is None or next(judge(value, scope), None) is None

        return sound

    def _element(self, element: Element, owner: str) -> Sound:
        test = self._one(element, owner)
        if not element.many:
            return test
        most = element.most or 1_000_000

        def every(part: Any) -> bool:
            if type(part) is not list or not 0 < len(part) <= most:
                return False
            for entry in part:  # noqa: SIM110 - all() over a generator takes twice the time
                if not test(entry):
                    return False
            return True

        return every

    def _one(self, element: Element, owner: str) -> Sound:
        if element.systems is not None:
            return _never
        primitive = PRIMITIVES.get(element.type)
        if primitive is None:
            return _never if element.type == "Resource" else self._later(element, owner)
        allowed = element.allowed
        if allowed is not None:
            return lambda value: allowed(value) and primitive(value)
        if element.type in _TEXTS:
            return lambda value: (
                primitive(value) and not value.isspace() and not has_controls(value)
            )
        if element.type == "base64Binary" and self._version.startswith("5"):
            return lambda value: primitive(value) and not any(map(str.isspace, value))
        return primitive

    def _later(self, element: Element, owner: str) -> Sound:
        """The test of a type that is compiled when a value of it is first met."""
        made: list[Sound] = []

        def test(value: Any) -> bool:
            if not made:
                made.append(self.of(element.type, element, owner))
            return made[0](value)

        return test


# Types of which more is asked by where they stand.
_PLACED = frozenset({"Coding", "Reference", "Extension"})


def _never(_: Any) -> bool:
    return False


def _complete(value: Mapping[str, Any], needed: list[Any]) -> bool:
    for one in needed:
        if type(one) is str:
            if one not in value:
                return False
        elif not any(key in value for key in one):
            return False
    return True


def _single(value: Mapping[str, Any], choices: list[frozenset[str]]) -> bool:
    """Whether there is more than an id, and of each choice one."""
    if len(value) == 1:
        return "id" not in value
    return not any(len(keys.intersection(value)) > 1 for keys in choices)
