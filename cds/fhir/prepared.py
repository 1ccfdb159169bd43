"""Everything that one pack says in every decision, put into FHIR's shape once instead of each time.

Most of it is written as JSON already, and only copied into what is emitted.
"""

from collections.abc import Mapping
from itertools import takewhile
from typing import NamedTuple

from cds.core.compiled import Judge
from cds.core.model import Because, Level, Rule, VerifiedCode
from cds.core.pack import Pack, ReasonCode
from cds.core.remember import remember
from cds.fhir.identifiers import namespace
from cds.fhir.labels import Labels, labels_of
from cds.fhir.message import end_of_message, heading
from cds.fhir.primitives import markdown, xml
from cds.fhir.references import URI_SYSTEM
from cds.phrases.say import BASE
from cds.wire import JsonObject, Written, written

SOFTWARE = "cramp-cds"
ENGINE = written({"reference": "#engine"})
CATEGORY = "http://terminology.hl7.org/CodeSystem/communication-category"
# Codes and displays as HL7 publishes them; an unknown one goes without display.
_CATEGORY_DISPLAYS = {"alert": "Alert", "notification": "Notification"}
_OPENING = '<div xmlns="http://www.w3.org/1999/xhtml"{language}>'
_BASIS = {
    "seed": "named in the source",
    "external": "from another published source",
    "engineering": "engineering judgement",
}


class LevelParts(NamedTuple):
    """One level as FHIR and as text."""

    extensions: Written  # the level and the hash of the knowledge
    qualitative_risk: Written
    category: Written | None
    heading: str
    html: str  # opens the narrative


class RuleParts(NamedTuple):
    """One rule as FHIR and as text."""

    outcome: Written
    before: str  # the rationale around the answers
    after: str
    ends: Mapping[str, str]  # of a short message, by the level's code: action and source
    html: str  # one entry of the narrative's list, around the answers
    html_after: str


class Said(NamedTuple):
    """One finding with its reasons: in full, in a few words, as one entry of the narrative."""

    rule: RuleParts
    rationale: str
    short: str
    html: str


class Prepared(NamedTuple):
    """What is constant for one pack and one version of the software."""

    pack: Pack
    version: str
    space: bytes
    identity: str
    id_system: str
    contained: Written
    method: Written
    code: Written
    author: str
    library: Written  # as an entity of Provenance
    fine_print: str  # Markdown
    language: Mapping[str, str]  # Resource.language, in another language than the pack's own
    html_opening: str
    html_author: str
    html_footer: str
    safety: frozenset[str]
    plain: bool  # whether the words that notes are made of need no escape
    labels: Labels
    levels: Mapping[str, LevelParts]
    rules: Mapping[str, RuleParts]
    said: dict[tuple[str, tuple[Because, ...]], Said]  # by rule and reasons
    reasons: tuple[Written, ...]  # why it was assessed, each where its condition holds
    occasions: Judge  # those conditions
    otherwise: Written | None  # the reason without a condition


_MAX_KEPT = 32  # packs and their languages
_kept: dict[tuple[int, str], Prepared] = {}


def prepared(pack: Pack, version: str) -> Prepared:
    """The constant parts of a pack; made on its first use and kept with the pack."""
    key = (id(pack), version)
    found = _kept.get(key)
    # An id may come back for another pack, but not while this one is kept; so it is the same pack.
    if found is None:
        found = remember(_kept, key, prepare(pack, version), _MAX_KEPT)
    return found


def prepare(pack: Pack, version: str) -> Prepared:
    """Put the constant parts of a pack into shape."""
    base = pack.identity.base
    author = f"{SOFTWARE} {version}"
    say = pack.say
    labels = form_words(pack)
    version_is = say("version {version}", version=pack.version)
    stamp = f"{pack.title}, {version_is}, {pack.hash}"
    use = " ".join(filter(None, (pack.wording.intended_use, say.unreviewed)))
    return Prepared(
        pack=pack,
        version=version,
        space=namespace(base),
        identity=f"{pack.id}\n{pack.version}\n{pack.hash}",
        id_system=f"{base}/id",
        contained=written([_engine(version)]),
        method=written(_method(pack)),
        code=written(_code(pack)),
        author=author,
        library=written(_library(pack, stamp)),
        fine_print=markdown(f"{use} {stamp}"),
        language={} if say.language == BASE else {"language": say.language},
        html_opening=_opening(pack),
        html_author=xml(author),
        html_footer=f"<p>{xml(use)}</p><p>{xml(stamp)}; {xml(author)}</p></div>",
        safety=frozenset(pack.rules.reassurance.safety),
        plain=_is_plain(pack, labels),
        labels=labels,
        levels={level.code: _level(level, pack) for level in pack.rules.levels},
        rules={rule.id: _rule(rule, pack) for rule in pack.rules.rules},
        said={},
        reasons=tuple(written([_reason(reason)]) for reason in pack.reasons),
        occasions=Judge(
            [one.when for one in takewhile(lambda one: one.when, pack.reasons) if one.when]
        ),
        otherwise=next((written([_reason(one)]) for one in pack.reasons if not one.when), None),
    )


