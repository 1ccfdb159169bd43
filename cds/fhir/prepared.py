"""Everything that one pack says in every decision, put into FHIR's shape once instead of each time.

Most of it is written as JSON already, and only copied into what is emitted.
"""

from itertools import takewhile
from typing import Final

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

SOFTWARE: Final = "cramp-cds"
ENGINE: Final = written({"reference": "#engine"})
CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/communication-category"
# Codes and displays as HL7 publishes them; an unknown one goes without display.
_CATEGORY_DISPLAYS: Final = {"alert": "Alert", "notification": "Notification"}
_OPENING: Final = '<div xmlns="http://www.w3.org/1999/xhtml"{language}>'
_BASIS: Final = {
    "seed": "named in the source",
    "external": "from another published source",
    "engineering": "engineering judgement",
}


class Said:
    """One finding with its reasons: in full, in a few words, as one entry of the narrative."""

    def __init__(self, rule: "RuleParts", rationale: Written, short: str, html: str) -> None:
        self.rule = rule
        self.rationale = rationale
        self.short = short
        self.html = html


class Prepared:
    """What is constant for one pack and one version of the software.

    These are plain classes: what is read in every decision is read faster than from a named tuple.
    """

    def __init__(self, pack: Pack, version: str) -> None:
        """Put the constant parts of a pack into shape."""
        base = pack.identity.base
        say = pack.say
        version_is = say("version {version}", version=pack.version)
        stamp = f"{pack.title}, {version_is}, {pack.hash}"
        use = " ".join(filter(None, (pack.wording.intended_use, say.unreviewed)))
        self.pack = pack
        self.version = version
        self.space = namespace(base)
        self.identity = f"{pack.id}\n{pack.version}\n{pack.hash}"
        self.id_system = f"{base}/id"
        self.author = f"{SOFTWARE} {version}"
        self.library = written(_library(pack, stamp))  # as an entity of Provenance
        self.fine_print = markdown(f"{use} {stamp}")
        # What opens a resource, in the order of R4's elements. A decision copies it and says what
        # is None here: to set each key anew takes twice the time.
        self.assessment, self.message, self.provenance = _openings(pack, version)
        author = xml(self.author)
        self.html_opening = _opening(pack)
        self.html_author = author
        self.html_footer = f"<p>{xml(use)}</p><p>{xml(stamp)}; {author}</p></div>"
        # What opens a sentence about causes, what ends it, and what opens one about rules.
        self.causes = say("Causes that answers or findings support, with the count of them")
        self.cause_remark = pack.wording.cause_remark
        self.rules_named = say("Rules")
        self.safety = frozenset(pack.rules.reassurance.safety)
        self.unsettled = pack.rules.reassurance.floor  # the code of its level
        self.labels = form_words(pack)
        # Whether the words that notes are made of need no escape.
        self.plain = _is_plain(pack, self.labels)
        self.levels = {level.code: LevelParts(level, pack) for level in pack.rules.levels}
        self.rules = {rule.id: RuleParts(rule, pack) for rule in pack.rules.rules}
        self.said: dict[tuple[str, tuple[Because, ...]], Said] = {}  # by rule and reasons
        # Why it was assessed, each where its condition holds; and the reason without a condition.
        self.reasons = tuple(written([_reason(reason)]) for reason in pack.reasons)
        self.occasions = Judge(
            [one.when for one in takewhile(lambda one: one.when, pack.reasons) if one.when]
        )
        self.otherwise = next(
            (written([_reason(one)]) for one in pack.reasons if not one.when), None
        )


_MAX_KEPT: Final = 32  # packs and their languages
_kept: dict[tuple[int, str], Prepared] = {}


def prepared(pack: Pack, version: str) -> Prepared:
    """The constant parts of a pack; made on its first use and kept with the pack."""
    key = (id(pack), version)
    found = _kept.get(key)
    # An id may come back for another pack, but not while this one is kept; so it is the same pack.
    if found is None:
        found = remember(_kept, key, Prepared(pack, version), _MAX_KEPT)
    return found


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


def _openings(pack: Pack, version: str) -> tuple[JsonObject, JsonObject, JsonObject]:
    """What opens a RiskAssessment, a CommunicationRequest and a Provenance."""
    language = pack.say.language
    # Resource.language, in another language than the pack's own
    named = {"id": None} if language == BASE else {"id": None, "language": language}
    held = {"text": None, "contained": written([_engine(version)])}
    assessment = {
        "resourceType": "RiskAssessment",
        **named,
        **held,
        "extension": None,
        "identifier": None,
        "status": None,
        "method": written(_method(pack)),
        "code": written(_code(pack)),
    }
    message = {
        "resourceType": "CommunicationRequest",
        **named,
        **held,
        "identifier": None,
        "groupIdentifier": None,
    }
    return assessment, message, {"resourceType": "Provenance", "id": None, **held}


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


class LevelParts:
    """One level as FHIR and as text."""

    def __init__(self, level: Level, pack: Pack) -> None:
        coding = level_coding(level, pack)
        extensions = f"{pack.identity.base}/StructureDefinition"
        said = f"{level.symbol} {level.word}".strip()
        # The level and the hash of the knowledge.
        self.extensions = written(
            [
                {"url": f"{extensions}/triage-level", "valueCoding": coding},
                {"url": f"{extensions}/knowledge-hash", "valueString": pack.hash},
            ]
        )
        self.qualitative_risk = written({"coding": [coding], "text": pack.wording.qualitative_risk})
        self.category = None if level.category is None else _category(level.category, coding)
        self.heading = f"{heading(level)}. "
        # Opens the narrative.
        self.html = (
            f"{_opening(pack)}<p><b>{xml(said)}: {xml(level.display)}</b></p>"
            f"<p>{xml(level.action)}</p>"
        )


def _category(code: str, level: JsonObject) -> Written:
    kind = {"system": CATEGORY, "code": code}
    if code in _CATEGORY_DISPLAYS:
        kind["display"] = _CATEGORY_DISPLAYS[code]
    return written([{"coding": [kind, level]}])


class RuleParts:
    """One rule as FHIR and as text."""

    def __init__(self, rule: Rule, pack: Pack) -> None:
        self.id, self.title = rule.id, rule.title
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
        by_rule = say("rule {rule}", rule=rule.id)
        # The rationale around the answers.
        self.before = f"{say('Rule')} {rule.id}: {_sentence(rule.title)} "
        self.after = ". " + " ".join([*claims, basis])
        # What an alarm rests on is told in full; of anything else its sources' names are enough.
        alarms = pack.rules.level(rule.level).alert
        brief = self.after if alarms or not names else f". {say('Sources')} {names}. {basis}"
        self.outcome = written({"coding": [*codings, own], "text": rule.title})
        # Of a short message, by the level's code: action and source.
        self.ends = {
            level.code: end_of_message(rule, level, pack, by_rule) for level in pack.rules.levels
        }
        # One entry of the narrative's list, around the answers.
        self.html = f"<li><b>{xml(rule.title)}</b> ({xml(by_rule)}). "
        self.html_after = xml(f"{brief} {rule.action}".rstrip()) + "</li>"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _reason(reason: ReasonCode) -> JsonObject:
    return {"coding": [coding_of(reason.coding)], "text": reason.text}
