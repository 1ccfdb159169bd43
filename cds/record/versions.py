"""One resource handed in several times: its newest version counts, the older ones are replaced.

Only what says itself to be a version of the same resource is put aside: equal content, an older
version, a withdrawn or corrected one. Of two that differ and do not say which is newer, both count.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from cds.record.shapes import as_object, codings_of, text_at, texts_of
from cds.record.times import when_of
from cds.record.walk import Deleted, Located, content_of, resource_name
from cds.wire import JsonObject

Named = tuple[JsonObject, str | None, str]
_HISTORY = "/_history/"
_LONGEST_NUMBER = 20  # no server counts further
# Without versions: what the status of an Observation says about which is the later one.
_STAGES = {"registered": 0, "preliminary": 0, "final": 1, "amended": 2, "corrected": 2}
_WORDS = re.compile(r"[^\W\d_]{3,}")
_WITHDRAWN = "entered-in-error"
_MOST_MATTERS = 100  # of what comes under one id, compared with one another


class Matter(NamedTuple):
    """What a resource is about: its codes, and the words of its names."""

    codes: frozenset[str]
    words: frozenset[str]

    def may_be(self, other: "Matter") -> bool:
        """Whether both may be about one thing: a code in common, or most of the fewer words."""
        if self.codes & other.codes:
            return True
        fewer = min(len(self.words), len(other.words))
        if not fewer:
            return not (self.codes and other.codes)
        return 2 * len(self.words & other.words) > fewer


def matter_of(resource: JsonObject) -> Matter:
    """What a result, an order or an entry of the history is about, as it says itself."""
    medication = as_object(resource.get("medication"))
    concepts = [
        as_object(one)
        for one in (
            resource.get("code"),
            resource.get("medicationCodeableConcept"),
            medication.get("concept"),
        )
    ]
    texts = [text for one in concepts for text in texts_of(one)]
    texts.append(text_at(as_object(resource.get("medicationReference")), "display") or "")
    words = (word for text in texts for word in _WORDS.findall(text.casefold()))
    codes = frozenset(code for one in concepts for _, code, _ in codings_of(one))
    return Matter(codes, frozenset(words))


class NewestVersions(NamedTuple):
    """What counts, each with its name; and how many entries something newer replaced.

    `dropped` are those of them that said something else than what counts. `alone`: that nobody but
    the patient is named was seen already.
    """

    entries: list[Named]
    replaced: int
    dropped: tuple[Named, ...] = ()
    alone: bool = False


def newest(entries: Iterable[Located], deleted: Iterable[Deleted]) -> NewestVersions:
    """The newest version of each resource."""
    first: dict[str, Located] = {}
    several: dict[str, list[Located]] = {}
    count = 0
    for one in entries:
        count += 1
        identifier = one[0].get("id")
        if isinstance(identifier, str) and identifier:  # as `resource_name`, without a call
            name = f"{one[0]['resourceType']}/{identifier}"
        else:
            name = resource_name(*one)
        if name in first:
            several.setdefault(name, [first[name]]).append(one)
        else:
            first[name] = one
    gone = _gone(deleted)
    if not several and not gone:
        return NewestVersions([(*one, name) for name, one in first.items()], 0)
    kept = [
        (*one, name)
        for name, only in first.items()
        for one in _left(several.get(name, [only]), gone.get(name, []))
    ]
    left = {id(one[0]) for one in kept}
    dropped = (
        (*one, name)
        for name, only in first.items()
        for one in several.get(name, [only])
        if id(one[0]) not in left
    )
    return NewestVersions(kept, count - len(kept), tuple(dropped))


def _left(versions: list[Located], deletions: list[JsonObject]) -> list[Located]:
    """What counts of the versions of one name."""
    left = versions
    if len(versions) > 1:
        left = [
            one for base in _by_base(versions) for same in _by_matter(base) for one in _latest(same)
        ]
    return [one for one in left if not _is_gone(one[0], deletions)] if deletions else left


def _by_base(versions: list[Located]) -> Iterator[list[Located]]:
    """Those that can be one resource: the same id at two servers is two resources."""
    bases: dict[str, list[Located]] = {}
    for one in versions:
        url = (one[1] or "").split(_HISTORY)[0]
        bases.setdefault(url if url.startswith(("http://", "https://")) else "", []).append(one)
    if len(bases) == 2 and "" in bases:  # noqa: PLR2004 - one server, and what names none
        yield versions
    else:
        yield from bases.values()


@dataclass(slots=True, eq=False)
class _Alike:
    """Versions of one thing, the last that came first, and each matter that one of them has."""

    versions: deque[Located]
    matters: list[Matter]


def _by_matter(versions: list[Located]) -> Iterable[list[Located]]:
    """Those that are of one thing: under one id, two tests are two results, however it came so.

    Beyond `_MOST_MATTERS` each matter is a thing of its own: then more counts, never less.
    """
    several: dict[_Alike, None] = {}  # who got the last version is the last
    groups: dict[Matter, _Alike] = {}
    silent: list[Located] = []  # say nothing of what they are, as withdrawn ones may
    for one in versions:
        matter = matter_of(one[0])
        if not any(matter):
            silent.append(one)
            continue
        group = groups.get(matter)
        if group is None:
            group = _Alike(deque(), [matter])
            if len(groups) < _MOST_MATTERS:
                for each in [each for each in several if any(map(matter.may_be, each.matters))]:
                    group.versions += each.versions
                    group.matters += each.matters
                    del several[each]
            groups.update(dict.fromkeys(group.matters, group))
        several.pop(group, None)
        group.versions.appendleft(one)
        several[group] = None
    found = [list(group.versions) for group in several]
    if len(found) == 1:
        return [[*found[0], *silent]]
    return [*found, *([silent] if silent else [])]


def _latest(versions: list[Located]) -> list[Located]:
    distinct: dict[str, Located] = {}
    for one in versions:
        distinct.setdefault(content_of(one[0]), one)
    if len(distinct) == 1:
        return list(distinct.values())
    left = [distinct[content] for content in sorted(distinct)]
    for order in (_version, _updated, _stage):
        ordered = [(order(one[0]), one) for one in left]
        known = [at for at, _ in ordered if at is not None]
        if known and (len(known) == len(ordered) or order is _stage):
            top = max(known)
            left = [one for at, one in ordered if at is None or at == top]
        if len(left) == 1:
            break
    return left


def _version(resource: JsonObject) -> int | None:
    version = text_at(as_object(resource.get("meta")), "versionId")
    known = version is not None and version.isdecimal() and len(version) < _LONGEST_NUMBER
    return int(version) if known and version is not None else None


def _updated(resource: JsonObject) -> float | None:
    when = when_of(as_object(resource.get("meta")).get("lastUpdated"))
    return when.latest.timestamp() if when.exact and when.latest is not None else None


def _stage(resource: JsonObject) -> int | None:
    """How late in its life it is, if its status says so: withdrawn is the last."""
    status = text_at(resource, "status")
    if status == _WITHDRAWN or _is_withdrawn(resource.get("verificationStatus")):
        return 3
    return _STAGES.get(status or "") if resource.get("resourceType") == "Observation" else None


def _is_withdrawn(concept: object) -> bool:
    codings = as_object(concept).get("coding")
    return isinstance(codings, list) and any(
        as_object(one).get("code") == _WITHDRAWN for one in codings
    )


def _gone(deleted: Iterable[Deleted]) -> dict[str, list[JsonObject]]:
    found: dict[str, list[JsonObject]] = {}
    for url, entry in deleted:
        name = "/".join(url.split(_HISTORY)[0].split("/")[-2:])
        found.setdefault(name, []).append(entry)
    return found


def _is_gone(resource: JsonObject, deletions: list[JsonObject]) -> bool:
    """Whether it was deleted after this version; one that does not say when was."""
    return any(_is_after(resource, as_object(one.get("response"))) for one in deletions)


def _is_after(resource: JsonObject, response: Mapping[str, Any]) -> bool:
    etag = "".join(one for one in str(response.get("etag", "")) if one.isdecimal())
    version = _version(resource)
    if etag and version is not None:
        return version <= int(etag[:19])
    updated, gone = _updated(resource), when_of(response.get("lastModified"))
    if updated is not None and gone.latest is not None:
        return updated <= gone.latest.timestamp()
    return True