def form_words(pack: Pack) -> Labels:
    """The words of its forms; in another language than the pack's own, those of its facts too."""
    named = pack.record.get("facts", {}) if pack.say.language != BASE else {}
    return labels_of(pack.forms, pack.say, named if isinstance(named, dict) else {})


def _opening(pack: Pack) -> str:
    """The start of a narrative, which names its language where it is another than the pack's."""
    code = xml(pack.say.language)
    named = "" if code == BASE else f' lang="{code}" xml:lang="{code}"'
    return _OPENING.format(language=named)


def _is_plain(pack: Pack, labels: Labels) -> bool:
    words = [pack.wording.negative, pack.wording.cause_remark, *labels.shorts]
    words += [*labels.shorts.values(), *(cause.display for cause in pack.rules.causes)]
    return all(xml(word) == markdown(word) == word for word in words)


def _engine(version: str) -> JsonObject:
    return {
        "resourceType": "Device",
        "id": "engine",
        "deviceName": [{"name": SOFTWARE, "type": "model-name"}],
        "type": {"text": "Clinical decision support software"},
        "version": [{"value": version}],
    }


def _method(pack: Pack) -> JsonObject:
    identity = pack.identity
    coding = {
        "system": f"{identity.base}/CodeSystem/method",
        "version": pack.version,
        "code": identity.method_code,
    }
    return {"coding": [coding], "text": identity.method_text}


def _code(pack: Pack) -> JsonObject:
    identity = pack.identity
    coding = {
        "system": f"{identity.base}/CodeSystem/assessment",
        "code": identity.assessment_code,
        "display": identity.assessment_text,
    }
    return {"coding": [coding], "text": identity.assessment_text}


def _library(pack: Pack, stamp: str) -> JsonObject:
    url = f"{pack.identity.base}/Library/{pack.id}"
    # No reference: a server that is asked to keep this has no such Library, and many refuse a whole
    # transaction for one reference to another server (HAPI with its defaults, HAPI-0507).
    what = {
        "type": "Library",
        "identifier": {"system": URI_SYSTEM, "value": f"{url}|{pack.version}"},
        "display": stamp,
    }
    return {"role": "source", "what": what}


def coding_of(coding: VerifiedCode) -> JsonObject:
    """A code as FHIR's Coding."""
    return {"system": coding.system, "code": coding.code, "display": coding.display}


def level_coding(level: Level, pack: Pack) -> JsonObject:
    """A level as FHIR's Coding."""
    display = pack.displays.get(level.code, level.display)
    return {"system": pack.identity.level_system, "code": level.code, "display": display}


def display_of(code: str) -> str:
    """A code in words: `in-these-words` → `In these words`."""
    words = code.replace("-", " ")
    return words[:1].upper() + words[1:]


def _level(level: Level, pack: Pack) -> LevelParts:
    coding = level_coding(level, pack)
    extensions = f"{pack.identity.base}/StructureDefinition"
    category: Written | None = None
    if level.category is not None:
        kind = {"system": CATEGORY, "code": level.category}
        if level.category in _CATEGORY_DISPLAYS:
            kind["display"] = _CATEGORY_DISPLAYS[level.category]
        category = written([{"coding": [kind, coding]}])
    said = f"{level.symbol} {level.word}".strip()
    return LevelParts(
        extensions=written(
            [
                {"url": f"{extensions}/triage-level", "valueCoding": coding},
                {"url": f"{extensions}/knowledge-hash", "valueString": pack.hash},
            ]
        ),
        qualitative_risk=written({"coding": [coding], "text": pack.wording.qualitative_risk}),
        category=category,
        heading=heading(level),
        html=f"{_opening(pack)}<p><b>{xml(said)}: {xml(level.display)}</b></p>"
        f"<p>{xml(level.action)}</p>",
    )


def _rule(rule: Rule, pack: Pack) -> RuleParts:
    codings = [coding_of(coding) for coding in rule.outcome]
    own = {
        "system": pack.identity.finding_system,
        "code": rule.finding,
        "display": display_of(rule.finding),
    }
    say = pack.say
    claims = [
        f"{say('Source')} {one}: {_sentence(pack.sources.claim(one))}" for one in rule.sources
    ]
    names = ", ".join(rule.sources)
    derived = say(", an inference of ours") if rule.derived else ""
    basis = f"{say('Basis')}: {say(_BASIS.get(rule.basis, rule.basis))}{derived}."
    after = ". " + " ".join([*claims, basis])
    # What an alarm rests on is told in full; of anything else the names of the sources are enough.
    alarms = pack.rules.level(rule.level).alert
    brief = after if alarms or not names else f". {say('Sources')} {names}. {basis}"
    by_rule = say("rule {rule}", rule=rule.id)
    return RuleParts(
        outcome=written({"coding": [*codings, own], "text": rule.title}),
        before=f"{say('Rule')} {rule.id}: {_sentence(rule.title)} ",
        after=after,
        ends={
            level.code: end_of_message(rule, level, pack, by_rule) for level in pack.rules.levels
        },
        html=f"<li><b>{xml(rule.title)}</b> ({xml(by_rule)}). ",
        html_after=xml(f"{brief} {rule.action}".rstrip()) + "</li>",
    )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _reason(reason: ReasonCode) -> JsonObject:
    return {"coding": [coding_of(reason.coding)], "text": reason.text}
