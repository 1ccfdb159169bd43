"""What stands around the items of a response: plain, or for the checks to judge."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from cds.forms.form import extensions as ext
from cds.forms.questionnaire import Questionnaire
from cds.forms.reader.plain_codes import is_words
from cds.forms.reader.plain_narrative import is_plain_narrative
from cds.forms.values.dates import INSTANT_AT_A_GLANCE
from cds.wire import JsonObject

IsPlain = Callable[[JsonObject], bool]
_OWED: Final = frozenset(("resourceType", "questionnaire", "status"))
# Those of R4; R5 has the same.
_AUTHORS: Final = frozenset(
    ("Device", "Organization", "Patient", "Practitioner", "PractitionerRole", "RelatedPerson")
)
# Of R4; R5 has more.
_SOURCES: Final = frozenset(("Patient", "Practitioner", "PractitionerRole", "RelatedPerson"))
_ENCOUNTER: Final = frozenset(("Encounter",))
_STATUSES: Final = frozenset(("completed", "amended", "in-progress", "stopped", "entered-in-error"))
PLAIN_ID: Final = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_TYPE: Final = re.compile(r"[A-Z][A-Za-z]+")
_LONGEST: Final = 64
# Addresses of which no two validators think differently.
_ADDRESS: Final = re.compile(
    r"https?://[A-Za-z0-9.\-]+(?:/[A-Za-z0-9._~\-]+)*(?:\|[A-Za-z0-9._\-]+)?"
)
_LANGUAGE: Final = re.compile(r"[a-z]{2}(?:-[A-Z]{2})?")
# What a server notes as the source: an address, or only a mark of its own.
_URI: Final = re.compile(r"[!-~]+")
_CODE: Final = re.compile(r"[^\s]+(?: [^\s]+)*")
_NAME: Final = ("system", "value")
_WORDS: Final = ("type", "display")
_CODING: Final = frozenset(("system", "code", "display"))
_REFERENCE_KEYS: Final = frozenset(("reference", "type", "display"))
_DOUBTS: Final = (KeyError, TypeError, AttributeError)


def head_check(form: Questionnaire) -> IsPlain:
    """Whether the checks have nothing to say of what stands around the items of a response.

    But what should be there and is not: who answered about whom, and when.
    """
    raw = form.raw
    names = {form.url, f"{form.url}|{form.version}"}
    types = raw.get("subjectType")
    judged = (
        form.url is None
        or raw.get("status") != "active"
        or "effectivePeriod" in raw
        or bool({ext.CONSTRAINT, ext.TARGET_CONSTRAINT} & set(form.extensions))
    )
    listed = frozenset(map(str, types)) if isinstance(types, list) else _resource_types()
    subjects = frozenset(filter(_TYPE.fullmatch, listed))

    # Of the elements that may stand there, and be plain.
    checks: dict[str, Callable[[Any], object]] = {
        "resourceType": frozenset(("QuestionnaireResponse",)).__contains__,
        "id": PLAIN_ID.fullmatch,
        "meta": _is_plain_meta,
        "language": _LANGUAGE.fullmatch,
        "text": is_plain_narrative,
        "identifier": _is_name,
        "questionnaire": names.__contains__,
        "status": _STATUSES.__contains__,
        "subject": _names(subjects),
        "encounter": _refers(_ENCOUNTER),
        "authored": INSTANT_AT_A_GLANCE.fullmatch,
        "author": _refers(_AUTHORS),
        "source": _refers(_SOURCES),
        "item": lambda _: True,  # which the walk looks at
    }

    def is_plain(response: JsonObject) -> bool:
        if judged or not response.keys() >= _OWED:
            return False
        try:
            for key, value in response.items():  # all() over a generator takes twice the time
                if not checks[key](value):
                    return False
        except _DOUBTS:
            return False
        return True

    return is_plain


def _resource_types() -> frozenset[str]:
    from cds.forms.elements.resource_types import RESOURCE_TYPES  # noqa: PLC0415 - for few forms

    return frozenset(RESOURCE_TYPES)


def _is_plain_meta(meta: JsonObject) -> bool:
    """Whether there stands what servers and form fillers write: version, time, source, tags."""
    return bool(meta) and all(_META[key](part) for key, part in meta.items())


def _are_profiles(value: Any) -> bool:
    return type(value) is list and bool(value) and all(map(_ADDRESS.fullmatch, value))


def _are_tags(value: Any) -> bool:
    return type(value) is list and bool(value) and all(map(_is_plain_coding, value))


def are_codings(answers: list[Any]) -> bool:
    """Whether FHIR itself has nothing to say of answers, whatever the form has: Codings."""
    try:
        codings = [answer["valueCoding"] for answer in answers if len(answer) == 1]
        return 0 < len(codings) == len(answers) and all(map(_is_plain_coding, codings))
    except _DOUBTS:
        return False


def _is_plain_coding(coding: JsonObject) -> bool:
    """Whether a Coding has a code, and perhaps a system and a display, and no more."""
    return (
        _CODING.issuperset(coding)
        and _CODE.fullmatch(coding["code"]) is not None
        and (
            "system" not in coding
            or (
                _ADDRESS.fullmatch(coding["system"]) is not None
                and "/ValueSet/" not in coding["system"]  # no code system, and the checks say so
            )
        )
        and ("display" not in coding or is_words(coding["display"]))
    )


_META: Final[Mapping[str, Callable[[Any], object]]] = {
    "versionId": PLAIN_ID.fullmatch,
    "lastUpdated": INSTANT_AT_A_GLANCE.fullmatch,
    "source": _URI.fullmatch,
    "profile": _are_profiles,
    "security": _are_tags,
    "tag": _are_tags,
}


def _is_name(identifier: JsonObject) -> bool:
    """Whether an identifier is what a form filler makes up: a system and a value."""
    return (
        len(identifier) == len(_NAME)
        and _ADDRESS.fullmatch(identifier["system"]) is not None
        and is_words(identifier["value"])
    )


def _names(types: frozenset[str]) -> IsPlain:
    """Whether a value refers to one of the types, or says in words who of them it is."""
    refers = _refers(types)

    def names(value: JsonObject) -> bool:
        if "reference" in value:
            return refers(value)
        return len(value) == len(_WORDS) and value["type"] in types and is_words(value["display"])

    return names


def _refers(types: frozenset[str]) -> IsPlain:
    """Whether a value is a plain reference, to one of the types that may stand here."""

    def refers(value: JsonObject) -> bool:
        kind, _, name = value["reference"].partition("/")
        # Letters and digits are the usual id, and are told faster than by the pattern.
        usual = name.isalnum() and name.isascii() and len(name) <= _LONGEST
        if kind not in types or not (usual or PLAIN_ID.fullmatch(name)):
            return False
        return len(value) == 1 or (
            _REFERENCE_KEYS.issuperset(value)
            and ("type" not in value or value["type"] == kind)
            and ("display" not in value or is_words(value["display"]))
        )

    return refers
