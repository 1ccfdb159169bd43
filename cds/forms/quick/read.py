"""The usual response read in one pass: complete, faultless, answered by codes only.

Reads and checks at once. At the first doubt it gives up (None), and the full reading and the full
list of checks decide: what this accepts, they must find nothing wrong with (a property test).
"""

import re
from collections.abc import Mapping
from typing import Any

from cds.core.model import Answers
from cds.core.remember import remember
from cds.forms.quick.plan import LeftOut, Option, Plan, Row, Rows
from cds.forms.reading import FINISHED, Reading
from cds.forms.values.dates import INSTANT_AT_A_GLANCE

_KEYS = frozenset(
    "resourceType id meta questionnaire status subject encounter authored author item".split()  # noqa: SIM905 - reads as a list
)
_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_SUBJECT = re.compile(r"Patient/[A-Za-z0-9.\-]{1,64}")
_OTHERS = {
    "encounter": re.compile(r"Encounter/[A-Za-z0-9.\-]{1,64}"),
    "author": re.compile(
        r"(?:Patient|Practitioner|PractitionerRole|RelatedPerson|Device|Organization)/[A-Za-z0-9.\-]{1,64}"
    ),
}
_META = {"versionId": _ID, "lastUpdated": INSTANT_AT_A_GLANCE}
_BARE = 2  # linkId and answer, or system and code
_WORDED = 3  # and text, or display
_NO_CODES: tuple[str, ...] = ()
_MAX_KEPT = 512


def read_quickly(response: Mapping[str, Any], reading: Reading, plan: Plan) -> Answers | None:
    """The answers of a response that no check would object to, or None in any doubt.

    What it accepts holds no number and is nested as the form is, so the limits of `wire` are kept.
    """
    given: dict[str, tuple[str, ...]] = {}
    opened: dict[str, str] = {}
    try:
        if not head_is_usual(response, plan):
            return None
        if not read_items(response["item"], plan.items, given, opened):
            return None
    except (KeyError, TypeError, AttributeError):
        return None
    return answers_of(given, opened, reading, plan)


def answers_of(
    given: Mapping[str, tuple[str, ...]],
    opened: Mapping[str, str],
    reading: Reading,
    plan: Plan,
) -> Answers | None:
    """The answers made of the codes given and the questions left open; None in any doubt.

    A doubt is a question answered though it is not asked, or required and not answered.
    """
    known = tuple(map(given.get, plan.controls))
    left_out = plan.left_out.get(known) or _left_out(known, plan, given, opened)
    if not (left_out.silent.isdisjoint(given) and left_out.required.issubset(given)):
        return None
    codes = _without_unknown(given, opened, reading.unknown) if opened else given
    return Answers(
        reading.asked, codes, opened, left_out.excused, left_out.hidden, short=reading.short
    )


def _left_out(
    known: tuple[tuple[str, ...] | None, ...],
    plan: Plan,
    given: Mapping[str, tuple[str, ...]],
    opened: Mapping[str, str],
) -> LeftOut:
    """Find out which questions are not asked; remembered for whoever gives the same answers."""
    excused: set[str] = set()
    hidden: set[str] = set()
    for one in plan.conditioned:
        unmet = [wanted.isdisjoint(given.get(name, _NO_CODES)) for name, wanted in one.wanted]
        if not (any(unmet) if one.every else all(unmet)):
            continue
        settled = all(
            question not in opened and (question in given or question in excused)
            for question in one.controls
        )
        (excused if settled else hidden).update(one.questions)
    silent = frozenset(excused | hidden)
    found = LeftOut(frozenset(excused), frozenset(hidden - excused), silent, plan.required - silent)
    return remember(plan.left_out, known, found, _MAX_KEPT)


def _without_unknown(
    given: Mapping[str, tuple[str, ...]], opened: Mapping[str, str], unknown: frozenset[str]
) -> dict[str, tuple[str, ...]]:
    """The codes that are known; a question without any is left out."""
    codes = dict(given)
    for link_id in opened:
        codes[link_id] = tuple(code for code in given[link_id] if code not in unknown)
        if not codes[link_id]:
            del codes[link_id]
    return codes


