"""Law a in both directions: what red-flags.toml declares and what the rules find are the same."""

import shutil
from pathlib import Path

import pytest

from cds.core.pack import Pack
from cds.errors import PackError
from cds.flows.packs.check import check_pack
from cds.knowledge.proofs.flags import declared
from cds.knowledge.proofs.prove import prove, scopes_of
from cds.knowledge.proofs.solver import Model, Solver
from cds.knowledge.proofs.terms import both, either
from cds.knowledge.proofs.witness import situations_of
from cds.knowledge.read.pack import folder_of, load_pack
from cds.knowledge.read.red_flags import RedFlag, red_flags
from cds.knowledge.read.signed import DECIDING, hash_of
from tests.mutants.rules import EQUIVALENT, flag_mutants, mutants

FOLDER = folder_of("cramps")
# Changed rules that find the same as before, at every setting of the options, and why.
THE_SAME = {
    **{
        f"U1: part {part} removed": "E9 finds the same, at a higher level, wherever U1 fires then"
        for part in (2, 3)
    },
    **{
        f"U4: safety.fluid-loss {change}": "urgent alone by U4's own second arm"
        for answer in ("cannot-keep-fluids-down", "dizzy-on-standing")
        for change in (f"without {answer}", f"{answer} → none")
    },
}


def declared_of(folder: Path = FOLDER) -> tuple[Pack, tuple[RedFlag, ...]]:
    pack = load_pack(folder)
    return pack, red_flags(pack, folder)


def counterexample(pack: Pack, flags: tuple[RedFlag, ...]) -> Model | None:
    """At the options as shipped, on the full form."""
    (group,) = declared(scopes_of(pack, pack.full)[0], flags)
    return Solver(*group.shared).find(either(both(claim.terms) for claim in group.claims))


def test_the_rules_find_what_is_declared_and_nothing_else() -> None:
    pack, flags = declared_of()
    proofs = prove(pack, "a", flags)
    assert [result.claim.says for result in proofs.failures] == []
    about = {result.claim.about for result in proofs.results}
    assert about >= {flag.id for flag in flags} | {rule.id for rule in pack.rules.rules}


def test_every_flag_of_an_alerting_level_says_on_whose_word() -> None:
    pack, flags = declared_of()
    rules = {rule.finding: rule for rule in pack.rules.rules}
    for flag in flags:
        if pack.rules.level(flag.level).alert and not flag.sources:
            assert rules[flag.finding].basis == "engineering", flag.id


def test_every_source_that_a_flag_rests_on_stands_in_a_rule_with_its_finding() -> None:
    """The trace: source, flag, rule. No flag rests on a word that its rules do not know of."""
    pack, flags = declared_of()
    for flag in flags:
        rules = [rule for rule in pack.rules.rules if rule.finding == flag.finding]
        known = {source for rule in rules for source in rule.sources}
        assert set(flag.sources) <= known, (flag.id, [rule.id for rule in rules])


def test_a_rule_that_asks_for_more_than_its_flag_is_shown_with_answers() -> None:
    pack, flags = declared_of()
    rules = tuple(one for one in pack.rules.rules if one.finding != "stiff-jaw")
    broken = prove(pack._replace(rules=pack.rules._replace(rules=rules)), "a", flags).failures
    first = next(one for one in broken if one.claim.about == "a stiff jaw")
    assert first.model is not None
    said = situations_of(first.claim, first.model)[-1]
    assert said.answers["safety.nerve"] == ("stiff-jaw",)


@pytest.mark.slow
def test_every_rule_changed_on_purpose_is_noticed_by_the_flags_alone() -> None:
    """Dropped answers, other counts, levels moved, any for all, parts and rules removed."""
    pack, flags = declared_of()
    tried = [one for one in mutants(pack) if one.text not in THE_SAME]
    assert len(tried) > 400
    missed = [one for one in tried if counterexample(one.pack, flags) is None]
    assert [one.text for one in missed if not prove(one.pack, "a", flags).failures] == []


@pytest.mark.slow
def test_every_flag_changed_on_purpose_is_noticed_by_the_rules_alone() -> None:
    """The other direction: a flag that asks for less or more, or lies elsewhere, is noticed."""
    pack, flags = declared_of()
    tried = list(flag_mutants(pack, flags))
    assert len(tried) > 150
    missed = [one for one in tried if counterexample(pack, one.flags) is None]
    missed = [one for one in missed if not prove(pack, "a", one.flags).failures]
    assert [one.text for one in missed if f"{pack.id} {one.text}" not in EQUIVALENT] == []


def test_what_flags_claim_is_part_of_what_the_hash_stands_for(tmp_path: Path) -> None:
    folder = tmp_path / "cramps"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("cases", "released"))
    assert load_pack(folder).hash == load_pack(FOLDER).hash

    (folder / "red-flags.toml").write_text((FOLDER / "red-flags.toml").read_text() + "\n")
    assert load_pack(folder).hash != load_pack(FOLDER).hash


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_a_pack_without_declared_flags_keeps_the_hash_that_it_had(version: str) -> None:
    folder = FOLDER / "released" / version
    five = [(name, (folder / name).read_bytes()) for name in DECIDING]

    assert load_pack(folder).hash == hash_of(five)


@pytest.mark.slow
def test_check_tells_a_flag_with_a_fault(tmp_path: Path) -> None:
    folder = tmp_path / "cramps"
    shutil.copytree(FOLDER, folder)
    file = folder / "red-flags.toml"
    file.write_text(file.read_text().replace('finding = "stiff-jaw"', 'finding = "stif-jaw"'))

    assert any("red-flags.toml" in fault.where for fault in check_pack(folder).faults)


def test_a_flag_with_a_fault_says_where_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "cramps"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("cases", "released"))
    file = folder / "red-flags.toml"
    text = file.read_text().replace('finding = "stiff-jaw"', 'finding = "stif-jaw"')
    file.write_text(text.replace('"bupa-tetanus"', '"bupa"'))
    pack = load_pack(folder)
    with pytest.raises(PackError) as raised:
        red_flags(pack, folder)
    told = [f"{one.where} {one.problem}" for one in raised.value.faults]
    assert len(told) == 2
    assert all("red-flags.toml" in one for one in told)


def test_a_pack_without_declared_flags_is_proven_as_before() -> None:
    pack, _ = declared_of()
    assert red_flags(pack, FOLDER / "cases") == ()
    assert prove(pack, "a").failures == ()
