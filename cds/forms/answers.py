"""The answers of a response that count, read so that a fault can hide nothing.

Every item with a known linkId is read, wherever it stands. A faulty answer that would raise an
alarm counts; one that would calm is unknown. What the form did not ask is left out only where a
known answer made it needless, and a safety answer not even then.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cds.core.model import Answers
from cds.forms.questionnaire import Item, Questionnaire
from cds.forms.reading import FINISHED, WITHOUT_ANSWER, Reading, controls
from cds.forms.response.enablement import Enablement
from cds.forms.response.tree import Node, Tree, read_tree

_ITEM = frozenset({"linkId", "definition", "text", "answer", "item", "id", "extension"})
_ANSWER = frozenset({"valueCoding", "valueString", "item", "id", "extension"})
_CODING = frozenset({"system", "version", "code", "display", "userSelected", "id", "extension"})


@dataclass(frozen=True, slots=True)
class Read:
    """The answers, and what a reader must be told of them (linkIds, in the form's order)."""

    answers: Answers
    ignored: tuple[str, ...] = ()  # answered although not asked, and left out
    contradicted: tuple[str, ...] = ()  # a follow-up answered although the question says "none"
    free_text: tuple[str, ...] = ()


@dataclass(slots=True)
class _Given:
    """What was found for one question."""

    codes: list[str] = field(default_factory=list)
    why: str | None = None  # why the question is open although something was given
    free_text: bool = False
    count: int = 0
    items: int = 0


def is_finished(response: Mapping[str, Any]) -> bool:
    """Whether the response says that it is complete; its status may be anything."""
    status = response.get("status")
    return isinstance(status, str) and status in FINISHED


def read_answers(response: Mapping[str, Any], reading: Reading, *, assumed: bool = False) -> Read:
    """Read a response. `assumed`: the form was only guessed, so nothing is left out."""
    form = reading.questionnaire
    tree = read_tree(dict(response), form)
    given: dict[str, _Given] = {}
    # A modifier that is not understood may turn the meaning of all that it stands on.
    plain = not response.get("modifierExtension")
    for item, entry, in_place in _items(response.get("item"), None, form, in_place=plain):
        if item.type not in WITHOUT_ANSWER:
            _read_item(item, entry, reading, given.setdefault(item.link_id, _Given()), in_place)
    opened = {
        link_id: why for link_id, one in given.items() if (why := _why(one, form, link_id, reading))
    }
    excused, hidden = _not_asked(tree, reading, opened)
    ignored = tuple(
        item
        for item in reading.asked
        if item in excused and item in given and item not in reading.fail_safe and not assumed
    )
    counted = {
        item: codes
        for item in reading.asked
        if item in given
        and item not in ignored
        and (codes := _counting(given[item].codes, item, reading, opened.get(item)))
    }
    for link_id in ignored:
        opened.pop(link_id, None)
    answers = Answers(
        asked=reading.asked,
        codes=counted,
        open=opened,
        excused=frozenset(excused - set(counted)),
        hidden=frozenset(hidden),
        blocked=not is_finished(response),
        short=reading.short,
    )
    contradicted = tuple(
        item
        for item in reading.asked
        if item in excused and item in given and _denied(form.by_link_id[item], given, form)
    )
    spoken = tuple(item for item in reading.asked if item in given and given[item].free_text)
    return Read(answers, ignored, contradicted, spoken)


def _items(
    raw: object, parent: Item | None, form: Questionnaire, *, in_place: bool
) -> Iterator[tuple[Item, dict[str, Any], bool]]:
    """Every item that the form knows, and whether it stands, unmodified, where it belongs."""
    for entry in raw if isinstance(raw, list) else ():
        if not isinstance(entry, dict):
            continue
        link_id = entry.get("linkId")
        item = form.by_link_id.get(link_id) if isinstance(link_id, str) else None
        here = in_place and item is not None and item.parent is parent and _only(entry, _ITEM)
        if item is not None:
            yield item, entry, here
        is_group = item is not None and item.type in WITHOUT_ANSWER
        yield from _items(entry.get("item"), item, form, in_place=here and is_group)
        answers = entry.get("answer")
        for answer in answers if isinstance(answers, list) else ():
            if isinstance(answer, dict):
                nested = here and not is_group
                yield from _items(answer.get("item"), item, form, in_place=nested)


def _read_item(
    item: Item,
    entry: dict[str, Any],
    reading: Reading,
    given: _Given,
    in_place: bool,  # noqa: FBT001
) -> None:
    given.items += 1
    if "answer" not in entry:
        return
    answers = entry["answer"]
    if not isinstance(answers, list) or not answers:
        given.why = given.why or "unreadable"
        return
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
    plain = _only(answer, _ANSWER)
    if item.type == "open-choice" and plain and _is_free_text(answer):
        return None, True
    # Beside what does not belong there, a code may still be an alarm; sound it is not.
    coding = answer.get("valueCoding")
    if not isinstance(coding, dict) or not isinstance(coding.get("code"), str):
        return None, False
    code, system = coding["code"], coding.get("system")
    if isinstance(system, str | None) and (system, code) in item.codings:
        return code, plain and "valueString" not in answer and _only(coding, _CODING)
    return (code, False) if system is None and code in item.codes else (None, False)


def _only(element: Mapping[str, Any], known: frozenset[str]) -> bool:
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


def _why(given: _Given, form: Questionnaire, link_id: str, reading: Reading) -> str | None:
    """Why a question stays open although something was given for it."""
    item = form.by_link_id[link_id]
    if (given.count > 1 and not item.repeats) or given.items > 1:
        return "duplicate"
    if given.why:
        return given.why
    if not given.codes:
        return "free-text" if given.free_text else None
    return None if reading.unknown.isdisjoint(given.codes) else "unknown"


def _counting(codes: list[str], link_id: str, reading: Reading, why: str | None) -> tuple[str, ...]:
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


def _not_asked(
    tree: Tree, reading: Reading, opened: Mapping[str, str]
) -> tuple[set[str], set[str]]:
    """The questions that a known answer made needless, and those that hang on an open question."""
    enablement = Enablement(tree)
    excused: set[str] = set()
    hidden: set[str] = set()
    for link_id in reading.asked:
        item = reading.questionnaire.by_link_id[link_id]
        state = enablement.at(item, _parent_node(tree, item))
        if state.enabled is not False:
            continue
        # A question that is itself needless leaves nothing open.
        settled = excused.issuperset(state.unanswered) and opened.keys().isdisjoint(controls(item))
        (excused if settled else hidden).add(link_id)
    return excused, hidden


def _parent_node(tree: Tree, item: Item) -> Node | None:
    if item.parent is None:
        return None
    nodes = tree.by_link_id.get(item.parent.link_id, ())
    return next((node for node in nodes if node.fault is None), None)


def _denied(item: Item, given: Mapping[str, _Given], form: Questionnaire) -> bool:
    """Whether the question that leads to this one was answered with "none" alone."""
    return any(
        when.question in given
        and given[when.question].codes
        and set(given[when.question].codes) <= form.by_link_id[when.question].exclusive
        for when in item.enable_when
    )
