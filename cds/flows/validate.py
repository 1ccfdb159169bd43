"""Validate responses as they come: each against its form, every issue with its line and column."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cds import wire
from cds.core.remember import remember
from cds.errors import Unreadable
from cds.flows.fhir_xml import nearest_place
from cds.flows.validate_inputs import TO_ENTRY, Document
from cds.forms.form.assembly import assembled
from cds.forms.form.versions import AUTO, version_of
from cds.forms.issues import Issue
from cds.forms.questionnaire import Questionnaire, compile_questionnaire
from cds.forms.response.places import places, steps_of
from cds.forms.support import Support
from cds.forms.validate import validate
from cds.wire import JsonObject

ERRORS = frozenset({"error", "fatal"})
MAX_COMPILED = 64
_TYPE = re.compile(r"[A-Z][A-Za-z]{1,40}")


Moved = Sequence[Mapping[str, str]]


class Validated(NamedTuple):
    """One input with its issues, or with the fault that kept it from being read.

    `line`: of the file, where each line is an input. `id`: the response's own, where it has one.
    `left_out`: how many issues the caller chose not to hear of.
    """

    where: str
    issues: tuple[Issue, ...] = ()
    fault: Unreadable | None = None
    line: int | None = None
    id: str | None = None
    left_out: int = 0

    @property
    def valid(self) -> bool:
        """Whether it could be read and has no error; warnings do not count."""
        return self.fault is None and not any(issue.severity in ERRORS for issue in self.issues)


class Validator:
    """A form or the support to find forms in, compiled once for many responses.

    `questionnaire` is the form for all responses; without it, the one that each response names is
    looked for in the response, in `support`, and by `installed`, which is given its canonical.
    `moved`: where earlier versions of such a form had items, for `compile_questionnaire`.
    """

    def __init__(
        self,
        questionnaire: JsonObject | None = None,
        support: Iterable[object] = (),
        *,
        fhir_version: str = "4.0",
        installed: Callable[[str], JsonObject | None] | None = None,
        moved: Callable[[str], Moved] | None = None,
        behind: Support | None = None,
    ) -> None:
        self._support = Support(support, behind=behind)
        self._fhir_version = fhir_version
        self._installed = installed
        self._moved = moved
        self._form = (
            compile_questionnaire(assembled(questionnaire, self._support))
            if questionnaire is not None
            else None
        )
        # By what the form says, with its sub-forms: two Bundles may hold different ones.
        self._compiled: dict[bytes, Questionnaire] = {}
        self._bundle: tuple[JsonObject, Support] | None = None
        # Of one support, by id(): the form beside it is held, so nothing else can have that id.
        self._here: dict[int, tuple[JsonObject, Questionnaire]] = {}
        self._here_of: Support | None = None

    def version(self, form: JsonObject, response: JsonObject) -> str:
        """The version of FHIR to go by: the one asked for, or the one that both are written in."""
        return version_of(form, response) if self._fhir_version == AUTO else self._fhir_version

    def validate(self, response: object, *, beside: JsonObject | None = None) -> list[Issue]:
        """Every issue of one response, without places in a text.

        `beside` is a Bundle whose form and value sets may be used too.
        """
        if not isinstance(response, dict):
            return validate({}, None)
        support = self._support if beside is None else self._opened(beside)
        form = self._form or self._named(response, support)
        version = self.version(form.raw if form else {}, response)
        return validate(response, form, support=support, fhir_version=version)

    def _opened(self, bundle: JsonObject) -> Support:
        """The support with what a Bundle holds; kept, as all its responses come in a row."""
        if self._bundle is None or self._bundle[0] is not bundle:
            self._bundle = bundle, Support([bundle], behind=self._support)
        return self._bundle[1]

    def _named(self, response: JsonObject, support: Support) -> Questionnaire | None:
        """The form that the response names, compiled.

        None leaves it to `validate` to say what is missing.
        """
        canonical = response.get("questionnaire")
        if not isinstance(canonical, str) or canonical.startswith("#"):
            return None
        url = canonical.partition("|")[0]
        form = support.find("Questionnaire", canonical) or support.find("Questionnaire", url)
        moved: Moved = ()
        if form is None and self._installed is not None and url not in support.types_by_url:
            form = self._installed(canonical)
            moved = self._moved(canonical) if self._moved is not None else ()
        if form is None:
            return None
        if self._here_of is not support:
            self._here, self._here_of = {}, support
        known = self._here.get(id(form))
        if known is not None:
            return known[1]
        made = form, self._compiled_once(assembled(form, support), moved)
        return remember(self._here, id(form), made, MAX_COMPILED)[1]

    def _compiled_once(self, form: JsonObject, moved: Moved) -> Questionnaire:
        """The form compiled, as one that says the same was before."""
        try:
            said = wire.write(form) + repr(moved).encode()
        except (TypeError, ValueError, RecursionError):  # no JSON: handed in from Python
            return compile_questionnaire(form, moved)
        found = self._compiled.get(said)
        if found is None:
            found = remember(self._compiled, said, compile_questionnaire(form, moved), MAX_COMPILED)
        return found

    def result(self, document: Document) -> Validated:
        """Validate one document; issues get line and column where its text is at hand."""
        line = document.line if document.many else None
        if document.fault is not None:
            return Validated(document.where, fault=document.fault, line=line)
        issues = self.validate(document.value, beside=document.beside)
        if any(issue.severity == "fatal" for issue in issues):
            fault = Unreadable(
                document.where, *_not_a_response(document.value), line=document.line, column=1
            )
            return Validated(document.where, fault=fault, line=line)
        own = document.value.get("id")
        return Validated(
            document.where,
            tuple(placed(issues, document)),
            line=line,
            id=own if isinstance(own, str) else None,
        )

    def results(self, documents: Iterable[Document]) -> Iterator[Validated]:
        """Validate documents one by one, in their order."""
        for document in documents:
            yield self.result(document)


def _not_a_response(value: object) -> tuple[str, str]:
    """What was given instead of a response, and what to do."""
    hint = "Give a response, a Bundle or NDJSON of responses."
    if isinstance(value, list):
        return "is an array, not a QuestionnaireResponse.", hint
    type_ = value.get("resourceType") if isinstance(value, dict) else None
    if type_ == "Bundle":
        return "is a Bundle without a QuestionnaireResponse.", "Nothing was validated."
    if type_ == "Questionnaire":
        hint = "Give the form with --questionnaire, and the response as FILE."
        return "is a Questionnaire, not a response to one.", hint
    if isinstance(type_, str) and _TYPE.fullmatch(type_):
        return f"is a {type_}, not a QuestionnaireResponse.", hint
    return "is not a QuestionnaireResponse: it has no resourceType that FHIR defines.", hint


def placed(
    issues: list[Issue], document: Document, root: str = "QuestionnaireResponse"
) -> list[Issue]:
    """The issues of a resource with line and column, found in one walk over the text."""
    own = [one for one in issues if one.expression.partition(".")[0] == root]
    if document.text is None or not own:
        return issues
    ways = {issue.expression: (*document.steps, *steps_of(issue.expression)) for issue in own}
    if document.places is not None:
        found = {way: nearest_place(document.places, way) for way in ways.values()}
    elif document.entries is not None:
        found = document.entries.of(document.steps[:TO_ENTRY], ways.values())
    else:
        found = places(document.text, ways.values())
    placed = []
    for issue in issues:
        place = found.get(ways[issue.expression]) if issue.expression in ways else None
        if place is None:
            placed.append(issue)
        else:
            placed.append(issue._replace(line=place[0] + document.line - 1, column=place[1]))
    return placed
