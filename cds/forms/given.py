"""What was given for one question, and what of it counts: a fault can hide nothing.

A faulty answer that would raise an alarm counts; one that would calm is unknown.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cds.core.model import Answers
from cds.forms.questionnaire import Item
from cds.forms.reading import FINISHED, Reading, controls
from cds.forms.response.states import EnabledState
from cds.wire import objects

if TYPE_CHECKING:
    from cds.forms.response.enablement import Enablement

ITEM: Final = frozenset({"linkId", "definition", "text", "answer", "item", "id", "extension"})
_ANSWER: Final = frozenset({"valueCoding", "valueString", "item", "id", "extension"})
_CODING: Final = frozenset(
    {"system", "version", "code", "display", "userSelected", "id", "extension"}
)


# Why a question is open although something sound may be there, and the issue that this is.
FAULTY: Final = {
    "unreadable": ("value", "the answer cannot be read"),
    "duplicate": ("repeats", "the question is answered more than once"),
}


class Read(NamedTuple):
    """The answers, and what a reader must be told of them (linkIds, in the form's order).

    `enablement`: what was found to be asked, where the response was read as a tree.
    """

    answers: Answers
    ignored: tuple[str, ...] = ()  # answered although not asked, and left out
    contradicted: tuple[str, ...] = ()  # a follow-up answered although the question says "none"
    free_text: tuple[str, ...] = ()
    enablement: "Enablement | None" = None


class Given:
    """What was found for one question. `why` it is open although something was given."""

    __slots__ = ("codes", "count", "free_text", "items", "why")

    def __init__(self) -> None:
        """Nothing is found yet."""
        self.codes: list[str] = []
        self.why: str | None = None
        self.free_text = False
        self.count = self.items = 0


def is_finished(response: Mapping[str, Any]) -> bool:
    """Whether the response says that it is complete; its status may be anything."""
    status = response.get("status")
    return isinstance(status, str) and status in FINISHED


def reasons(found: Mapping[str, "Given"], reading: Reading) -> dict[str, str]:
    """Why questions are open although something was given for them."""
    whys = ((link_id, _why(one, link_id, reading)) for link_id, one in found.items())
    return {link_id: why for link_id, why in whys if why}


def left_out(
    states: Iterable[tuple[str, EnabledState | None]], reading: Reading, opened: Mapping[str, str]
) -> tuple[frozenset[str], frozenset[str]]:
    """The needless questions and the hidden ones, of their states in the form's order."""
    excused: set[str] = set()
    hidden: set[str] = set()
    for link_id, state in states:
        if state is None or state.enabled is not False:
            continue
        asked = controls(reading.questionnaire.by_link_id[link_id])
        # A question that is itself needless leaves nothing open.
        settled = excused.issuperset(state.unanswered) and opened.keys().isdisjoint(asked)
        (excused if settled else hidden).add(link_id)
    return frozenset(excused), frozenset(hidden)


def read_item(
    item: Item,
    entry: dict[str, Any],
    reading: Reading,
    given: Given,
    *,
    in_place: bool,
) -> None:
    """Take in one item; `in_place`: it stands, unmodified, where the form has it."""
    given.items += 1
    answers = entry.get("answer", [])
    if answers == []:  # also how fillers write that nothing was chosen; FHIR has no empty arrays
        return
    if not isinstance(answers, list):
        answers, in_place = [answers], False
    for answer in answers:
        given.count += 1
        code, sound = _code(answer, item)
        if code is None:
            if sound:
                given.free_text = True
            else:
                given.why = given.why or "unreadable"
        elif sound and in_place:
            given.codes.append(code)
        else:
            given.why = given.why or "unreadable"
            if code in reading.alarms.get(item.link_id, ()):
                given.codes.append(code)


def _code(answer: object, item: Item) -> tuple[str | None, bool]:
    """The code of an answer, and whether the answer is sound. Sound without a code is free text."""
    if not isinstance(answer, dict):
        return None, False
    plain = only(answer, _ANSWER)
    if item.type == "open-choice" and plain and _is_free_text(answer):
        return None, True
    # Beside what does not belong there, a code may still be an alarm; sound it is not.
    coding = answer.get("valueCoding")
    if not isinstance(coding, dict) or not isinstance(coding.get("code"), str):
        return _meant(answer, item), False
    code, system = coding["code"], coding.get("system")
    if isinstance(system, str | None) and (system, code) in item.codings:
        return code, plain and "valueString" not in answer and only(coding, _CODING)
    return _meant(answer, item), False


def _meant(answer: Mapping[str, Any], item: Item) -> str | None:
    """The code of an option that a faulty answer says, in another type or another spelling.

    A code system is the same by its address without scheme, version and slash at the end, or where
    there is none; any other system means something else.
    """
    concept = answer.get("valueCodeableConcept")
    codings = objects(concept.get("coding")) if isinstance(concept, dict) else []
    for coding in objects([answer.get("valueCoding"), {"code": answer.get("valueCode")}, *codings]):
        code = coding.get("code")
        if not isinstance(code, str) or code.strip() not in item.codes:
            continue
        system = coding.get("system")
        known = {_address(one) for one, listed in item.codings if listed == code.strip()}
        if system is None or (isinstance(system, str) and _address(system) in known):
            return code.strip()
    return None


def _address(system: str | None) -> str:
    """The address of a code system without what makes no difference."""
    plain = (system or "").strip().casefold().partition("|")[0].rstrip("/")
    return plain.removeprefix("https://").removeprefix("http://")


def only(element: Mapping[str, Any], known: frozenset[str]) -> bool:
    """Whether an element holds nothing but what FHIR has there; a modifier is not among that."""
    return all(key in known or key.startswith("_") for key in element)


def _is_free_text(answer: Mapping[str, Any]) -> bool:
    """A text, or (as older fillers write it) a Coding that is nothing but a display."""
    coding = answer.get("valueCoding")
    if coding is None:
        text = answer.get("valueString")
    elif isinstance(coding, dict) and coding.keys() == {"display"} and "valueString" not in answer:
        text = coding["display"]
    else:
        return False
    return isinstance(text, str) and bool(text.strip())


def _why(given: Given, link_id: str, reading: Reading) -> str | None:
    """Why a question stays open although something was given for it."""
    item = reading.questionnaire.by_link_id[link_id]
    if (given.count > 1 and not item.repeats) or given.items > 1:
        return "duplicate"
    if given.why:
        return given.why
    if not given.codes:
        return "free-text" if given.free_text else None
    return None if reading.unknown.isdisjoint(given.codes) else "unknown"


def counting(codes: list[str], link_id: str, reading: Reading, why: str | None) -> tuple[str, ...]:
    """The codes that count: none that mean "not known", no exclusive one beside a positive one.

    Of several answers to a question that takes one, only those that could raise an alarm.
    """
    item = reading.questionnaire.by_link_id[link_id]
    known = [code for code in dict.fromkeys(codes) if code not in reading.unknown]
    if why == "duplicate":
        alarms = reading.alarms.get(link_id, frozenset())
        return tuple(code for code in known if code in alarms)
    positive = tuple(code for code in known if code not in item.exclusive)
    return positive or tuple(known)
