"""What differs between two versions of a pack, part by part, and which version step it asks for."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from cds.core.pack import Pack
from cds.knowledge.compared.record import record_changes
from cds.knowledge.compared.step import Change, Step
from cds.knowledge.proofs.questions import questions_of_form

# kind → the fields whose change asks for more than a patch. A rule's condition and level are
# weighed by what they decide; here they only count as "something new".
WEIGHTS: Mapping[str, Mapping[str, Step]] = {
    "question": {
        "codes": Step.MINOR,
        "unknown": Step.MAJOR,
        "repeats": Step.MAJOR,
        "required": Step.MINOR,
        "gates": Step.MINOR,
        "exclusive": Step.MINOR,
        "fail_safe": Step.MINOR,
        "system": Step.MAJOR,
    },
    "rule": {
        "finding": Step.MAJOR,
        "when": Step.MINOR,
        "level": Step.MINOR,
        "switch": Step.MINOR,
        "outcome": Step.MINOR,
        "advice": Step.MINOR,
        "remark": Step.MINOR,
    },
    "level": dict.fromkeys(
        ("rank", "indicator", "priority", "category", "alert", "reassures"), Step.MAJOR
    ),
    "cause": {"supported_by": Step.MINOR, "codings": Step.MINOR},
    "advice": {"when": Step.MINOR, "levels": Step.MINOR, "yields_to": Step.MINOR},
    "site option": {"default": Step.MAJOR},
    "reassurance": dict.fromkeys(("safety", "history", "floor", "lowest", "otherwise"), Step.MINOR),
}
# Kinds that are one value: an address that moves breaks whoever holds it, other values are words.
_WHOLE: Mapping[str, Step] = {"form": Step.MAJOR, "about": Step.PATCH, "window": Step.MINOR}
GONE = Step.MAJOR
NEW = Step.MINOR


def pack_changes(old: Pack, new: Pack) -> Iterator[Change]:
    """Every part that differs."""
    before, after = _parts(old), _parts(new)
    for kind, parts in after.items():
        was = before[kind]
        yield from (Change(kind, id_, "removed", (), GONE) for id_ in was if id_ not in parts)
        for id_, part in parts.items():
            if id_ not in was:
                yield Change(kind, id_, "added", (), NEW)
            elif was[id_] != part:
                yield _changed(kind, id_, was[id_], part)
    yield from record_changes(old.record, new.record)
    if old.identity.base != new.identity.base:
        yield Change("pack", "canonical base", "changed", (), Step.MAJOR)


def _changed(kind: str, id_: str, was: object, part: object) -> Change:
    weight = _WHOLE.get(kind)
    if weight is not None:
        return Change(kind, id_, "changed", (), weight)
    names = tuple(name for name in _fields(was) if getattr(was, name) != getattr(part, name))
    weights = WEIGHTS.get(kind, {})
    step = max((weights.get(name, Step.PATCH) for name in names), default=Step.PATCH)
    return Change(kind, id_, "changed", names, step)


def _fields(part: object) -> tuple[str, ...]:
    """The field names of a value, whichever way it is written."""
    if is_dataclass(part):
        return tuple(field.name for field in fields(part))
    named: tuple[str, ...] = getattr(part, "_fields", ())
    return named


def _parts(pack: Pack) -> dict[str, dict[str, Any]]:
    """Everything that an outside reader may hold on to, by kind and id."""
    questions = {
        f"{form.id}: {one.link_id}": one
        for form in pack.forms
        for one in questions_of_form(form, pack.unknown, pack.fail_safe)
    }
    options = {
        f"{name} = {code}": code
        for name, one in questions.items()
        for code in (*one.codes, *([one.unknown] if one.unknown else []))
    }
    rules = pack.rules
    return {
        "form": {form.id: form.url for form in pack.forms},
        "question": questions,
        "answer": options,
        "level": {level.code: level for level in rules.levels},
        "rule": {rule.id: rule for rule in rules.rules},
        "finding": {rule.finding: rule.finding for rule in rules.rules},
        "cause": {cause.id: cause for cause in rules.causes},
        "advice": {piece.id: piece for piece in pack.advice},
        "site option": {option.name: option for option in rules.options},
        "reassurance": {"[reassurance]": rules.reassurance},
        "exception": {f"{one.question} = {one.code}": one for one in pack.context}
        | {f"{settling.question} once answered": settling for settling in pack.settles},
        "fact": {fact: fact for fact in sorted(pack.facts)},
        "complication": {complication.id: complication for complication in pack.complications},
        "source": {**pack.sources.lines, **pack.sources.citations},
        "wording": {"[wording]": pack.wording},
        "about": dict(pack.about),
        "window": {"answers-valid-hours": pack.answers_valid_hours},
    }
