"""Every resource of what was handed in: resources, Bundle entries, Bundles, in any mixture.

What came instead of a resource is kept too: an outcome, an entry that failed, a page not here.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cds import wire
from cds.core.account import Missing
from cds.record.shapes import as_list, as_many, as_object, text_at
from cds.wire import JsonObject

Located = tuple[JsonObject, str | None]
# (url of what was deleted, its entry)
Deleted = tuple[str, JsonObject]
CONTAINERS = frozenset(("Bundle", "Parameters", "OperationOutcome"))
_OF_A_CONTAINER = frozenset(
    {
        *("resourceType", "id", "meta", "implicitRules", "language", "identifier", "type"),
        *("timestamp", "total", "link", "entry", "signature", "issues", "parameter", "issue"),
        "text",
    }
)
_MAY_STAND_THERE = _OF_A_CONTAINER | {"contained"}
# What an entry of a Bundle has that is more than a resource, or another thing.
_OF_AN_ANSWER = frozenset(("resourceType", "request", "response"))
_LONGEST_CODE = 40
_NOT_SERIOUS = frozenset(("information", "success"))
# Security labels that say that something was taken out (HL7's v3-ObservationValue).
_LABELS = ("security", "tag")
_REDUCED = {
    "SUBSETTED": "a part was left out",
    "REDACTED": "a part was withheld",
    "MASKED": "a part was withheld",
}
# What a parameter may hold in the place of a resource.
_INSTEAD = ("valueReference", "valueAttachment", "valueBase64Binary")
_LONGEST_NUMBER = 20
_NOTHING_TAKEN_OUT = ()


class RecordWalk:
    """One pass over what was handed in; what is no resource is kept beside them."""

    def __init__(self) -> None:
        """Nothing was handed in yet."""
        self.missing: list[Missing] = []
        self.deleted: list[Deleted] = []
        self.nonsense: list[str] = []  # the places of what is no resource
        self._pages: list[tuple[str, str]] = []  # (place, address of the page that follows)
        self._own: set[str] = set()  # the addresses of the pages that are here
        self._totals: dict[int, int] = {}  # what a search found → how much of it is here

    def resources(self, items: Iterable[Any]) -> Iterator[Located]:
        """Each resource with the fullUrl of its entry, if any."""
        yield from self._each(items)
        self._settle()

    def _each(self, items: Iterable[Any]) -> Iterator[Located]:
        for number, item in enumerate(items, 1):
            usual = _usual(item)
            if usual is not None:
                yield usual
            else:
                yield from self._any(item, f"entry {number}")

    @property
    def gaps(self) -> list[Missing]:
        """What did not come, and what came in its place and is no resource."""
        empty = [Missing(place, "it holds no resource") for place in self.nonsense]
        return [*self.missing, *empty]

    def _any(self, item: object, place: str) -> Iterator[Located]:
        if not isinstance(item, dict):
            self.nonsense.append(place)
            return
        kind = item.get("resourceType")
        if isinstance(kind, str) and kind in CONTAINERS:
            yield from self._beside(item, place)
        if kind == "Bundle":
            yield from self._bundle(item, place)
        elif kind == "Parameters":
            yield from self._parameters(item.get("parameter"), place)
        elif kind == "OperationOutcome":
            self._outcome(item, "the record")
        elif isinstance(kind, str):
            yield item, None
        else:
            yield from self._entry(item, place)

    def _bundle(self, bundle: JsonObject, place: str) -> Iterator[Located]:
        entries = bundle.get("entry", [])
        strange = any(
            key not in _MAY_STAND_THERE and isinstance(one, list | dict) and not key.startswith("_")
            for key, one in bundle.items()
        )
        if not isinstance(entries, list) or ("entry" not in bundle and strange):
            self.nonsense.append(f"{place}: Bundle.entry")
            return
        self._envelope(bundle, place, entries)
        yield from self._each(entries)

    def _beside(self, container: JsonObject, place: str) -> Iterator[Located]:
        """Resources that stand in a container where FHIR has none, such as `contained`."""
        for key in container.keys() - _OF_A_CONTAINER:
            for one in as_many(container[key]):
                if isinstance(one, dict) and isinstance(one.get("resourceType"), str):
                    yield from self._any(one, f"{place}: {key}")

    def _entry(self, entry: JsonObject, place: str) -> Iterator[Located]:
        """One entry of a Bundle: a resource, or what came of asking for one."""
        response = as_object(entry.get("response"))
        status = text_at(response, "status")
        if "outcome" in response:
            self._outcome(as_object(response["outcome"]), place)
        request = as_object(entry.get("request"))
        resource = entry.get("resource")
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if request.get("method") == "DELETE":
            url = text_at(request, "url") or text_at(entry, "fullUrl")
            if url is not None:
                self.deleted.append((url, entry))
        elif status is not None and not status.startswith("2"):
            code = "".join(one for one in status[:3] if one.isdigit())
            self.missing.append(
                Missing(f"{place} of a Bundle", f"answered with {code or 'a fault'}")
            )
        elif isinstance(resource, dict) and isinstance(kind, str):
            if kind in CONTAINERS:
                yield from self._any(resource, place)
            else:
                yield resource, text_at(entry, "fullUrl")
        elif status is None or resource is not None:
            self.nonsense.append(place)

    def _parameters(self, given: object, place: str) -> Iterator[Located]:
        for one in as_list(given):
            parameter = as_object(one)
            if "resource" in parameter:
                yield from self._any(parameter["resource"], place)
            if "part" in parameter:
                yield from self._parameters(parameter["part"], place)
            if (text_at(parameter, "valueString") or "").lstrip().startswith(("{", "[")):
                self.nonsense.append(f"{place}: a string instead of a resource")
            if not parameter.keys().isdisjoint(_INSTEAD):
                self.nonsense.append(f"{place}: a reference or data instead of a resource")

    def _outcome(self, outcome: Mapping[str, Any], what: str) -> None:
        self.missing += missing_by(outcome, what)

    def _envelope(self, bundle: JsonObject, place: str, entries: list[Any]) -> None:
        """What a Bundle says of itself: more pages, more matches, a part left out."""
        for link in as_many(bundle.get("link")):
            relation, url = as_object(link).get("relation"), as_object(link).get("url")
            if isinstance(relation, str):
                relation = relation.strip().casefold()
            if relation == "next":
                self._pages.append((place, url if isinstance(url, str) else ""))
            elif relation == "self" and isinstance(url, str):
                self._own.add(url)
        if "issues" in bundle:  # R5
            self._outcome(as_object(bundle["issues"]), "the record")
        total = _number(bundle.get("total"))
        if total is not None and _counts(bundle):
            here = sum(map(is_match, entries))
            self._totals[total] = self._totals.get(total, 0) + here
        self.missing += [Missing("a part of the record", reason) for reason in reduced(bundle)]

    def _settle(self) -> None:
        """What is still missing when all pages were seen."""
        more = [place for place, url in self._pages if url not in self._own]
        if more:
            self.missing.append(Missing("the next page of the record", "it was not handed in"))
            return
        for total, here in sorted(self._totals.items()):
            if here < total:
                said = f"{total} matches were found, {here} were handed in"
                self.missing.append(Missing("a part of a search", said))


def _usual(item: Any) -> Located | None:
    """A resource, or that of an entry that says nothing of how it came; None: look closer."""
    if not isinstance(item, dict):
        return None
    found: Any = item
    full_url: str | None = None
    if "resource" in item and _OF_AN_ANSWER.isdisjoint(item):
        found, full_url = item["resource"], text_at(item, "fullUrl")
    kind = found.get("resourceType") if isinstance(found, dict) else None
    return (found, full_url) if isinstance(kind, str) and kind not in CONTAINERS else None


def missing_by(outcome: Mapping[str, Any], what: str) -> Iterator[Missing]:
    """An outcome of any weight but information says that something did not come."""
    issues = [as_object(one) for one in as_list(outcome.get("issue"))]
    for issue in issues or [{}]:
        severity = text_at(issue, "severity") or "error"
        if severity not in _NOT_SERIOUS:
            code = text_at(issue, "code") or "without a code"
            yield Missing(what, f"the source answered {_word(severity)}: {_word(code)}")


def is_misspelt(kind: str, known: Collection[str]) -> bool:
    """Whether a type is none of FHIR's, and one of these or of the containers in another case."""
    if kind in known:
        return False
    every = {*known, *CONTAINERS}
    return kind not in every and kind.strip().casefold() in {one.casefold() for one in every}


