"""What emission needs besides the decision: the response it is about, the time, the addressees."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from cds.core.account import Account
from cds.core.model import Answers
from cds.core.pack import Form
from cds.fhir.primitives import instant
from cds.forms.issues import Issue

COLLECTION: Final = "collection"
TRANSACTION: Final = "transaction"


class EmissionContext:
    """One evaluation, seen from outside. Emission changes nothing in it, and asks no clock.

    `response` is the QuestionnaireResponse as JSON; its `item`, which emission does not look at,
    may be left out. `fingerprint` is the SHA-256 of its canonical form
    (`identifiers.fingerprint`). `now` is a moment, or an instant with `Z`. `version` is the
    software's.
    `blocked` says that a fault could hide an alarm (`Answers.blocked`). `answers` are the ones
    scored: only the reason for the assessment is chosen by them.

    `used` are the references of the record's resources that the decision rests on (`Facts.used`)
    and `record` their SHA-256: both stay empty when none was used, and then the record and `now`
    change no identifier. `account` tells what became of all that was handed in besides; what is
    unheard or missing in it counts for the identifier. The site options that changed something
    stand in the assessment itself.

    `problem` is the reference of the Condition that the record holds of what is assessed.

    References (`subject` to use instead of the response's own, `recipient`, `user`,
    `practitioners`) are FHIR References as JSON; what is none, or not legal where it would go, is
    left out. `practitioners` are the patient's general practitioners.
    """

    # What is not told is none, or as usual. These are set one by one: a call with so many keywords
    # takes longer than all that is done with them.
    answers: Answers | None = None
    issues: tuple[Issue, ...] = ()
    blocked: bool = False
    used: tuple[str, ...] = ()
    record: str | None = None
    account: Account | None = None
    problem: str | None = None
    subject: Mapping[str, Any] | None = None
    recipient: Any = None
    user: Any = None
    practitioners: tuple[Any, ...] = ()
    bundle: str = COLLECTION
    communicate_urgent: bool = False
    draft: bool = False

    def __init__(
        self,
        response: Mapping[str, Any],
        fingerprint: str,
        now: datetime | str,
        version: str,
        form: Form,
    ) -> None:
        self.response = response
        self.fingerprint = fingerprint
        self._now = now
        self.version = version
        self.form = form

    @property
    def now(self) -> str:
        """The instant with `Z`. It is written when it is asked for: of most cards nobody does."""
        return self._now if isinstance(self._now, str) else instant(self._now)

    def as_transaction(self) -> "EmissionContext":
        """The same, to be written as a transaction."""
        # One by one: `copy` cannot copy what is machine code.
        other = EmissionContext(self.response, self.fingerprint, self._now, self.version, self.form)
        other.answers, other.issues, other.blocked = self.answers, self.issues, self.blocked
        other.used, other.record, other.account = self.used, self.record, self.account
        other.problem, other.subject = self.problem, self.subject
        other.recipient, other.user = self.recipient, self.user
        other.practitioners, other.draft = self.practitioners, self.draft
        other.communicate_urgent, other.bundle = self.communicate_urgent, TRANSACTION
        return other
