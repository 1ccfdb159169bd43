"""What is asked of the EHR, and what it gave: the states of a prefetch key are told apart.

Absent (the client did not do it), null (there is nothing), an OperationOutcome (its query failed),
a page of more, and nonsense are five different things, and only "there is nothing" is ever taken
for it.
"""

from collections.abc import Collection, Mapping
from typing import Any, Literal, NamedTuple

from cds.core.account import CONDITION, MEDICINE, OTHER, PROCEDURE, RESULT, Missing
from cds.core.pack import Pack
from cds.record.walk import RecordWalk, envelope_of
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


_KINDS: Mapping[str, tuple[str, ...]] = {
    PATIENT: (OTHER,),
    CONDITIONS: (CONDITION,),
    MEDICATIONS: (MEDICINE,),
    LABS: (RESULT,),
    PROCEDURES: (PROCEDURE,),
}


# What became of one key.
Arrival = Literal[
    "given",  # data, whole
    "empty",  # null, or a search that found nothing
    "partial",  # data, but the EHR said that there is more, or that a part failed
    "absent",  # not sent
    "failed",  # the client's own query failed, or ours did
    "unsupported",  # the EHR has no such query at all: that is how it is, and no failure
    "wrong",  # something that does not belong under this key
]
# Of a whole key, what is not in it is not so; of a known one, what is in it is so.
WHOLE: frozenset[Arrival] = frozenset(("given", "empty"))
KNOWN: frozenset[Arrival] = WHOLE | {"partial"}


class Supply(NamedTuple):
    """One key: its state, resources, the address of the next page, and whether we fetched it."""

    key: str
    state: Arrival
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


# What every server that keeps answers can be asked for; those of other forms are left out here.
PLAIN: Mapping[str, str] = {RESPONSES: "QuestionnaireResponse?patient={patient}&_count=100"}


def supplied(prefetch: Mapping[str, Any] | None) -> dict[str, Supply]:
    """Every key of ours in the state in which the client left it."""
    given = prefetch or {}
    return {key: supply_of(key, given[key]) if key in given else _ABSENT[key] for key in KEYS}


_ABSENT = {key: Supply(key, "absent", why="not sent") for key in KEYS}
_EMPTY = {key: Supply(key, "empty") for key in KEYS}


def supply_of(key: str, value: Any, *, fetched: bool = False) -> Supply:
    """One value as a supply. It may be null, a resource, a Bundle, or anything at all."""
    if value is None:
        return Supply(key, "empty", fetched=fetched)
    kind = value.get("resourceType") if isinstance(value, dict) else None
    if kind == "Bundle":
        return _bundle(key, value, fetched)
    if kind == "OperationOutcome":
        if _says(value, "code", UNSUPPORTED):
            return Supply(key, "unsupported", fetched=fetched, why="not offered by this EHR")
        return Supply(key, "failed", fetched=fetched, why="the query failed")
    if kind in TYPES[key]:
        return Supply(key, "given", (value,), fetched=fetched)
    return Supply(key, "wrong", fetched=fetched, why="not the resource that was asked for")


def _bundle(key: str, bundle: JsonObject, fetched: bool) -> Supply:  # noqa: FBT001 - as it is stored
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        return Supply(key, "wrong", fetched=fetched, why="a Bundle that cannot be read")
    found: list[JsonObject] = []
    partial = False
    matches = 0
    wanted = TYPES[key]
    for entry in entries:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if not isinstance(resource, dict) or not isinstance(kind, str):
            return Supply(key, "wrong", fetched=fetched, why="a Bundle that cannot be read")
        if kind == "OperationOutcome":
            partial = partial or not _says(resource, "severity", HARMLESS)
        else:
            found.append(resource)
            matches += kind in wanted
    total = bundle.get("total")
    counted = total is None or (type(total) is int and total <= matches)
    # Of the usual one the walk has nothing to say.
    if partial or not counted or not _SAYS_MORE.isdisjoint(bundle):
        following = _next(bundle) if "link" in bundle else None
        if partial or following or _is_short(bundle, matches):
            why = "only a part was given"
            return Supply(key, "partial", tuple(found), following, fetched=fetched, why=why)
    if not found and not fetched:
        return _EMPTY[key]
    return Supply(key, "given" if found else "empty", tuple(found), None, fetched)


# Where a Bundle says more of itself than how many matches there are.
_SAYS_MORE = frozenset(("link", "issues", "contained", "meta"))


def _is_short(bundle: JsonObject, matches: int) -> bool:
    """Whether a Bundle says of itself that something is not here, in any shape that was seen."""
    walk = RecordWalk()
    for _ in walk.resources(envelope_of(bundle, matches)):
        pass
    return bool(walk.gaps)


UNSUPPORTED = frozenset(("not-supported",))
# What an outcome beside the results may say without anything being left out.
HARMLESS = frozenset(("information", "success"))


def _says(outcome: JsonObject, element: str, words: Collection[str]) -> bool:
    """Whether every issue of the outcome has one of these words there; without an issue, no."""
    issues = outcome.get("issue")
    listed = issues if isinstance(issues, list) else []
    return bool(listed) and all(
        isinstance(issue, dict) and isinstance(issue.get(element), str) and issue[element] in words
        for issue in listed
    )


def _next(bundle: JsonObject) -> str | None:
    links = bundle["link"]
    for link in links if isinstance(links, list) else [links]:
        if (
            isinstance(link, dict)
            and str(link.get("relation")).strip().casefold() == "next"
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


def missing_of(supplies: Supplies) -> tuple[Missing, ...]:
    """What of the record did not come, whole or at all, and what it could have held."""
    return tuple(
        [
            Missing(one.key, one.why, _KINDS[one.key])
            for one in incomplete(supplies)
            if one.key != RESPONSES
        ]
    )


def incomplete(supplies: Supplies) -> list[Supply]:
    """The keys from whose silence nothing follows: those that brought nothing, or only a part."""
    return [supply for supply in supplies.values() if supply.state not in WHOLE]
