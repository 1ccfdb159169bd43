"""What an EHR is sent, as pydantic models: for the OpenAPI document and for the tests.

The cards themselves are built as plain JSON; these models are the promise that they are held to.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(min_length=1)]
# CDS Hooks asks for less than 140 characters; ours are read in five seconds.
Summary = Annotated[str, StringConstraints(min_length=1, max_length=90, pattern=r"^[^\r\n]+$")]
Detail = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=35)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class _Closed(BaseModel):
    """Nothing but what the specification names."""

    model_config = ConfigDict(extra="forbid")


class Coding(_Closed):
    """A code of a system, in words."""

    code: Text
    system: Url
    display: Text


class Source(_Closed):
    """On whose word."""

    label: Text
    url: Url
    topic: Coding


class Action(_Closed):
    """A draft or a proposal that would be created."""

    type: Literal["create"]
    description: Text
    resource: dict[str, Any]


class Suggestion(_Closed):
    """Something that a clinician may accept."""

    label: Label
    uuid: Uuid
    isRecommended: bool  # noqa: N815 (the wire's name)
    actions: Annotated[list[Action], Field(min_length=1)]


class Link(_Closed):
    """A SMART app, never launched by itself, or a page of the knowledge, without a patient."""

    label: Label
    url: Url
    type: Literal["absolute", "smart"]
    appContext: Text | None = None  # noqa: N815 (the wire's name)


class Card(_Closed):
    """One card."""

    uuid: Uuid
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

    hook: Text
    title: Text
    description: Text
    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._~-]*$")]
    prefetch: dict[str, Text]
    usageRequirements: Text  # noqa: N815 (the wire's name)
    version: Text
    hookVersion: Text  # noqa: N815 (the wire's name)


class DiscoveryResponse(_Closed):
    """The answer of GET /cds-services."""

    services: list[ServiceEntry]