def reduced(resource: Mapping[str, Any]) -> Sequence[str]:
    """Why something was taken out of a resource or a Bundle, if its labels say that it was."""
    meta = resource.get("meta")
    if not isinstance(meta, dict) or ("security" not in meta and "tag" not in meta):
        return _NOTHING_TAKEN_OUT
    labels = (text_at(as_object(one), "code") for key in _LABELS for one in as_many(meta.get(key)))
    codes = (code.strip().upper() for code in labels if code)
    return [_REDUCED[code] for code in codes if code in _REDUCED]


def _number(total: object) -> int | None:
    """How many matches there are; some write the number as text."""
    if isinstance(total, str) and total.isdecimal() and len(total) < _LONGEST_NUMBER:
        return int(total)
    return total if isinstance(total, int) and not isinstance(total, bool) else None


def resources_of(items: Iterable[JsonObject]) -> Iterator[Located]:
    """Each resource with the fullUrl of its entry, if any; what is no resource is passed over."""
    return RecordWalk().resources(items)


def _counts(bundle: JsonObject) -> bool:
    """Whether `total` counts what a search found, or may: where no kind of Bundle is said."""
    kind = bundle.get("type")
    return not isinstance(kind, str) or kind in {"searchset", "history"}


def is_match(entry: object) -> bool:
    """Whether an entry is one of those that a search found, and no inclusion."""
    mode = as_object(as_object(entry).get("search")).get("mode")
    return not isinstance(mode, str) or mode not in {"include", "outcome"}


