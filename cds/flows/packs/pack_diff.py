"""The difference of two packs as a reader sees it, with the golden cases that change."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cds.core.pack import Pack
from cds.errors import PackError
from cds.flows.packs.cases import read_cases, run_cases
from cds.knowledge.compared.diff import ChangedDecision, Difference, difference
from cds.knowledge.compared.meaning import Reworded, reworded, translated_changes
from cds.knowledge.proofs.report import boxed
from cds.knowledge.read.pack import load_pack
from cds.knowledge.read.tables import Faults
from cds.knowledge.read.translations import read_translations
from cds.knowledge.shown.words import Words
from cds.wire import JsonObject


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A golden case of the new version that the old one decides differently."""

    name: str
    before: tuple[str, tuple[str, ...]]
    after: tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Compared:
    """The difference, the texts that differ, and the golden cases: how many, which change."""

    difference: Difference
    meaning: tuple[Reworded, ...]
    cases: int
    changed: tuple[CaseChange, ...]
    skipped: int  # cases that the old version cannot even state


def compare_packs(old: Path, new: Path, *, solver: bool = True) -> Compared:
    """Compare two pack folders.

    Raises:
        PackError: one of them has faults.
    """
    before, after = load_pack(old), load_pack(new)
    found = difference(before, after, solver=solver)
    cases = list(read_cases(new, after, faults := Faults()))
    if faults.found:
        raise PackError(new.name, tuple(faults.found))
    stated = {case.name for case in read_cases(new, before, Faults())}
    shared = [case for case in cases if case.name in stated]
    ran = zip(_run(shared, before, new), _run(shared, after, new), strict=True)
    changed = tuple(CaseChange(name, was, now) for (name, was), (_, now) in ran if was != now)
    meaning = (
        *reworded(before, after),
        *translated_changes(read_translations(old), read_translations(new)),
    )
    return Compared(found, meaning, len(cases), changed, len(cases) - len(shared))


def _run(
    shared: list[Any], pack: Pack, folder: Path
) -> Iterator[tuple[str, tuple[str, tuple[str, ...]]]]:
    names = {case.name for case in shared}
    cases = [case for case in read_cases(folder, pack, Faults()) if case.name in names]
    for outcome in run_cases(cases, pack):
        yield outcome.case.name, (outcome.level, tuple(sorted(outcome.fired)))


def comparison_text(compared: Compared) -> Iterator[str]:
    """The comparison as lines for a terminal."""
    found = compared.difference
    yield f"{found.old.id} {found.old.version} → {found.new.id} {found.new.version}"
    yield ""
    yield from (f"  {change}" for change in found.changes)
    if not found.changes:
        yield "  no differences"
    if compared.meaning:
        yield ""
        count = len(compared.meaning)
        yield f"Meaning to be judged by a person, since no proof weighs words: {count}"
        yield from (f"  {one}" for one in compared.meaning)
    yield ""
    if found.decisions is None:
        yield "Decisions were not compared: without the solver (extra `prove`) nobody can."
    else:
        yield f"Changed decisions: {len(found.decisions)}"
    for decision in found.decisions or ():
        yield f"\n  {decision.text}. The fewest answers that show it:"
        yield from boxed(list(_rows(found, decision)))
    yield ""
    yield f"Golden cases that change: {len(compared.changed)} of {compared.cases}"
    for case in compared.changed:
        (was, ran), (now, runs) = case.before, case.after
        yield f"  {case.name}: {was} ({', '.join(ran)}) → {now} ({', '.join(runs)})"
    if compared.skipped:
        yield f"  {compared.skipped} cannot be stated with the old version."
    yield ""
    yield f"Required version bump: {found.step.word}"
    yield f"Version step taken: {found.taken.word if found.taken is not None else 'backwards'}"
    if found.fault:
        yield f"WRONG: {found.fault}"


def _rows(found: Difference, decision: ChangedDecision) -> Iterator[tuple[str, ...]]:
    words = Words(found.new)
    yield ("", "answer")
    for link_id, codes in decision.after.answers.items():
        said = ", ".join(f"{words.answer(link_id, code)} ({code})" for code in codes)
        yield f"{words.question(link_id)} ({link_id})", said
    for fact, state in decision.after.facts.items():
        yield f"Record: {words.facts.get(fact, fact)} ({fact})", state
    if decision.after.unfinished:
        yield "The response", "not finished"
    for name, one in (("Old", decision.before), ("New", decision.after)):
        yield f"{name} version", f"{one.level}; rules that fire: {', '.join(one.rules) or 'none'}"


def comparison_json(compared: Compared) -> JsonObject:
    """The comparison for a program."""
    found = compared.difference
    return {
        "schema": "cramp-cds/pack-diff/1",
        "old": {"id": found.old.id, "version": found.old.version, "hash": found.old.hash},
        "new": {"id": found.new.id, "version": found.new.version, "hash": found.new.hash},
        "changes": [
            {"kind": c.kind, "id": c.id, "what": c.what, "fields": list(c.fields)}
            for c in found.changes
        ],
        "meaning": [{"place": m.place, "old": m.old, "new": m.new} for m in compared.meaning],
        "decisions": None
        if found.decisions is None
        else [
            {
                "about": d.about,
                "text": d.text,
                "answers": {link_id: list(codes) for link_id, codes in d.after.answers.items()},
                "facts": dict(d.after.facts),
                "options": dict(d.after.settings),
                "before": {"level": d.before.level, "rules": list(d.before.rules)},
                "after": {"level": d.after.level, "rules": list(d.after.rules)},
            }
            for d in found.decisions
        ],
        "cases": {
            "all": compared.cases,
            "changed": [case.name for case in compared.changed],
            "notComparable": compared.skipped,
        },
        "step": {
            "asked": found.step.word,
            "taken": found.taken.word if found.taken is not None else None,
            "fault": found.fault,
        },
    }
