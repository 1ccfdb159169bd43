"""The laboratory's flags, wherever they stand and however their code system is spelled."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from cds.record.rules import RecordRules
from cds.record.shapes import as_list, as_object, codings_of, text_at

NONE = frozenset[str]()
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
# Table 0078 and what grew out of it, by the last part of any address of theirs.
_TABLES = frozenset({"observationinterpretation", "0078"})
_AROUND = re.compile(r"^(?:valueset-|codesystem-|v3-|v2-)+|\.html?$")
_MAYBE_CRITICAL = re.compile(r"(?i)\b(?:critical|critically|panic)\b")


class Flags(NamedTuple):
    """The flags that mean something here; and whether another may say that it is critical."""

    known: frozenset[str] = NONE
    doubtful: bool = False


NO_FLAGS = Flags()


def flags_of(node: Mapping[str, Any], rules: RecordRules) -> Flags:
    """The flags of an Observation or a component.

    A flag of another code system is not believed, in neither direction, but one that looks critical
    is told. One without a system, or in words, counts when it is an alarm.
    """
    policy = rules.labs
    found: set[str] = set()
    doubtful = False
    for concept in as_list(node.get("interpretation")):
        text = text_at(as_object(concept), "text")
        alarm = _alarm(text, rules)
        if alarm is not None:
            found.add(alarm)
        doubtful = doubtful or (alarm is None and text is not None and _is_critical(text))
        for system, written, display in codings_of(concept):
            code = written.upper()  # no two flags differ by case alone
            if (system is not None and is_table(system)) or system in rules.flag_systems:
                found.add(code)
            elif system is None:
                if code in policy.alarms:
                    found.add(code)
            elif code in policy.critical_flags or _is_critical(display or ""):
                doubtful = True
    known = frozenset(found & policy.flags)
    return Flags(known, doubtful and not known & policy.critical_flags)


def _alarm(text: str | None, rules: RecordRules) -> str | None:
    """The alarm that a text is, as a code or as FHIR's display of one."""
    if text is None:
        return None
    code = _DISPLAYS.get(" ".join(text.split()).casefold(), text.strip().upper())
    return code if code in rules.labs.alarms else None


def _is_critical(text: str) -> bool:
    return _MAYBE_CRITICAL.search(text) is not None


@lru_cache(maxsize=256)
def is_table(system: str) -> bool:
    """Whether an address is that of the code system of flags, its value set, or their pages."""
    last = system.casefold().split("|")[0].split("#")[0].rstrip("/").rpartition("/")[2]
    return _AROUND.sub("", last).replace("-", "") in _TABLES
