"""The laboratory's flags, wherever they stand and however their code system is spelled."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cds.record.rules import RecordRules
from cds.record.shapes import as_many, as_object, codings_of, text_at

_NONE = frozenset[str]()
# FHIR's own displays of ObservationInterpretation, which many write instead of the code.
_DISPLAYS = {
    "critical high": "HH",
    "critically high": "HH",
    "critical low": "LL",
    "critically low": "LL",
    "critical abnormal": "AA",
    "critically abnormal": "AA",
    "significantly high": "HU",
    "significantly low": "LU",
    "high": "H",
    "low": "L",
    "abnormal": "A",
}
# FHIR's codes that say of no value that it is out of bounds, and the words for them: quiet.
_QUIET = frozenset(
    {
        *("N", "NORMAL", "WITHIN NORMAL RANGE", "WITHIN NORMAL LIMITS", "WNL", "WR", "RR", "NR"),
        *("NEG", "NEGATIVE", "POS", "POSITIVE", "ND", "NOT DETECTED", "DET", "DETECTED", "IND"),
        *("INDETERMINATE", "EQUIVOCAL", "E", "NON-REACTIVE", "REACTIVE", "WEAKLY REACTIVE"),
        *("S", "SUSCEPTIBLE", "R", "RESISTANT", "I", "INTERMEDIATE", "MS", "VS", "NS", "SDD"),
        *("NON-SUSCEPTIBLE", "SUSCEPTIBLE-DOSE DEPENDENT", "SYN-R", "SYN-S", "NCL", "IE"),
        *("EXP", "EXPECTED", "UNE", "UNEXPECTED", "B", "BETTER", "D", "U", "W", "WORSE", "CAR"),
        *("CARRIER", "SIGNIFICANT CHANGE DOWN", "SIGNIFICANT CHANGE UP"),
    }
)
# Table 0078 and what grew out of it, by the last part of any address of theirs.
_TABLES = frozenset({"observationinterpretation", "0078"})
_AROUND = re.compile(r"^(?:valueset-|codesystem-|v3-|v2-)+|\.html?$")
# Critical, in the languages that share the word; "crit" as laboratories shorten it.
_MAYBE_CRITICAL = re.compile(r"(?i)\b(?:[ck]r[i\u00ed]t(?!er)\w*|panic|panik\w*)")
_WHY_NOT = ("/data-absent-reason", "/iso21090-nullFlavor")
_STRESSED = re.compile(r"[*!]")
_NO_LETTERS = re.compile(r"[\W\d_]+")


class Flags(NamedTuple):
    """The flags that mean something here.

    `doubtful`: another may say that it is critical. `strange`: another is not understood at all.
    """

    known: frozenset[str] = _NONE
    doubtful: bool = False
    strange: bool = False


NO_FLAGS = Flags()


class _Read(NamedTuple):
    """What one way of saying it says: its flags, or that it is quiet, or may be critical."""

    alarms: frozenset[str] = _NONE
    quiet: bool = False
    doubtful: bool = False

    @property
    def understood(self) -> bool:
        return self.quiet or self.doubtful or bool(self.alarms)


def flags_of(node: Mapping[str, Any], rules: RecordRules) -> Flags:
    """The flags of an Observation or a component.

    A flag of another code system is not believed, in neither direction, but one that looks critical
    is told. One without a system, or in words, counts when it is an alarm. What says nothing that
    is understood is told too.
    """
    policy = rules.labs
    found: set[str] = set()
    doubtful = strange = False
    for concept in as_many(node.get("interpretation")):
        heard = [*_codes(concept, rules), *_words(concept, rules)]
        for one in heard:
            found |= one.alarms
            doubtful = doubtful or one.doubtful
        silent = not heard and not _is_empty(concept)
        strange = strange or silent or (bool(heard) and not any(one.understood for one in heard))
    known = frozenset(found & policy.flags)
    return Flags(known, doubtful and not known & policy.critical_flags, strange)


def _is_empty(concept: object) -> bool:
    """Whether it says nothing at all, at most in an extension why not."""
    if not isinstance(concept, dict):
        return concept is None
    urls = (as_object(one).get("url") for one in as_many(concept.get("extension")))
    return not {"coding", "text"} & {*concept} and all(
        isinstance(url, str) and url.endswith(_WHY_NOT) for url in urls
    )


def _codes(concept: object, rules: RecordRules) -> Iterator[_Read]:
    """What its codes say; no two flags differ by case alone."""
    policy = rules.labs
    for system, written, display in codings_of(concept):
        code = written.upper()
        own = system in rules.flag_systems or (system is not None and is_table(system))
        if own and code in policy.flags:
            yield _Read(frozenset({code}), quiet=True)
        elif own or system is None:
            yield _said(code, rules)
            if display is not None:
                yield _said(display, rules)
        else:
            critical = code in policy.critical_flags or reads_critical(f"{code} {display or ''}")
            words = {code, " ".join((display or "").split()).upper()}
            known = code in policy.flags or _DISPLAYS.get((display or "").casefold())
            yield _Read(quiet=bool(words & _QUIET or known), doubtful=critical)


def _words(concept: object, rules: RecordRules) -> Iterator[_Read]:
    """What it says in words: its text, and the displays that stand without a code."""
    if not isinstance(concept, dict):
        if concept is not None:
            yield _said(concept, rules) if isinstance(concept, str) else _Read()
        return
    text = text_at(concept, "text")
    if text is not None:
        yield _said(text, rules)
    for coding in as_many(concept.get("coding")):
        display = text_at(as_object(coding), "display")
        if display is not None and not codings_of({"coding": [coding]}):
            yield _said(display, rules)


def _said(text: str, rules: RecordRules) -> _Read:
    """What a text says, as a flag, several of them, or FHIR's display of one."""
    policy = rules.labs
    plain = " ".join(text.split())
    bare = plain.strip("*!()[].: ")
    code = _DISPLAYS.get(bare.casefold(), bare.upper())
    parts = frozenset(_NO_LETTERS.sub(" ", code).split())
    flags = {code} if code in policy.flags else parts if parts and parts <= policy.flags else _NONE
    alarms = frozenset(flags) & policy.alarms
    # Whoever writes "H*" means more than "H".
    stressed = bool(alarms) and _STRESSED.search(plain) is not None
    return _Read(alarms, bool(flags) or code in _QUIET, reads_critical(plain) or stressed)


def reads_critical(text: str) -> bool:
    """Whether words may say that something is critical; "not critical" is not told apart."""
    return _MAYBE_CRITICAL.search(text) is not None


def is_table(system: str) -> bool:
    """Whether an address is that of the code system of flags, its value set, or their pages."""
    last = system.casefold().split("|")[0].split("#")[0].rstrip("/").rpartition("/")[2]
    return _AROUND.sub("", last).replace("-", "") in _TABLES
