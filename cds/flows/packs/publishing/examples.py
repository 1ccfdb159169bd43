"""Examples for the package: for every level a golden case, as response and as decision."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from cds.core.pack import Pack
from cds.flows.assess import Assessor
from cds.flows.packs.cases import Case
from cds.wire import JsonObject

_NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
PER_LEVEL = 2
_UNFINISHED = frozenset(("required", "minCount"))


def examples(pack: Pack, cases: Iterable[Case]) -> list[tuple[str, JsonObject]]:
    """Sentence and resource: per level the first golden cases that need no record and no option."""
    assessor = Assessor([pack])
    left = {level.code: PER_LEVEL for level in pack.rules.levels}
    found: list[tuple[str, JsonObject]] = []
    for case in cases:
        level = case.expected.level
        if case.settings or case.facts.facts or not left.get(level):
            continue
        number = PER_LEVEL - left[level] + 1
        response = dict(case.response) | {"id": f"example-{_slug(level)}-{number}"}
        assessed = assessor.assess(_ordered(response), now=_NOW)
        if any(issue.rule in _UNFINISHED for issue in assessed.context.issues):
            # What lacks a required answer is not completed.
            response["status"] = "in-progress"
            assessed = assessor.assess(_ordered(response), now=_NOW)
        if assessed.invalid or assessed.level.code != level:
            continue
        left[level] -= 1
        decision = assessed.to_fhir() | {"id": f"decision-{_slug(level)}-{number}"}
        found += [(case.name, _ordered(response)), (f"Decision: {case.name}", _ordered(decision))]
    return found


def _ordered(resource: JsonObject) -> JsonObject:
    first = {key: resource[key] for key in ("resourceType", "id") if key in resource}
    return first | {key: value for key, value in resource.items() if key not in first}


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
