"""A QuestionnaireResponse as FHIR's own definitions have it, without its form.

Every element, its type and count, the invariants of its datatype, and what is contained. A fast
pass says that nothing is wrong with most values; what it doubts is walked, with words.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from cds.forms.checks.context import Context, clip, issue
from cds.forms.elements import advice
from cds.forms.elements.contained import contained_problems, contained_types
from cds.forms.elements.definitions import RESPONSE, Definitions, Element, Type, definitions
from cds.forms.elements.invariants import JUDGES
from cds.forms.elements.scope import ElementScope, Problem
from cds.forms.elements.siblings import extensions_beside, sibling_problems
from cds.forms.elements.sound import Sounding
from cds.forms.issues import Issue
from cds.forms.questionnaire import MAX_DEPTH
from cds.forms.response.tree import ROOT
from cds.forms.terms.code_systems import systems_named
from cds.forms.values.primitives import PRIMITIVES
from cds.forms.values.texts import has_controls
from cds.wire import objects

_ITEM, _ANSWER = f"{RESPONSE}.item", f"{RESPONSE}.item.answer"
_BLANK = "the text holds nothing but blanks"


def check_shape(context: Context) -> Iterator[Issue]:
    """Judge the resource without its form."""
    response, tree = context.response, context.tree
    if not tree.has_plain_head:
        if tree.partial:
            response = {key: part for key, part in response.items() if key != "item"}
        if not _sounding(context.fhir_version).of(RESPONSE)(response):
            yield from resource_issues(response, ROOT, context)
    close = tree.close() if tree.partial else ()
    if close:
        walk = _Walk(context, context.response)
        for node in context.timed(close):
            yield from walk.item(node.json, node.expression)


def resource_issues(
    resource: Mapping[str, Any], here: str, context: Context, *, of_the_form: bool = False
) -> Iterator[Issue]:
    """What is wrong with a resource by FHIR's own definitions; `of_the_form`: it is a form."""
    whole = resource if of_the_form else context.response
    walk = _Walk(context, whole, of_the_form=of_the_form)
    yield from walk.resource(resource, here, inside=False)


@lru_cache(maxsize=3)
def _sounding(version: str) -> Sounding:
    return Sounding(definitions(version), version)


