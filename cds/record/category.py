"""Whether a result is one of a laboratory, by the category that the record gives it."""

import re
from collections.abc import Mapping
from typing import Any

from cds.core.logic import Truth
from cds.record.rules import RecordRules
from cds.record.shapes import as_many, as_object, codings_of, displays_of, text_at

# FHIR's own categories of observations, less those of a laboratory: surely another kind.
_OTHERS = frozenset(
    {
        *("social-history", "vital-signs", "imaging", "procedure", "survey", "exam", "therapy"),
        "activity",
    }
)
# The same in words, which say it of what no laboratory calls critical.
_OTHER_WORDS = _OTHERS | {"social history", "vital signs", "radiology", "cardiology", "rad"}
# The sections of HL7 v2 table 0074 that are surely no laboratory's.
_SECTIONS = re.compile(r"(?i)(?:^|\D)0074\W*$")
_OTHER_SECTIONS = frozenset(
    {
        *("au", "cth", "cus", "ct", "ec", "en", "icu", "nmr", "nms", "nrs", "ous", "phr", "phy"),
        *("pt", "rad", "rc", "rt", "rus", "rx", "vus", "xrc"),
    }
)


def laboratory(
    observation: Mapping[str, Any], rules: RecordRules, *, flagged: bool = False
) -> Truth:
    """Whether it is a laboratory's; true without a category, None where no category is known.

    `flagged`: the laboratory called it critical, so that a result of further categories counts.
    """
    policy = rules.labs
    known = said = False
    others = _OTHERS if flagged else _OTHER_WORDS
    for one in as_many(observation.get("category")):
        words = _words(one)
        for system, code, _ in codings_of(one):
            if any(system in systems and code in codes for systems, codes in policy.category_codes):
                return True
            section = system is not None and _SECTIONS.search(system.split("|")[0])
            other = section and not flagged and code.casefold() in _OTHER_SECTIONS
            known = known or bool(other)
        said = said or bool(words)
        for word in words:
            if word in policy.categories or (flagged and word in policy.flagged_categories):
                return True
            known = known or word in others
    return (False if known else None) if said else True


def _words(category: object) -> list[str]:
    """All that a category says: its codes, its displays, its text; or that it is a mere text."""
    if isinstance(category, str):
        return [category.strip().casefold()]
    codes = [code for _, code, _ in codings_of(category)]
    text = text_at(as_object(category), "text")
    words = [*codes, *displays_of(category), *([] if text is None else [text])]
    return [word.strip().casefold() for word in words]
