"""How the proofs scale: synthetic packs of 15 to 100 questions and 25 to 250 rules.

python benchmarks/prove.py            # all sizes
python benchmarks/prove.py 15x25      # one
"""

import sys
import time
from random import Random
from typing import Any

from cds.core.conditions import AllOf, AnyOf, AtLeast, Condition, Equals, HasFact
from cds.core.model import Level, Reassurance, Rule, Rules
from cds.core.pack import Form, Pack
from cds.knowledge.proofs.prove import prove
from cds.knowledge.read.pack import find_pack, pack_folders

SIZES = ((15, 25), (25, 60), (50, 120), (100, 250))
CODES = 5
FACTS = 40
SYSTEM = "https://bench.example/answers"


def synthetic(items: int, rules: int, seed: int = 0) -> Pack:
    """A pack of this size; its rules only argue for something, as the laws ask."""
    chance = Random(seed)  # noqa: S311 - chosen, not secret
    template = find_pack(next(iter(pack_folders())))
    questions = [f"q{number}" for number in range(items)]
    facts = frozenset(f"fact{number}" for number in range(FACTS))
    levels = template.rules.levels
    made = tuple(_rule(number, questions, levels, chance) for number in range(rules))
    safety = tuple(questions[: items // 3])
    needs = template.rules.reassurance._replace(
        safety=safety, history=tuple(questions[items // 3 :])
    )
    form = Form(
        id="bench",
        url="https://bench.example/form",
        version="1",
        title="Bench",
        short=False,
        raw=_form(questions, safety),
    )
    return template._replace(
        forms=(form,),
        rules=_rules(template.rules, made, needs),
        context=(),
        settles=(),
        advice=(),
        facts=facts,
        record={},
        fail_safe=frozenset(safety),
    )


def _rules(template: Rules, rules: tuple[Rule, ...], needs: Reassurance) -> Rules:
    return template._replace(rules=rules, causes=(), options=(), reassurance=needs)


def _rule(number: int, questions: list[str], levels: tuple[Level, ...], chance: Random) -> Rule:
    level = chance.choice(levels[:3])
    when = _condition(questions, chance, 2)
    return Rule(
        f"S{number}", f"finding-{number}", f"Rule {number}", level.code, "engineering", (), when
    )


def _condition(questions: list[str], chance: Random, depth: int) -> Condition:
    if depth == 0 or chance.random() < 0.3:  # noqa: PLR2004 - a third of the branches end early
        question = chance.choice(questions)
        codes = tuple(f"c{one}" for one in sorted(chance.sample(range(1, CODES), 2)))
        kind = chance.random()
        if kind < 0.1:  # noqa: PLR2004 - one leaf in ten is a fact
            return HasFact((f"fact{chance.randrange(FACTS)}",))
        return Equals(question, codes)
    parts = tuple(_condition(questions, chance, depth - 1) for _ in range(3))
    return chance.choice((AllOf(parts), AnyOf(parts), AtLeast(2, parts)))


def _form(questions: list[str], safety: tuple[str, ...]) -> dict[str, Any]:
    items = []
    for number, link_id in enumerate(questions):
        codes = ["none", *(f"c{one}" for one in range(1, CODES)), "unknown"]
        options = [{"valueCoding": {"system": SYSTEM, "code": code}} for code in codes]
        item: dict[str, Any] = {"linkId": link_id, "type": "choice", "answerOption": options}
        item["repeats"] = number % 2 == 1
        item["required"] = link_id in safety
        items.append(item)
    return {"resourceType": "Questionnaire", "item": items}


def main() -> None:
    """Print a line per size."""
    wanted = sys.argv[1:]
    print("questions  rules  claims  solver questions  seconds  not proven (c apart)")
    for items, rules in SIZES:
        if wanted and f"{items}x{rules}" not in wanted:
            continue
        pack = synthetic(items, rules)
        start = time.perf_counter()
        found = prove(pack)
        seconds = time.perf_counter() - start
        # A random rule is often implied by another (law c): that is not what is measured here.
        failed = sum(result.claim.law != "c" for result in found.failures)
        row = f"{items:9}  {rules:5}  {len(found.results):6,}  {found.questions:16,}"
        print(f"{row}  {seconds:7.1f}  {failed:20}", flush=True)


if __name__ == "__main__":
    main()
