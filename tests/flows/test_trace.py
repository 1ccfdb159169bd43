"""The matrix from source fact to emitted element: nothing hangs in the air, on either side."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from cds.core.pack import Pack, SourceFact
from cds.flows.packs.trace import HEAD, Trace, as_csv, as_json, trace, trace_markdown
from cds.knowledge.read.pack import find_pack, load_pack, pack_folders
from cds.knowledge.read.red_flags import red_flags
from cds.knowledge.shown.origins import orphans

TOY = Path(__file__).resolve().parents[1] / "packs" / "boiler"


@pytest.fixture(scope="module")
def found() -> Trace:
    folder = pack_folders()["cramps"]
    return trace(load_pack(folder), folder)


def test_nothing_hangs_in_the_air(found: Trace) -> None:
    assert found.orphans == ()


def test_the_toy_pack_is_traced_too() -> None:
    assert trace(load_pack(TOY), TOY).orphans == ()


def test_every_source_fact_and_every_rule_has_its_row(found: Trace) -> None:
    rows = (*found.rows, *found.unsourced)

    assert {row.fact for row in found.rows} == {fact.id for fact in found.pack.sources.facts}
    for rule in found.pack.rules.rules:
        mine = [row for row in rows if row.used_by == f"rule:{rule.id}"]
        assert mine, rule.id
        assert all(row.cases and row.proofs and row.emitted for row in mine), rule.id


def test_every_declared_flag_leads_from_its_sources_to_rules_that_find_it(found: Trace) -> None:
    flags = red_flags(found.pack, pack_folders()["cramps"])
    finding = {rule.id: rule.finding for rule in found.pack.rules.rules}

    assert flags
    for flag in flags:
        mine = [row for row in found.flags if row.used_by == f"flag:{flag.id}"]
        assert [row.line for row in mine] == list(flag.sources or ("",))
        for row in mine:
            assert row.rules
            assert {finding[rule] for rule in row.rules.split(", ")} == {flag.finding}
            if flag.id == "loss of consciousness":
                assert row.rules == "E1, E2"  # not those that find it by another sign
            assert row.cases
    assert any("flag:a stiff jaw" in line for line in trace_markdown(found))


def test_the_three_forms_say_the_same(found: Trace) -> None:
    table = list(csv.reader(io.StringIO(as_csv(found))))
    rows = as_json(found)["rows"]
    lines = [line for line in trace_markdown(found) if line.startswith("| ")]

    assert table[0] == list(HEAD)
    assert table[1:] == [list(row.values()) for row in rows]
    assert len(lines) == len(table)


def rules(pack: Pack, change: Callable[[Pack], Pack]) -> list[str]:
    return list(orphans(change(pack)))


def with_facts(pack: Pack, facts: tuple[SourceFact, ...]) -> Pack:
    return pack._replace(sources=pack.sources._replace(facts=facts))


def test_a_fact_that_nothing_uses_is_an_orphan() -> None:
    pack = find_pack("cramps")
    first = next(fact for fact in pack.sources.facts if fact.used_by)
    facts = tuple(f._replace(used_by=()) if f is first else f for f in pack.sources.facts)

    assert f"source fact {first.id} is used by nothing and does not say why" in rules(
        pack, lambda p: with_facts(p, facts)
    )


def test_a_use_that_is_not_there_is_an_orphan() -> None:
    pack = find_pack("cramps")
    first = pack.sources.facts[-1]
    facts = (*pack.sources.facts[:-1], first._replace(used_by=("rule:E99",)))

    assert f"source fact {first.id} is used by rule:E99, which does not exist" in rules(
        pack, lambda p: with_facts(p, facts)
    )


def test_a_rule_that_no_source_carries_is_an_orphan() -> None:
    pack = find_pack("cramps")
    facts = tuple(
        f._replace(used_by=tuple(u for u in f.used_by if u != "rule:E3"))
        for f in pack.sources.facts
    )

    assert "rule:E3 says that it rests on the source texts; no source fact names it" in rules(
        pack, lambda p: with_facts(p, facts)
    )
