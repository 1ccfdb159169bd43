"""What a launch brought: the patient, who signed in, the record, and what it fills in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from cds.core.account import Missing
from cds.flows.deciding.versions import asked_anew
from cds.flows.populate import populate
from cds.record.facts import facts_of
from cds.record.rules import RecordRules
from cds.store.sessions import Session
from cds.web.contract.languages import preferred
from cds.web.contract.prefetch import KNOWN, PATIENT, RESPONSES, WHOLE, Supply, record_of
from cds.web.form.earlier import Marks, fields_from, newest_unfinished
from cds.web.form.offered import Spoken
from cds.web.form.posted import Fields
from cds.wire import JsonObject

_VOICES = {
    "Patient": "you",
    "RelatedPerson": "companion",
    "Practitioner": "clinician",
    "PractitionerRole": "clinician",
}


class Known(NamedTuple):
    """Whom the answers are about and who gives them; nothing of it where no EHR launched us."""

    subject: JsonObject | None = None
    author: JsonObject | None = None
    record: Sequence[JsonObject] | None = None
    missing: Sequence[Missing] = ()
    name: str = ""


def known_of(session: Session) -> Known:
    """What the session knows of its patient."""
    smart = session.get("smart")
    if not smart or "patient" not in smart:
        return Known()
    user = smart.get("user")
    return Known(
        {"reference": f"Patient/{smart['patient']}"},
        {"reference": user} if user else None,
        smart["record"],
        [Missing(what, why) for what, why in smart["missing"]],
        smart["name"],
    )


class Begun(NamedTuple):
    """A form as it is opened: fields, their sources, hints, and the response that is continued."""

    draft: Fields
    sources: Marks
    hints: dict[str, list[str]]
    continues: str


def begun(
    spoken: Spoken,
    known: Known,
    responses: Sequence[JsonObject],
    rules: RecordRules | None,
    now: datetime,
) -> Begun:
    """A half answered response is continued; else the record half fills the form."""
    form = spoken.asked
    hints: dict[str, list[str]] = {}
    draft: Fields = {}
    sources: Marks = {}
    subject = known.subject["reference"] if known.subject else None
    if rules is not None and known.record is not None:
        facts = facts_of(known.record, rules, now=now, patient=subject, missing=known.missing)
        made = populate(
            spoken.engine.pack, spoken.engine.form, facts, rules, now=now, subject=subject
        )
        draft, sources = fields_from(form, made.response)
        for hint in made.hints:
            hints.setdefault(hint.link_id, []).append(hint.text)
    earlier = newest_unfinished(responses, spoken.engine.form.url)
    if earlier is None:
        return Begun(draft, sources, hints, "")
    answers, _ = fields_from(form, asked_anew(earlier, spoken.engine.pack))
    # What a person said stands before what the record shows.
    rest = {name: values for name, values in draft.items() if name not in answers}
    kept = {name: marks for name, marks in sources.items() if name in rest}
    return Begun({**rest, **answers}, kept, hints, str(earlier.get("id", "")))


def smart_session(
    supplies: Mapping[str, Supply], patient: str, user: str | None, *, banner: bool
) -> dict[str, Any]:
    """What a launch brought, to be kept for the visit."""
    person = next(iter(supplies[PATIENT].resources), {})
    return {
        "patient": patient,
        "user": _reference(user),
        "name": _name(person) if banner else "",
        "record": record_of(supplies),
        "missing": [
            [one.key, one.why or one.state]
            for one in supplies.values()
            if one.state not in WHOLE and one.key != RESPONSES
        ],
    }


def responses_in(supplies: Mapping[str, Supply]) -> list[JsonObject]:
    """The earlier responses, as far as they could be had."""
    found = supplies[RESPONSES]
    return list(found.resources) if found.state in KNOWN else []


def language_of(supplies: Mapping[str, Supply]) -> str:
    """The language that the patient prefers, if the record says so."""
    person = next(iter(supplies[PATIENT].resources), {})
    return preferred(person)


def voice_for(user: str | None) -> str:
    """How the page speaks to who signed in."""
    return _VOICES.get((user or "").partition("/")[0], "you")


def _reference(user: str | None) -> str | None:
    """The user as a reference within the EHR; anything else is not passed on."""
    kind, _, name = (user or "").partition("/")
    return user if kind in _VOICES and name.replace("-", "").replace(".", "").isalnum() else None


def _name(person: Mapping[str, Any]) -> str:
    names = [one for one in person.get("name", ()) if isinstance(one, dict)]
    named = next((one for one in names if one.get("use") == "official"), next(iter(names), {}))
    parts = [*named.get("given", ()), named.get("family", "")]
    said = str(named.get("text") or " ".join(str(part) for part in parts if part))
    born = person.get("birthDate")
    return ", ".join(str(one) for one in (said, born) if one)
