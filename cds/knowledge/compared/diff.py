"""The semantic difference of two versions of a pack: which decisions change, each with a witness.

The solver looks for the fewest answers that the two versions decide differently. What it finds also
decides how far the version number must move; without the solver the written parts alone do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cds.core.pack import Earlier, Form, Pack
from cds.errors import Fault, PackError, UsageError
from cds.forms.questionnaire import compile_questionnaire
from cds.knowledge.compared.changes import pack_changes
from cds.knowledge.compared.step import Change, Step
from cds.knowledge.proofs.claims import lowered
from cds.knowledge.proofs.prove import scopes_of
from cds.knowledge.proofs.questions import questions_of_form
from cds.knowledge.proofs.scope import Raw, Scope, codes_of, free
from cds.knowledge.proofs.solver import Solver
from cds.knowledge.proofs.terms import Term, both, either, negated
from cds.knowledge.proofs.witness import Situation, situation_of
from cds.knowledge.proofs.worlds import World
from cds.knowledge.read.own import RELEASED
from cds.knowledge.read.pack import load_pack


@dataclass(frozen=True, slots=True)
class ChangedDecision:
    """One changed decision, with the fewest answers that show it in the old and the new version."""

    about: str
    text: str
    before: Situation
    after: Situation
    step: Step


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs. `decisions` is None where the solver was not there to look."""

    old: Pack
    new: Pack
    changes: tuple[Change, ...]
    decisions: tuple[ChangedDecision, ...] | None

    @property
    def step(self) -> Step:
        """How far the version must move."""
        found = [change.step for change in self.changes]
        found += [decision.step for decision in self.decisions or ()]
        return max(found, default=Step.NONE)

    @property
    def taken(self) -> Step | None:
        """How far the version did move; None if it went back or cannot be read."""
        return step_between(self.old.version, self.new.version)

    @property
    def fault(self) -> str | None:
        """Why the new version number is wrong, or None."""
        taken = self.taken
        if taken is None:
            return f"{self.new.version} does not follow {self.old.version}."
        if taken is Step.NONE and self.step > taken:
            return (
                f"{self.new.version} stands for two things; the changes ask for {self.step.word}."
            )
        if taken < self.step:
            return (
                f"{self.old.version} to {self.new.version} is a {taken.word} step;"
                f" the changes ask for {self.step.word}."
            )
        return None


def difference(old: Pack, new: Pack, *, solver: bool = True) -> Difference:
    """Compare two versions. Without z3 (or with `solver` false) only the written parts."""
    written = tuple(pack_changes(old, new))
    if not solver:
        return Difference(old, new, written, None)
    try:
        return Difference(old, new, written, tuple(_decisions(old, new)))
    except UsageError:
        return Difference(old, new, written, None)


def _decisions(old: Pack, new: Pack) -> Iterator[ChangedDecision]:
    """Every decision that changes, on every form and setting that both versions have."""
    seen: set[tuple[str, str]] = set()
    for form in old.forms:
        other = next((one for one in new.forms if one.id == form.id), None)
        if other is None:
            continue
        for before, after in _shared_scopes(old, form, new, other):
            # The same change at another setting, or on the short form, is no other decision.
            for decision in _between(before, after, seen):
                seen.add((decision.about, decision.text))
                yield decision


def _shared_scopes(old: Pack, form: Form, new: Pack, other: Form) -> Iterator[tuple[Scope, Scope]]:
    for before in scopes_of(old, form):
        for after in scopes_of(new, other):
            if before.settings == after.settings:
                yield before, after


def _between(before: Scope, after: Scope, seen: set[tuple[str, str]]) -> Iterator[ChangedDecision]:
    raw = Raw({**free(before).terms, **free(after).terms})
    was, now = World(before, raw), World(after, raw)
    solver = Solver(was.clean(), now.clean())
    if solver.find(either(term for _, _, term, _ in _questions(was, now))) is None:
        return
    keys = list(raw.terms)
    told, real = _told(was, now), both((_whole(was), _whole(now)))
    for about, text, term, step in _questions(was, now):
        # What somebody loses is asked of answers that both versions have.
        terms = (term, told) if step is Step.MAJOR or "no longer" in text else (term,)
        if (about, text) in seen:
            continue
        # A patient whom both versions can meet, if the decision changes for one; else any that
        # can be stated: nothing that changes goes unsaid.
        model = solver.smallest(keys, *terms, real) or solver.smallest(keys, *terms)
        if model is not None:
            shown = (situation_of(was, model), situation_of(now, model))
            yield ChangedDecision(about, text, *shown, step)


def _told(was: World, now: World) -> Term:
    """Only answers that both forms have, so that nothing is lost by a question that was not put."""
    both_have = {
        (question.link_id, code) for question in was.scope.questions for code in codes_of(question)
    } & {
        (question.link_id, code) for question in now.scope.questions for code in codes_of(question)
    }
    raw = now.raw.terms
    return both(negated(raw[key]) for key in raw if key[0] == "answer" and key[1:] not in both_have)


