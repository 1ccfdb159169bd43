"""What an EHR sends, as pydantic models: lenient about what is more, strict about what we rely on.

Unknown fields and `extension` are kept. An error names the place; the value never leaves the model.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from cds.errors import RequestError
from cds.wire import JsonObject

# FHIR R4 `id`; an id becomes part of an address, so it is checked before anything else is done with
# it.
FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_DOTS = frozenset((".", ".."))

_Text = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
_Uuid = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
    ),
]
UserReference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{1,64}/[A-Za-z0-9\-.]{1,64}$")]
# RFC 3339, with a time zone.
Instant = Annotated[
    str,
    StringConstraints(
        pattern=r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$"
    ),
]


class _Open(BaseModel):
    """Keeps what it does not know; never shows its input."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)


class FhirAuthorization(_Open):
    """The EHR's access token for this request. It is never stored, logged or sent back."""

    access_token: _Text = Field(repr=False)
    token_type: Annotated[str, StringConstraints(pattern=r"^[Bb]earer$")] = "Bearer"  # noqa: S105 (a kind of token, no token)
    expires_in: int = 300
    scope: str = ""
    subject: str = ""
    patient: str | None = None


class PatientContext(_Open):
    """The context of patient-view; other fields are kept."""

    user_id: UserReference = Field(alias="userId")
    patient_id: _Text = Field(alias="patientId")
    encounter_id: _Text | None = Field(default=None, alias="encounterId")


class EncounterContext(PatientContext):
    """The context of encounter-start and encounter-discharge."""

    encounter_id: _Text = Field(alias="encounterId")


class OrderContext(PatientContext):
    """The context of order-sign. The Bundle may lack a `type`, and its orders an `intent`."""

    draft_orders: JsonObject = Field(alias="draftOrders")


class SelectContext(OrderContext):
    """The context of order-select."""

    selections: list[_Text]


class HookRequest(_Open):
    """The frame around every hook's context."""

    hook: _Text
    hook_instance: _Uuid = Field(alias="hookInstance")
    context: JsonObject
    fhir_server: _Text | None = Field(default=None, alias="fhirServer")
    fhir_authorization: FhirAuthorization | None = Field(default=None, alias="fhirAuthorization")
    prefetch: JsonObject | None = None
    extension: JsonObject | None = None


CONTEXTS: Mapping[str, type[PatientContext]] = {
    "patient-view": PatientContext,
    "encounter-start": EncounterContext,
    "encounter-discharge": EncounterContext,
    "order-select": SelectContext,
    "order-sign": OrderContext,
}


class Reason(_Open):
    """A coded reason; it may be one of the client's own."""

    code: _Text
    system: str | None = None
    display: str | None = None


class OverrideReason(_Open):
    """Why a card was overridden: a code, a comment, or both (cds-fb-3)."""

    reason: Reason | None = None
    user_comment: Annotated[str, StringConstraints(max_length=65_536)] | None = Field(
        default=None, alias="userComment"
    )

    @model_validator(mode="after")
    def says_something(self) -> "OverrideReason":
        """Refuse an empty one."""
        if self.reason is None and not self.user_comment:
            message = "needs a reason or a userComment"
            raise ValueError(message)
        return self


class AcceptedSuggestion(_Open):
    """The uuid of a suggestion that was taken."""

    id: _Text


class FeedbackItem(_Open):
    """What a user did with one card."""

    card: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    outcome: Literal["accepted", "overridden"]
    outcome_timestamp: Instant = Field(alias="outcomeTimestamp")
    accepted_suggestions: list[AcceptedSuggestion] | None = Field(
        default=None, alias="acceptedSuggestions"
    )
    override_reason: OverrideReason | None = Field(default=None, alias="overrideReason")

    @model_validator(mode="after")
    def is_whole(self) -> "FeedbackItem":
        """Accepted names what was accepted (cds-fb-2); the time is one of the calendar."""
        if self.outcome == "accepted" and not self.accepted_suggestions:
            message = "acceptedSuggestions is required when the outcome is accepted"
            raise ValueError(message)
        try:
            datetime.fromisoformat(self.outcome_timestamp.upper())
        except ValueError:
            message = "outcomeTimestamp is not a valid date and time"
            raise ValueError(message) from None
        return self


class FeedbackRequest(_Open):
    """The body of a feedback call."""

    feedback: Annotated[list[FeedbackItem], Field(min_length=1, max_length=1000)]


_Model = TypeVar("_Model", bound=BaseModel)


def shaped(kind: type[_Model], value: Any, where: str) -> _Model:
    """The value as this model.

    Raises:
        RequestError: 400, with the first place that does not fit, and how many there are.
    """
    if not isinstance(value, dict):
        raise RequestError(400, where, "is not a JSON object.", code="structure")
    try:
        # What `model_validate` calls; by itself it takes longer than that.
        return kind.__pydantic_validator__.validate_python(value)  # type: ignore[no-any-return]
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        place = "".join(
            f".{part}" if isinstance(part, str) else f"[{part}]" for part in faults[0]["loc"]
        )
        more = f" ({len(faults) - 1} more like it.)" if len(faults) > 1 else ""
        kind_of = "required" if faults[0]["type"] == "missing" else "structure"
        text = f"{faults[0]['msg']}.{more}"
        raise RequestError(400, f"{where}{place}", text, code=kind_of) from None


def fhir_id(value: str | None, where: str) -> str | None:
    """The id, when it is one.

    Raises:
        RequestError: 422; an id that is none could lead anywhere in an address.
    """
    if value is not None and (not FHIR_ID.fullmatch(value) or value in _DOTS):
        raise RequestError(
            422,
            where,
            "is not a valid FHIR id.",
            "Use 1 to 64 letters, digits, hyphens or dots.",
            code="value",
        )
    return value
