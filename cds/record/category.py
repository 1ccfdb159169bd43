"""Whether a result is one of a laboratory, by the category that the record gives it."""

from collections.abc import Mapping
from typing import Any

from cds.core.logic import Truth
from cds.record.rules import RecordRules
from cds.record.shapes import as_list, as_object, codings_of, text_at

# FHIR's own categories of observations, less those of a laboratory: surely another kind.
_OTHERS = frozenset(
    {
        *("social-history", "vital-signs", "imaging", "procedure", "survey", "exam", "therapy"),
        "activity",
    }
)


def laboratory(
    observation: Mapping[str, Any], rules: RecordRules, *, flagged: bool = False
) -> Truth:
    """Whether it is a laboratory's; true without a category, None where no category is known.

    `flagged`: the laboratory called it critical, so that a result of further categories counts.
    """
    policy = rules.labs
    known = False
    categories = as_list(observation.get("category")) or [observation.get("category")]
    said = False
    for one in categories:
        words: list[str] = []
        for system, code, _ in codings_of(one):
            words.append(code)
            if any(system in systems and code in codes for systems, codes in policy.category_codes):
                return True
        text = text_at(as_object(one), "text")
        words += [text] if text is not None else []
        for word in words:
            folded = word.strip().casefold()
            said = True
            if folded in policy.categories or (flagged and folded in policy.flagged_categories):
                return True
            known = known or folded in _OTHERS
    return (False if known else None) if said else True