class _Walk:
    """One walk through a response; `depth` counts the objects above."""

    def __init__(
        self, context: Context, resource: Mapping[str, Any], *, of_the_form: bool = False
    ) -> None:
        self._context = context
        self._of_the_form = of_the_form
        self._definitions: Definitions = definitions(context.fhir_version)
        self._sounding = _sounding(context.fhir_version)
        self._depth = 0
        self._link_id: str | None = None
        self._whole = resource  # what refers to the contained may be left out of the walk
        self._contained: Mapping[str, str] = contained_types(resource)
        self._inside = False

    def resource(self, value: Mapping[str, Any], here: str, *, inside: bool) -> Iterator[Issue]:
        """Judge a resource: the response, or one that it contains."""
        name = value.get("resourceType")
        type_ = self._definitions.resource(name) if isinstance(name, str) else None
        if type_ is None:
            text = (
                "a resource has no resourceType"
                if name is None
                else "this version of FHIR has no such resource"
            )
            yield self._said("structure", here, text, name)
            return
        was, self._inside = self._inside, inside
        yield from self.part(value, type_, here, ElementScope(owner=name or ""))
        if not inside:
            for problem in contained_problems(self._whole):
                yield self._problem(problem, here)
        self._inside = was

    def item(self, value: Any, here: str) -> Iterator[Issue]:
        """Judge one item of the response by itself."""
        owner = self._definitions.resource(RESPONSE)
        if owner is not None:
            self._depth = 1
            yield from self.value(value, owner.elements["item"], here, owner)

    def part(
        self, value: Mapping[str, Any], type_: Type, here: str, scope: ElementScope
    ) -> Iterator[Issue]:
        """Judge an object of a type, element by element."""
        # Deeper items are refused by the structure check, once.
        if self._depth > MAX_DEPTH * 2:
            return
        if type_.name == _ANSWER and not _has_content(value):
            yield self._said("emptyAnswer", here, "the answer has neither a value nor items")
            return
        if not value or value.keys() == {"id"}:
            rule = "emptyAnswer" if type_.name == _ITEM else "structure"
            yield self._said(rule, here, f"{type_.short} has no content")
            return
        link_id = value.get("linkId") if type_.name == _ITEM else None
        above, self._link_id = self._link_id, link_id if isinstance(link_id, str) else self._link_id
        self._depth += 1
        yield from self._elements(value, type_, here)
        yield from self._counts(value, type_, here)
        judge = JUDGES.get(type_.name)
        if judge is not None:
            for problem in judge(value, self._scope(scope)):
                yield self._problem(problem, here)
        self._depth -= 1
        self._link_id = above

    def _scope(self, scope: ElementScope) -> ElementScope:
        version = self._context.fhir_version
        return ElementScope(version, scope.owner, scope.targets, self._contained, self._inside)

    def _elements(self, value: Mapping[str, Any], type_: Type, here: str) -> Iterator[Issue]:
        for key, part in value.items():
            element = type_.elements.get(key)
            if element is not None:
                yield from self._element(part, element, value.get(f"_{key}"), here, type_)
            elif key[:1] == "_" and (sibling := type_.elements.get(key[1:])) is not None:
                yield from self._sibling(key, part, sibling, value, here)
            elif key != "resourceType" or not type_.resource:
                text = f"{type_.short} has no element '{clip(key, 60)}'"
                yield self._said("structure", here, text, help_=advice.UNKNOWN_ADVICE)

    def _counts(self, value: Mapping[str, Any], type_: Type, here: str) -> Iterator[Issue]:
        for name, keys in type_.needed:
            # An item without its linkId is told by the structure check.
            if name == "linkId" and type_.name == _ITEM and self._context.questionnaire.raw:
                continue
            # A response without its form has a rule of its own.
            if name == "questionnaire" and type_.name == RESPONSE:
                continue
            if not any(key in value or f"_{key}" in value for key in keys):
                what = (
                    f"{name} is missing" if self._depth == 1 else f"'{type_.short}' has no {name}"
                )
                yield self._said("structure", here, what, help_=advice.MISSING_ADVICE)
        for name, choice in type_.choices:
            given = sorted(choice.intersection(key.lstrip("_") for key in value))
            if len(given) > 1:
                one = "an answer" if type_.name == _ANSWER else type_.short
                text = f"{one} has one {name}, this one has {', '.join(given)}"
                yield self._said("structure", here, text, help_=advice.ONE)

    def _element(
        self, part: Any, element: Element, sibling: Any, above: str, type_: Type
    ) -> Iterator[Issue]:
        place = element.place(above)
        if not element.many:
            yield from self.value(part, element, place, type_)
        elif not isinstance(part, list):
            text = f"'{element.name}' must be an array"
            yield self._said("structure", place, text, help_=advice.ARRAY)
        elif not part:
            rule = "emptyAnswer" if element.name in {"item", "answer"} else "structure"
            yield self._said(rule, above, f"'{element.name}' is an empty array; leave it out")
        else:
            if element.most is not None and len(part) > element.most:
                text = f"at most {element.most} of '{element.name}' may be there"
                yield self._said("structure", place, text)
            beside = sibling if element.primitive and isinstance(sibling, list) else []
            for index, entry in enumerate(self._context.timed(part)):
                if entry is None and index < len(beside):  # `_siblings` looks at what stands there
                    continue
                yield from self.value(entry, element, f"{place}[{index}]", type_)

    def value(self, part: Any, element: Element, here: str, owner: Type) -> Iterator[Issue]:
        """Judge one value of an element."""
        name = element.name
        if element.primitive:
            yield from self._primitive(part, element, here)
        elif not isinstance(part, dict):
            # Strays among items are named by the structure check.
            if element.type != _ITEM:
                text = f"'{name}' must be an object"
                yield self._said("structure", here, text, help_=advice.OBJECT)
        elif element.type == "Resource":
            self._depth += 1
            yield from self.resource(part, here, inside=True)
            self._depth -= 1
        elif not self._sounding.of(element.type, element, owner.name)(part):
            type_ = self._definitions.type(element.type)
            if type_ is not None:
                scope = ElementScope(owner=owner.name, targets=element.targets)
                yield from self.part(part, type_, here, scope)
                yield from self._bound(part, element, here)

    def _primitive(self, part: Any, element: Element, here: str) -> Iterator[Issue]:
        name, type_ = element.name, element.type
        if not PRIMITIVES[type_](part):
            text, help_ = f"'{name}' is not a valid {type_}", advice.WRITTEN.get(type_)
            yield self._said("value", here, text, part, help_=help_)
        elif element.allowed is not None and not element.allowed(part):
            text = f"'{name}' is not one of the codes that FHIR allows here"
            help_, bound = self._definitions.offered(element.value_set), element.value_set
            yield self._said("binding", here, text, part, diagnostics=bound, help_=help_)
        elif type_ in {"string", "markdown"} and part.isspace():
            yield self._said("blank", here, _BLANK)
        elif type_ in {"string", "markdown"} and has_controls(part):
            yield self._said("controls", here, f"'{name}' holds control characters")
        elif type_ == "base64Binary" and self._is_r5 and any(map(str.isspace, part)):
            yield self._said("value", here, f"'{name}' must not have blanks in R5")

    @property
    def _systems_of_the_form(self) -> frozenset[str]:
        if self._of_the_form:
            return frozenset()
        form = self._context.questionnaire
        if "systems" not in form.compiled:
            form.compiled["systems"] = frozenset(systems_named(form.raw))
        systems: frozenset[str] = form.compiled["systems"]
        return systems

    @property
    def _is_r5(self) -> bool:
        return self._context.fhir_version.startswith("5")

    def _bound(self, part: Mapping[str, Any], element: Element, here: str) -> Iterator[Issue]:
        """The codes of a concept, where FHIR fixes the value set."""
        if element.systems is None:
            return
        codings = part.get("coding") if element.type == "CodeableConcept" else [part]
        coded = [one for one in objects(codings) if "code" in one]
        if coded and not any(
            one.get("code") in element.systems.get(str(one.get("system")), ()) for one in coded
        ):
            text = f"'{element.name}' has no code that FHIR allows here"
            yield self._said("binding", here, text, coded[0], diagnostics=element.value_set)

    def _sibling(
        self, key: str, part: Any, element: Element, owner: Mapping[str, Any], above: str
    ) -> Iterator[Issue]:
        place = element.place(above)
        for problem in sibling_problems(key, part, element, owner):
            yield self._problem(problem, place)
        type_ = self._definitions.type("Extension") if element.primitive else None
        if type_ is not None:
            for below, listed in extensions_beside(part, element):
                extension = type_.elements["extension"]
                yield from self._element(listed, extension, None, place + below, _PRIMITIVE)

    def _said(self, rule: str, here: str, text: str, found: object = None, **more: Any) -> Issue:
        return issue(rule, here, text, found=found, link_id=self._link_id, **more)

    def _problem(self, problem: Problem, here: str) -> Issue:
        if problem.below == ".system" and problem.found in self._systems_of_the_form:
            # Who answers takes the system from the form: what is wrong with it is the form's.
            problem = problem._replace(severity="warning")
        return issue(
            problem.rule,
            f"{here}{problem.below}",
            problem.text,
            found=problem.found,
            link_id=self._link_id,
            severity=problem.severity,
            help_=advice.way_out(problem.text),
        )


_PRIMITIVE = Type("Element", {}, (), (), frozenset(), resource=False)


def _has_content(answer: Mapping[str, Any]) -> bool:
    return any(
        key in {"item", "extension", "modifierExtension"} or "value" in key for key in answer
    )
