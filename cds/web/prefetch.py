"""What is asked of the EHR, and what it gave: the states of a prefetch key are told apart.

Absent (the client did not do it), null (there is nothing), an OperationOutcome (its query failed),
a page of more, and nonsense are five different things, and only "there is nothing" is ever taken
for it.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

from cds.core.pack import Pack
from cds.wire import JsonObject

PATIENT, RESPONSES = "patient", "responses"
CONDITIONS, MEDICATIONS, LABS, PROCEDURES = "conditions", "medications", "labs", "procedures"
KEYS = (PATIENT, RESPONSES, CONDITIONS, MEDICATIONS, LABS, PROCEDURES)
# Key → the resource types that belong under it.
TYPES: Mapping[str, tuple[str, ...]] = {
    PATIENT: ("Patient",),
    RESPONSES: ("QuestionnaireResponse",),
    CONDITIONS: ("Condition",),
    MEDICATIONS: ("MedicationRequest", "MedicationStatement"),
    LABS: ("Observation",),
    PROCEDURES: ("Procedure",),
}


class State(Enum):
    """What became of one key."""

    GIVEN = "given"  # data, whole
    EMPTY = "empty"  # null, or a search that found nothing
    PARTIAL = "partial"  # data, but the EHR said that there is more, or that a part failed
    ABSENT = "absent"  # not sent
    FAILED = "failed"  # the client's own query failed, or ours did
    WRONG = "wrong"  # something that does not belong under this key

    def __init__(self, value: str) -> None:
        """Plain attributes: each key of each call is asked for them several times.

        `whole`: whether a conclusion may be drawn from what is not in it; `known`: from what is.
        """
        self.whole = value in {"given", "empty"}
        self.known = self.whole or value == "partial"


class Supply(NamedTuple):
    """One key: its state, resources, the address of the next page, and whether we fetched it."""

    key: str
    state: State
    resources: tuple[JsonObject, ...] = ()
    next: str | None = None
    fetched: bool = False
    why: str = ""


Supplies = Mapping[str, Supply]


def templates(pack: Pack) -> dict[str, str]:
    """Prefetch key → FHIR query, within the subset that clients are known to support.

    Newest first, so that a page that ends early ends with what matters least.
    """
    # FHIR finds every version by the bare canonical; servers that compare texts need the version.
    forms = ",".join(f"{form.url},{form.url}|{form.version}" for form in pack.forms)
    of_patient = "patient={{context.patientId}}"
    return {
        PATIENT: "Patient/{{context.patientId}}",
        RESPONSES: (
            f"QuestionnaireResponse?{of_patient}&questionnaire={forms}&_sort=-authored&_count=20"
        ),
        CONDITIONS: f"Condition?{of_patient}&_count=100",
        MEDICATIONS: f"MedicationRequest?{of_patient}&status=active&_count=100",
        LABS: f"Observation?{of_patient}&category=laboratory&_sort=-date&_count=100",
        PROCEDURES: f"Procedure?{of_patient}&_count=100",
    }


def supplied(prefetch: Mapping[str, Any] | None) -> dict[str, Supply]:
    """Every key of ours in the state in which the client left it."""
    given = prefetch or {}
    return {key: read(key, given[key]) if key in given else _ABSENT[key] for key in KEYS}


_ABSENT = {key: Supply(key, State.ABSENT, why="not sent") for key in KEYS}


def read(key: str, value: Any, *, fetched: bool = False) -> Supply:
    """One value as a supply. It may be null, a resource, a Bundle, or anything at all."""
    if value is None:
        return Supply(key, State.EMPTY, fetched=fetched)
    kind = value.get("resourceType") if isinstance(value, dict) else None
    if kind == "OperationOutcome":
        return Supply(key, State.FAILED, fetched=fetched, why="the query failed")
    if kind in TYPES[key]:
        return Supply(key, State.GIVEN, (value,), fetched=fetched)
    if kind != "Bundle":
        return Supply(key, State.WRONG, fetched=fetched, why="not the resource that was asked for")
    return _bundle(key, value, fetched=fetched)


def _bundle(key: str, bundle: JsonObject, *, fetched: bool) -> Supply:
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        return Supply(key, State.WRONG, fetched=fetched, why="a Bundle that cannot be read")
    found: list[JsonObject] = []
    partial = False
    for entry in entries:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if not isinstance(resource, dict) or not isinstance(kind, str):
            return Supply(key, State.WRONG, fetched=fetched, why="a Bundle that cannot be read")
        if kind == "OperationOutcome":
            partial = partial or _is_failure(resource)
        else:
            found.append(resource)
    following = _next(bundle) if "link" in bundle else None
    if partial or following:
        why = "only a part was given"
        return Supply(key, State.PARTIAL, tuple(found), following, fetched=fetched, why=why)
    state = State.GIVEN if found else State.EMPTY
    return Supply(key, state, tuple(found), fetched=fetched)


def _is_failure(outcome: JsonObject) -> bool:
    issues = outcome.get("issue")
    return not isinstance(issues, list) or any(
        not isinstance(issue, dict) or issue.get("severity") in {"fatal", "error"}
        for issue in issues
    )


def _next(bundle: JsonObject) -> str | None:
    links = bundle["link"]
    for link in links if isinstance(links, list) else ():
        if (
            isinstance(link, dict)
            and link.get("relation") == "next"
            and isinstance(link.get("url"), str)
        ):
            return str(link["url"])
    return None


def record_of(supplies: Supplies) -> list[JsonObject]:
    """Everything but the responses: what the EHR knows of the patient."""
    return [
        resource
        for key in KEYS
        if key != RESPONSES and key in supplies
        for resource in supplies[key].resources
    ]


def missing(supplies: Supplies, keys: Sequence[str] = KEYS) -> list[Supply]:
    """The keys that brought nothing to conclude from."""
    return [supplies[key] for key in keys if not supplies[key].state.known]


def incomplete(supplies: Supplies) -> list[Supply]:
    """The keys from whose silence nothing follows: missing ones, and those with more pages."""
    return [supply for supply in supplies.values() if not supply.state.whole]
