"""The reviewer's page with all that several rooms know: golden cases, proofs, source attributes."""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from cds.core.conditions import alarms_of
from cds.core.pack import Pack
from cds.flows.packs.about import source_attributes
from cds.flows.packs.cases import Case, run_cases
from cds.forms.form.every_item import every_item
from cds.knowledge.shown.page import page_of
from cds.knowledge.shown.page_evidence import CaseLine, Page
from cds.knowledge.shown.words import Words


def reviewed_page(pack: Pack, cases: Iterable[Case], *, prove: bool = False) -> str:
    """The page as HTML. `prove` runs the solver (extra `prove`) and shows what it found.

    Raises:
        UsageError: `prove` without the solver.
    """
    proofs, exceptions = _proofs(pack) if prove else ((), ())
    page = Page(tuple(_lines(pack, cases)), proofs, exceptions, source_attributes(pack))
    return page_of(pack, page)


def _lines(pack: Pack, cases: Iterable[Case]) -> Iterator[CaseLine]:
    words = Words(pack)
    said = {pair for rule in pack.rules.rules for pair in alarms_of(rule.when)}
    for outcome in run_cases(cases, pack):
        case = outcome.case
        given = "; ".join(_given(case.response, words, said))
        facts = "; ".join(
            f"record: {words.facts.get(name, name)} {fact.presence.value}"
            for name, fact in case.facts.facts.items()
        )
        options = "; ".join(f"{k} = {str(v).lower()}" for k, v in case.settings.items())
        told = "; ".join(filter(None, (given, facts, options)))
        yield CaseLine(case.name, outcome.level, outcome.fired, told)


def _given(
    response: Mapping[str, Any], words: Words, said: Container[tuple[str, str]]
) -> Iterator[str]:
    """The answers that some rule names, in words; the calm ones would only fill the page."""
    for item in every_item(response):
        answers = [one.get("valueCoding", {}) for one in item.get("answer", ())]
        codes = [one.get("code", "") for one in answers]
        codes = [code for code in codes if (item["linkId"], code) in said]
        if codes:
            shown = ", ".join(words.answer(item["linkId"], code) for code in codes)
            yield f"{words.question(item['linkId'])} {shown}"


def _proofs(pack: Pack) -> tuple[tuple[tuple[str, str, str], ...], tuple[str, ...]]:
    from cds.knowledge.proofs.claims import LAWS  # noqa: PLC0415 - only with the solver
    from cds.knowledge.proofs.prove import prove  # noqa: PLC0415
    from cds.knowledge.proofs.witness import situations_of  # noqa: PLC0415

    found = prove(pack)
    rows = []
    for law, words in LAWS.items():
        results = [one for one in found.results if one.claim.law == law]
        failed = sum(one.failed for one in results)
        if not results:
            state = "compared on random answers instead"
        elif failed:
            state = f"not proven: {failed} of {len(results):,}"
        else:
            state = f"proven ({len(results):,} claims)"
        rows.append((law, words, state))
    exceptions = []
    for one in found.exceptions:
        if one.model is not None:
            before, after = situations_of(one.claim, one.model)
            exceptions.append(f"{one.claim.says} Example: from {before.level} to {after.level}.")
    return tuple(rows), tuple(exceptions)
