"""The formulas of the proofs say of a world what the engine says of the same response."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from cds.core.model import Fact, Facts, Presence
from cds.core.pack import Pack
from cds.core.scoring import score
from cds.flows.assess import Assessor
from cds.knowledge.proofs.prove import scopes_of
from cds.knowledge.proofs.scope import Scope, free
from cds.knowledge.proofs.solver import Model
from cds.knowledge.proofs.terms import Key, judge_of
from cds.knowledge.proofs.witness import situation_of, witness_response
from cds.knowledge.proofs.worlds import World
from cds.knowledge.read.pack import find_pack

NOW = datetime(2026, 1, 2, tzinfo=UTC)
PACK = find_pack("cramps")
SCOPES = [scope for form in PACK.forms for scope in scopes_of(PACK, form)]


def random_model(scope: Scope, chance: random.Random) -> dict[Key, bool]:
    """Anything may be ticked: two answers where one is allowed, answers that were not asked for."""
    dense = chance.choice([0.05, 0.2, 0.5])
    values: dict[Key, bool] = {}
    for key in free(scope).terms:
        share = dense if key[0] == "answer" else 0.1
        values[key] = chance.random() < share and key[0] != "blocked"
    for fact in scope.facts:
        if values["present", fact]:
            values["absent", fact] = False
    return values


def facts_of(found: Mapping[str, str]) -> Facts:
    return Facts({name: Fact(name, Presence(state)) for name, state in found.items()})


@pytest.mark.parametrize("scope", SCOPES, ids=lambda s: f"{s.form} {dict(s.settings)}")
def test_the_formulas_agree_with_the_engine(scope: Scope) -> None:
    chance = random.Random(f"{scope.form} {scope.settings}")  # noqa: S311 - chosen, not secret
    assessor = Assessor([PACK], dict(scope.settings))
    world = World(scope, free(scope))
    clean = 0

    for _ in range(60):
        model = Model(random_model(scope, chance))
        situation = situation_of(world, model)
        assessed = assessor.assess(witness_response(PACK, situation), now=NOW)
        engine = assessor.engines[assessed.context.form.url][0]
        answers = assessed.context.answers
        assert answers is not None
        found = score(engine.scorer, answers, facts_of(situation.facts))

        fired = {one.rule.id for one in found.findings}
        # A faulty response may be read more loudly than the formulas say, never more calmly: an
        # answer counts that a question asked only after a blank one has hidden.
        assert fired >= set(situation.rules) if assessed.invalid else fired == set(situation.rules)
        if assessed.invalid and not judge_of(model.values)(world.reaches(4)):
            assert found.level.rank >= PACK.rules.level(situation.level).rank
        else:
            assert found.level.code == situation.level
        clean += not assessed.invalid
    assert clean > 5


def test_a_clean_world_is_a_valid_response() -> None:
    pack: Pack = PACK
    scope = SCOPES[0]
    chance = random.Random(5)  # noqa: S311 - chosen, not secret
    world = World(scope, free(scope))
    assessor = Assessor([pack])
    seen = 0

    for _ in range(400):
        values = {k: v and chance.random() < 0.3 for k, v in random_model(scope, chance).items()}
        if not judge_of(values)(world.clean()):
            continue
        seen += 1
        assessed = assessor.assess(
            witness_response(pack, situation_of(world, Model(values))), now=NOW
        )
        assert [i for i in assessed.issues if i.severity in {"error", "fatal"}] == []
    assert seen > 20
