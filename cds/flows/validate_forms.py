"""Judge Questionnaires by themselves, for their authors."""

from collections.abc import Iterable, Iterator

from cds.errors import Unreadable
from cds.flows.validate import Validated, placed
from cds.flows.validate_inputs import Document
from cds.forms.checks.form_alone import form_issues
from cds.forms.form.versions import AUTO, version_of
from cds.forms.support import Support


class FormValidator:
    """Every fault of each form, with line and column."""

    def __init__(self, support: Iterable[object] = (), *, fhir_version: str = "4.0") -> None:
        self._support = Support(support)
        self._fhir_version = fhir_version

    def results(self, documents: Iterable[Document]) -> Iterator[Validated]:
        """Judge forms one by one, in their order."""
        for document in documents:
            yield self.result(document)

    def result(self, document: Document) -> Validated:
        """Judge one form."""
        line = document.line if document.many else None
        if document.fault is not None:
            return Validated(document.where, fault=document.fault, line=line)
        form = document.value if isinstance(document.value, dict) else {}
        auto = self._fhir_version == AUTO
        version = version_of(form, {}) if auto else self._fhir_version
        issues = form_issues(document.value, self._support, version)
        if any(issue.severity == "fatal" for issue in issues):
            hint = "With --form-only, FILES are Questionnaires."
            fault = Unreadable(document.where, "is not a Questionnaire.", hint, line=document.line)
            return Validated(document.where, fault=fault, line=line)
        own = form.get("id")
        return Validated(
            document.where,
            tuple(placed(issues, document, "Questionnaire")),
            line=line,
            id=own if isinstance(own, str) else None,
        )
