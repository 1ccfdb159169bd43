"""From the fields of a page to a decision: what is faulty, what is missing, what the rules say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cds.fhir.primitives import instant
from cds.flows.assess import Assessor
from cds.flows.deciding.assessed import Assessed
from cds.forms.issues import Issue
from cds.web.form.fields import CONFIRM_PART, OWN_FIELDS, Place, place_of
from cds.web.form.filled import Filled, fill, issues_of
from cds.web.form.offered import Spoken
from cds.web.form.patient import Known
from cds.wire import JsonObject


@dataclass(frozen=True, slots=True)
class Answered:
    """What was filled in, judged: `issues` by place or `elsewhere`, and what is `missing`."""

    filled: Filled
    issues: Mapping[Place, Sequence[Issue]]
    elsewhere: Sequence[Issue]
    missing: Sequence[Issue]
    response: JsonObject

    @property
    def faulty(self) -> bool:
        """Whether anything must be mended before it can be sent."""
        return bool(self.filled.faults or self.issues or self.elsewhere)


def draft_of(fields: Mapping[str, Sequence[str]], spoken: Spoken) -> dict[str, list[str]]:
    """The fields that are answers; what is none of the form's is left out."""
    items = spoken.form.by_link_id
    return {
        name: list(values)
        for name, values in fields.items()
        if name not in OWN_FIELDS and place_of(name)[0].link_id in items
    }


def answered(
    spoken: Spoken, kept: Mapping[str, Any], known: Known, now: datetime, identifier: str = ""
) -> Answered:
    """The response that a draft makes, with its faults; `completed` only if none is left.

    `kept`: the draft, and the sources of what is in it from the record.
    """
    form, draft, sources = spoken.asked, kept.get("draft", {}), kept.get("sources", {})
    head = _head(spoken, now, identifier, known)
    # Judged as answers that are whole: what is lacking for that is what is missing.
    filled = fill(form, draft, sources, {**head, "status": "completed"})
    for name in sources:
        place = place_of(name)[0]
        proposed = any("extension" in one for one in filled.made.get(place, {}).get("answer", ()))
        if proposed and not draft.get(place.part(CONFIRM_PART)):
            filled.faults.setdefault(place, []).append("not-confirmed")
    issues, elsewhere, missing = issues_of(filled, form)
    done = not (missing or issues or elsewhere or filled.faults)
    status = "completed" if done else "in-progress"
    response = {**head, "status": status}
    if filled.items:
        response["item"] = filled.items
    return Answered(filled, issues, elsewhere, missing, response)


def _head(spoken: Spoken, now: datetime, identifier: str, known: Known) -> JsonObject:
    form = spoken.engine.form
    head: JsonObject = {"resourceType": "QuestionnaireResponse"}
    if identifier:
        head["id"] = identifier
        base = spoken.engine.pack.identity.base
        head["identifier"] = {"system": f"{base}/id", "value": identifier}
    head["questionnaire"] = f"{form.url}|{form.version}"
    head["status"] = "in-progress"
    head["subject"] = known.subject or {"type": "Patient", "display": "Not identified"}
    head["authored"] = instant(now)
    if known.author:
        head["author"] = known.author
    return head


def decide(assessor: Assessor, response: JsonObject, known: Known, *, now: datetime) -> Assessed:
    """The decision of the engine, the one that counts."""
    return assessor.assess(
        response,
        now=now,
        record=known.record,
        missing=known.missing,
        user=known.author,
        where="form",
    )