def envelope_of(bundle: JsonObject, matches: int) -> Iterator[JsonObject]:
    """What a Bundle says of its own completeness, without its entries; often nothing.

    `matches` of its entries were found: its total becomes the count of what is not here.
    """
    told = ("type", "link", "issues", "contained")
    said: JsonObject = {key: bundle[key] for key in told if key in bundle}
    labels = {key: one for key, one in as_object(bundle.get("meta")).items() if key in _LABELS}
    if labels:
        said["meta"] = labels
    total = _number(bundle.get("total"))
    if total is not None and total > matches and _counts(bundle):
        said["total"] = total - matches
    if len(said) > ("type" in said):
        yield {"resourceType": "Bundle", **said}


def _word(code: str) -> str:
    """A code of an outcome, if it is one: never the text of somebody else's server."""
    return code if len(code) <= _LONGEST_CODE and code.replace("-", "").isalpha() else "a fault"


def resource_name(resource: Mapping[str, Any], full_url: str | None) -> str:
    """The reference by which the output names it: Type/id, else its fullUrl.

    A resource with neither gets a UUID made of its content, so that it can be named at all.
    """
    identifier = text_at(resource, "id")
    if identifier is not None:
        return f"{resource['resourceType']}/{identifier}"
    if full_url is not None:
        return full_url
    return f"urn:uuid:{uuid5(NAMESPACE_URL, content_of(resource))}"


def content_of(resource: Mapping[str, Any]) -> str:
    """The canonical text of a resource."""
    try:
        return wire.write(resource, sort_keys=True).decode()
    except TypeError:  # not from the wire: a NaN, say, which JSON cannot hold
        return repr(resource)
