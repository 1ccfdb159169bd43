"""Mutants of the rules and of the red flags declared beside them, one change at a time.

Each rule or flag removed, each operator, option and level changed.

A mutant is killed when a golden case or a proof notices it.
`make mutants` tries all of them, `make test-all` a part.

    python tests/mutants/rules.py              # a fixed tenth of them
    python tests/mutants/rules.py --share 1    # all
"""

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from cds.core.conditions import (  # noqa: E402 - the checkout is on the path only now
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    Equals,
    HasFact,
    IsOpen,
    NoneOf,
)
from cds.core.model import Rule  # noqa: E402
from cds.core.pack import Pack  # noqa: E402
from cds.flows.packs.cases import Case, run_cases  # noqa: E402
from cds.flows.packs.publish import cases_of  # noqa: E402
from cds.knowledge.proofs.prove import prove  # noqa: E402
from cds.knowledge.read.pack import find_pack, pack_folders  # noqa: E402
from cds.knowledge.read.red_flags import RedFlag, red_flags  # noqa: E402

WANTED = 0.95
# Mutants that nobody can notice, and why. What is not listed here and survives is told as it is.
EQUIVALENT = {
    "cramps E4 at level self-care": "R2 always fires along with it, as its reading says",
    **{
        f"cramps U4: safety.fluid-loss {change}": "urgent alone by U4's own second arm"
        for answer in ("cannot-keep-fluids-down", "dizzy-on-standing")
        for change in (f"without {answer}", f"{answer} → none")
    },
    **{
        f"cramps flag 'a leg without feeling or strength, known and unchanged': {part} removed": (
            "another flag and E9 say the same, at a higher level, of what it then asks less of"
        )
        for part in ("part 2", "part 3")
    },
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A pack with one thing changed, in its rules or in the red flags that it declares."""

    text: str
    pack: Pack
    flags: tuple[RedFlag, ...] = ()  # the declared red flags, changed; none: as they are


def flag_mutants(pack: Pack, flags: tuple[RedFlag, ...]) -> Iterator[Mutant]:
    """Every mutant of the declared red flags: only the proofs of both directions can notice it."""
    options = _options(pack)
    for place, flag in enumerate(flags):
        before, after = flags[:place], flags[place + 1 :]
        yield Mutant(f"flag {flag.id!r} removed", pack, (*before, *after))
        for level in pack.rules.levels:
            if abs(level.rank - pack.rules.level(flag.level).rank) == 1:
                changed = flag._replace(level=level.code)
                text = f"flag {flag.id!r} at level {level.code}"
                yield Mutant(text, pack, (*before, changed, *after))
        for text, when in conditions(flag.when, options):
            changed = flag._replace(when=when)
            yield Mutant(f"flag {flag.id!r}: {text}", pack, (*before, changed, *after))


def mutants(pack: Pack) -> Iterator[Mutant]:
    """Every mutant of a pack's rules."""
    options = _options(pack)
    for place, rule in enumerate(pack.rules.rules):
        yield Mutant(f"{rule.id} removed", _with(pack, place, None))
        for level in pack.rules.levels:
            if abs(level.rank - pack.rules.level(rule.level).rank) == 1:
                changed = rule._replace(level=level.code)
                yield Mutant(f"{rule.id} at level {level.code}", _with(pack, place, changed))
        for text, when in conditions(rule.when, options):
            yield Mutant(f"{rule.id}: {text}", _with(pack, place, rule._replace(when=when)))


def _with(pack: Pack, place: int, rule: Rule | None) -> Pack:
    rules = list(pack.rules.rules)
    rules[place : place + 1] = [rule] if rule is not None else []
    return pack._replace(rules=pack.rules._replace(rules=tuple(rules)))


def _options(pack: Pack) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    rest = list(pack.full.raw["item"])
    while rest:
        item = rest.pop()
        codes = [option["valueCoding"]["code"] for option in item.get("answerOption", ())]
        found[item["linkId"]] = [code for code in codes if code not in pack.unknown]
        rest += item.get("item", ())
    return found


def conditions(  # noqa: C901 - one case per kind of node
    when: Condition, options: dict[str, list[str]]
) -> Iterator[tuple[str, Condition]]:
    """The condition with one operator, option, fact or part changed."""
    match when:
        case Equals(question, codes):
            yield from _equals(question, codes, options[question])
        case IsOpen(question, open_):
            yield f"{question} open = {not open_}".lower(), IsOpen(question, not open_)
        case HasFact(facts):
            for fact in facts if len(facts) > 1 else ():
                yield f"without {fact}", HasFact(tuple(one for one in facts if one != fact))
        case AnyOf(parts):
            yield "any → all", AllOf(parts)
            yield from _parts(AnyOf, parts, options)
        case AllOf(parts):
            yield "all → any", AnyOf(parts)
            yield from _parts(AllOf, parts, options)
        case NoneOf(parts):
            yield "none → any", AnyOf(parts)
            yield from _parts(NoneOf, parts, options)
        case AtLeast(count, parts):
            yield f"at least {count + 1}", AtLeast(count + 1, parts)
            yield f"at least {count - 1}", AtLeast(count - 1, parts)
            yield from _parts(lambda changed: AtLeast(count, changed), parts, options)


def _equals(
    question: str, codes: tuple[str, ...], options: list[str]
) -> Iterator[tuple[str, Condition]]:
    for place, code in enumerate(codes):
        rest = (*codes[:place], *codes[place + 1 :])
        if rest:
            yield f"{question} without {code}", Equals(question, rest)
        other = next((one for one in options if one not in codes), None)
        if other is not None:
            yield f"{question} {code} → {other}", Equals(question, (*rest, other))


def _parts(
    make: object, parts: tuple[Condition, ...], options: dict[str, list[str]]
) -> Iterator[tuple[str, Condition]]:
    for place, part in enumerate(parts):
        before, after = parts[:place], parts[place + 1 :]
        if before or after:
            yield f"part {place + 1} removed", make((*before, *after))  # type: ignore[operator]
        for text, changed in conditions(part, options):
            yield text, make((*before, changed, *after))  # type: ignore[operator]


def killer(mutant: Mutant, cases: list[Case], *, solver: bool) -> str | None:
    """What notices the mutant: a golden case, a law, or nothing."""
    try:
        for outcome in run_cases(() if mutant.flags else cases, mutant.pack):
            if outcome.faults:
                return f"case: {outcome.case.name}"
    except (KeyError, ValueError) as error:
        return f"error: {error!r}"
    if solver:
        laws = "a" if mutant.flags else "abcdeg"
        failures = prove(mutant.pack, laws, mutant.flags).failures
        if failures:
            return f"law {failures[0].claim.law}: {failures[0].claim.says}"
    return None


@click.command()
@click.option("--share", type=click.FloatRange(0, 1), default=0.1, help="How many of them.")
@click.option("--pack", "name", default="", help="A pack; default: the first installed one.")
@click.option("--solver/--no-solver", default=True, help="Also try the proofs.")
def main(share: float, name: str, solver: bool) -> None:
    """Make the mutants and say which survive."""
    folder = pack_folders()[name or next(iter(pack_folders()))]
    pack = find_pack(str(folder))
    cases = cases_of(pack, folder)
    every = list(mutants(pack))
    if solver:
        every += flag_mutants(pack, red_flags(pack, folder))
    chance = random.Random(0)  # noqa: S311 - the same tenth each time
    chosen = every if share == 1 else chance.sample(every, max(1, round(len(every) * share)))
    survivors = []
    tried = [mutant for mutant in chosen if f"{pack.id} {mutant.text}" not in EQUIVALENT]
    for mutant in chosen:
        why = EQUIVALENT.get(f"{pack.id} {mutant.text}")
        if why is not None:
            click.echo(f"not tried: {mutant.text} (nobody can notice it: {why})")
        elif killer(mutant, cases, solver=solver) is None:
            survivors.append(mutant.text)
            click.echo(f"survived: {mutant.text}")
    killed = 1 - len(survivors) / max(len(tried), 1)
    click.echo(
        f"{pack.id}: {len(tried)} of {len(every)} mutants of rules and flags tried,"
        f" {killed:.1%} killed"
    )
    sys.exit(killed < WANTED)


if __name__ == "__main__":
    main()