def head_is_usual(response: Mapping[str, Any], plan: Plan) -> bool:
    """Whether everything beside the answers is as usual; any other shape raises or is False."""
    return (
        _KEYS.issuperset(response)
        and response["resourceType"] == "QuestionnaireResponse"
        and response["questionnaire"] in plan.canonicals
        and response["status"] in FINISHED
        and INSTANT_AT_A_GLANCE.fullmatch(response["authored"]) is not None
        and _refers(response["subject"], _SUBJECT)
        and ("id" not in response or _ID.fullmatch(response["id"]) is not None)
        and all(_refers(response[name], _OTHERS[name]) for name in _OTHERS if name in response)
        and ("meta" not in response or _is_usual_meta(response["meta"]))
    )


def _is_usual_meta(meta: Any) -> bool:
    """Whether a server's version and time stand there, and nothing else."""
    return bool(meta) and all(_META[key].fullmatch(meta[key]) for key in meta)


def _refers(value: Any, pattern: re.Pattern[str]) -> bool:
    """Whether this is a plain reference to one of the types that may stand here."""
    return len(value) == 1 and pattern.fullmatch(value["reference"]) is not None


def read_items(
    items: Any, planned: Rows, given: dict[str, tuple[str, ...]], opened: dict[str, str]
) -> bool:
    """Read the items of one level in order; False, or an exception, at the first doubt."""
    if type(items) is not list or not items:
        return False
    last = -1
    for entry in items:
        place, text, below, _, _, _ = row = planned[entry["linkId"]]
        worded = len(entry) != _BARE
        if place <= last or (worded and (len(entry) != _WORDED or entry["text"] != text)):
            return False
        last = place
        if below is None:
            if not _read_answers(entry, row, given, opened):
                return False
        elif not read_items(entry["item"], below, given, opened):
            return False
    return True


def _read_answers(
    entry: Any, row: Row, given: dict[str, tuple[str, ...]], opened: dict[str, str]
) -> bool:
    """Read the answers to one question; False, or an exception, at the first doubt."""
    answers = entry["answer"]
    if len(answers) != 1:
        found = _several(answers, row)
        if found:
            given[entry["linkId"]] = found
        return bool(found)
    # `_sound`, written out: this is where most of the time goes.
    answer = answers[0]
    coding = answer["valueCoding"]
    known, alone, unknown = row[3][coding["code"]]
    if len(answer) != 1 or not (coding == known or _other_words(coding, known)):
        return False
    given[entry["linkId"]] = alone
    if unknown:
        opened[entry["linkId"]] = "unknown"
    return True


def _sound(answer: Any, row: Row) -> Option | None:
    """The option that an answer chooses; None, or an exception, in any doubt."""
    coding = answer["valueCoding"]
    option = row[3][coding["code"]]
    if len(answer) != 1:
        return None
    return option if coding == option.coding or _other_words(coding, option.coding) else None


def _other_words(coding: Any, known: Mapping[str, str]) -> bool:
    """Whether a coding differs from the form's only in its display: left out, or in other words."""
    if coding["system"] != known["system"] or len(coding) > _WORDED:
        return False
    return len(coding) == _BARE or _is_text(coding["display"])


def _several(answers: Any, row: Row) -> tuple[str, ...]:
    """The codes of several sound answers to a question that takes them; none in any doubt."""
    if type(answers) is not list or not row[4]:
        return ()
    found = []
    for answer in answers:
        option = _sound(answer, row)
        # "Not known" and "none" beside another answer: the full reading knows what to make of it.
        if option is None or option.unknown:
            return ()
        found.append(option.alone[0])
    doubtful = len(set(found)) != len(found) or not row[5].isdisjoint(found)
    return () if doubtful else tuple(found)


def _is_text(value: object) -> bool:
    return type(value) is str and bool(value.strip())
