"""What an EHR is sent, as pydantic models: for the OpenAPI document and for the tests.

The cards themselves are built as plain JSON; these models are the promise that they are held to.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

_Text = Annotated[str, StringConstraints(min_length=1)]
# CDS Hooks asks for less than 140 characters; ours are read in five seconds.
Summary = Annotated[str, StringConstraints(min_length=1, max_length=90, pattern=r"^[^\r\n]+$")]
Detail = Annotated[str, StringConstraints(min_length=1, max_length=400)]
_Label = Annotated[str, StringConstraints(min_length=1, max_length=35)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
_Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class _Closed(BaseModel):
    """Nothing but what the specification names."""

    model_config = ConfigDict(extra="forbid")


class Coding(_Closed):
    """A code of a system, in words."""

    code: _Text
    system: Url
    display: _Text


class Source(_Closed):
    """On whose word."""

    label: _Text
    url: Url
    topic: Coding


class Action(_Closed):
    """A draft or a proposal that would be created."""

    type: Literal["create"]
    description: _Text
    resource: dict[str, Any]


class Suggestion(_Closed):
    """Something that a clinician may accept."""

    label: _Label
    uuid: _Uuid
    isRecommended: bool  # noqa: N815 (the wire's name)
    actions: Annotated[list[Action], Field(min_length=1)]


class Link(_Closed):
    """A SMART app, never launched by itself, or a page of the knowledge, without a patient."""

    label: _Label
    url: Url
    type: Literal["absolute", "smart"]
    appContext: _Text | None = None  # noqa: N815 (the wire's name)


class Card(_Closed):
    """One card."""

    uuid: _Uuid
    summary: Summary
    detail: Detail
    indicator: Literal["info", "warning", "critical"]
    source: Source
    suggestions: Annotated[list[Suggestion], Field(min_length=1, max_length=2)] | None = None
    selectionBehavior: Literal["any"] | None = None  # noqa: N815 (the wire's name)
    overrideReasons: Annotated[list[Coding], Field(min_length=1)] | None = None  # noqa: N815
    links: Annotated[list[Link], Field(min_length=1)] | None = None


class CardsResponse(_Closed):
    """The answer of a hook. No card at all: a finished assessment found nothing to say."""

    cards: Annotated[list[Card], Field(max_length=8)]


class ServiceEntry(_Closed):
    """One service of the discovery."""

    hook: _Text
    title: _Text
    description: _Text
    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._~-]*$")]
    prefetch: dict[str, _Text]
    usageRequirements: _Text  # noqa: N815 (the wire's name)
    version: _Text
    hookVersion: _Text  # noqa: N815 (the wire's name)


class DiscoveryResponse(_Closed):
    """The answer of GET /cds-services."""

    services: list[ServiceEntry]