def _whole(world: World) -> Term:
    """A value that is critical on one side is critical: a record never says only the one."""
    raw = world.raw
    return both(
        either((negated(raw["present", side]), raw["present", fact]))
        for fact, sides in world.scope.sided
        for side in sides
    )


def _questions(was: World, now: World) -> Iterator[tuple[str, str, Term, Step]]:
    """What may have changed: from each level to each other one, and each rule's firing."""
    for old in was.scope.rules.levels:
        for new in now.scope.rules.levels:
            if old.code != new.code:
                term = both((was.is_level(old.code), now.is_level(new.code)))
                # Ranks are counted from the lowest, so that two lists of levels compare.
                step = Step.MAJOR if new.rank < old.rank else Step.MINOR
                yield "level", f"{old.code} becomes {new.code}", term, step
    ours = {one.rule.id for one in was.scope.applied}
    theirs = {one.rule.id for one in now.scope.applied}
    for rule in sorted(ours & theirs):
        before, after = was.fires(rule), now.fires(rule)
        yield f"rule {rule}", f"{rule} no longer fires", lowered(before, after), Step.MINOR
        yield f"rule {rule}", f"{rule} fires now", lowered(after, before), Step.MINOR


def step_between(old: str, new: str) -> Step | None:
    """Which part of the number moved; None if the new one is lower or not three numbers."""
    before, after = _numbers(old), _numbers(new)
    if before is None or after is None or after < before:
        return None
    for step, one, other in zip((Step.MAJOR, Step.MINOR, Step.PATCH), before, after, strict=True):
        if one != other:
            return step
    return Step.NONE


def _numbers(version: str) -> tuple[int, int, int] | None:
    parts = version.split(".")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):  # noqa: PLR2004 - major.minor.patch
        return None
    major, minor, patch = map(int, parts)
    return major, minor, patch


def last_released(folder: Path) -> Pack | None:
    """The last released version, kept in released/VERSION/ of the pack; None before the first.

    Raises:
        PackError: it has faults.
    """
    kept = [one for one in (folder / RELEASED).glob("*/pack.toml") if _numbers(one.parent.name)]
    if not kept:
        return None
    return load_pack(max(kept, key=lambda one: _numbers(one.parent.name) or (0, 0, 0)).parent)


def earlier_faults(folder: Path, pack: Pack) -> Iterator[Fault]:
    """Whether [[earlier]] tells each released version: what it lacked, what it had elsewhere."""
    said = {one.version: one for one in pack.earlier}
    for kept in sorted((folder / RELEASED).glob("*/pack.toml")):
        try:
            released = load_pack(kept.parent)
        except PackError:
            continue  # told elsewhere
        if released.version == pack.version:
            continue
        before, after = _options(released), _options(pack)
        lacked = {
            one for one in pack.rules.reassurance.safety if after[one] - before.get(one, set())
        }
        known = said.get(released.version, Earlier(released.version, ()))
        where = f"pack.toml: earlier {released.version}"
        if set(known.not_asked) != lacked:
            named = ", ".join(sorted(lacked)) or "nothing"
            hint = "These have options that it did not offer."
            yield Fault(f"{where}: not-asked", f"must name {named}.", hint)
        moved = _moved(released, pack)
        if known.moved != moved:
            named = ", ".join(f'"{link_id}" = "{group}"' for link_id, group in moved.items())
            hint = "These stood in another group, the one named, and answers still come from there."
            yield Fault(f"{where}: moved", f"must be {{ {named} }}.", hint)


def _moved(released: Pack, pack: Pack) -> dict[str, str]:
    """By linkId, the group in which the released version had what stands elsewhere now."""
    before, now = _groups(released), _groups(pack)
    return {
        link_id: group
        for link_id, group in before.items()
        if now.get(link_id, group) != group and (not group or group in now)
    }


def _groups(pack: Pack) -> dict[str, str]:
    items = compile_questionnaire(dict(pack.full.raw)).by_link_id.values()
    return {item.link_id: item.parent.link_id if item.parent else "" for item in items}


def _options(pack: Pack) -> dict[str, set[str]]:
    questions = questions_of_form(pack.full, pack.unknown, pack.fail_safe)
    return {question.link_id: set(question.codes) for question in questions}


def version_faults(folder: Path, pack: Pack) -> Iterator[Fault]:
    """What is wrong with the pack's version against the last released one.

    Without the solver a decision that falls cannot be seen; what is written asks for a step alone.
    """
    try:
        released = last_released(folder)
    except PackError as error:
        yield from error.faults
        return
    if released is None or released.hash == pack.hash:
        return
    fault = difference(released, pack).fault
    if fault:
        kept = f"{folder.name}/{RELEASED}/{released.version}"
        hint = f"`cramp-cds pack diff {kept} {folder.name}` shows what changed."
        yield Fault("pack.toml: pack: version", fault, hint)
