"""A decision with all that is needed to send it out, in each of its forms."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from cds.core.account import Account
from cds.core.model import Assessment, Facts, Finding, Level
from cds.core.pack import Pack
from cds.core.scoring import NO_FACTS
from cds.fhir.context import EmissionContext
from cds.forms.issues import BLOCKING, Issue
from cds.wire import JsonObject


class Assessed(NamedTuple):
    """A decision with all that is needed to send it out.

    `issues` are the response's faults as `assess` weighs them; `invalid` says that one of them
    could hide an alarm (exit code 1).
    """

    assessment: Assessment
    pack: Pack
    context: EmissionContext
    facts: Facts = NO_FACTS

    @property
    def response(self) -> JsonObject:
        """The response that was assessed."""
        return dict(self.context.response)

    @property
    def subject(self) -> str | None:
        """The reference of whom the response is about, as it stands or was given."""
        given = self.context.subject or self.context.response.get("subject")
        reference = given.get("reference") if isinstance(given, Mapping) else None
        return reference if isinstance(reference, str) else None

    @property
    def level(self) -> Level:
        """The triage level."""
        return self.assessment.level

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The rules that fired, most urgent first."""
        return self.assessment.findings

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What is wrong with the response."""
        return self.context.issues

    @property
    def account(self) -> Account | None:
        """What became of everything handed in beside the response; None where nothing was."""
        return self.context.account

    @property
    def invalid(self) -> bool:
        """Whether a fault of the response could hide an alarm."""
        return any(issue.severity in BLOCKING for issue in self.context.issues)

    def document(self) -> JsonObject:
        """The decision document (schema cramp-cds/assessment/1)."""
        from cds.fhir.document import document  # noqa: PLC0415 - as `to_fhir`

        return document(self.assessment, self.pack, self.context)

    def to_bytes(self) -> bytes:
        """The FHIR R4 Bundle as JSON in UTF-8: the fastest way to it.

        Raises:
            ResponseError: the response has no subject and none was given.
        """
        assessment, pack, context, _ = self
        return _emission()(assessment, pack, context)

    def to_fhir(self) -> JsonObject:
        """The same Bundle as plain JSON values.

        Raises:
            ResponseError: the response has no subject and none was given.
        """
        from cds.fhir.emit import emit  # noqa: PLC0415 - as `to_bytes`

        return emit(self.assessment, self.pack, self.context)

    def to_models(self) -> Any:
        """The same Bundle as `fhir.resources` R4B models."""
        from cds.fhir.typed import to_models  # noqa: PLC0415 - 0.4 s of imports, only where asked for

        return to_models(self.to_fhir())

    def warnings(self) -> tuple[Issue, ...]:
        """What the sender should know about the bundle, such as a message without a recipient."""
        from cds.fhir.emit import warnings  # noqa: PLC0415 - as `to_fhir`

        return warnings(self.assessment, self.context)


@cache
def _emission() -> Callable[[Assessment, Pack, EmissionContext], bytes]:
    """What makes the bundle; cached: the import statement costs a microsecond a call."""
    from cds.fhir.emit import emit_bytes  # noqa: PLC0415 - a text decision needs none of it

    return emit_bytes
