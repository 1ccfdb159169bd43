"""What `pack prove` says: the laws with their counts, the exceptions, and every counterexample."""

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Any

from cds import wire
from cds.knowledge.proofs.claims import LAWS
from cds.knowledge.proofs.prove import ClaimResult, Judgement, Proofs
from cds.knowledge.proofs.witness import situations_of, witness_response, witness_table

MOST_SHOWN = 5  # counterexamples of one law; the rest are counted
WIDEST = 44  # columns of one cell


def report_text(proofs: Proofs) -> Iterator[str]:
    """The report as lines for a terminal."""
    pack = proofs.pack
    yield (
        f"{pack.id} {pack.version}: {len(proofs.results):,} claims about every set of answers and"
        f" facts, {proofs.questions:,} questions to the solver"
    )
    yield ""
    for law, words in LAWS.items():
        results = [result for result in proofs.results if result.claim.law == law]
        if results:
            bad = sum(result.failed for result in results)
            state = f"NOT PROVEN: {bad} of {len(results):,}" if bad else f"proven: {len(results):,}"
            yield f"  {law}  {words}\n     {state}"
    yield from _exceptions(proofs)
    yield from _said(proofs)
    yield from _failures(proofs)


def _exceptions(proofs: Proofs) -> Iterator[str]:
    if not proofs.exceptions:
        return
    yield "\nThe closed list: the only answers that may lower a level, each with an example"
    for result in proofs.exceptions:
        yield f"\n  {result.claim.about}. {result.claim.says}{_where(result)}"
        yield from _table(proofs, result)


def _said(proofs: Proofs) -> Iterator[str]:
    said = [result for result in proofs.results if result.verdict is Judgement.SAID]
    if said:
        yield "\nNot so, as the pack says openly"
    for result in said:
        yield f"  {result.claim.says} ({result.claim.excuse})"


def _failures(proofs: Proofs) -> Iterator[str]:
    for law, words in LAWS.items():
        failed = [result for result in proofs.failures if result.claim.law == law]
        # The same claim at several settings of the options is shown once.
        claims: dict[str, list[ClaimResult]] = {}
        for result in failed:
            claims.setdefault(result.claim.says, []).append(result)
        if failed:
            yield f"\nNOT PROVEN  {law}  {words}"
        for first, *others in list(claims.values())[:MOST_SHOWN]:
            yield f"\n  Claim: {first.claim.says}{_where(first)}"
            yield from (f"    the same{_where(other)}" for other in others)
            yield from _failure(proofs, first)
        if len(claims) > MOST_SHOWN:
            yield f"\n  … and {len(claims) - MOST_SHOWN} more claims of this law."


def _failure(proofs: Proofs, result: ClaimResult) -> Iterator[str]:
    if result.verdict is Judgement.UNDECIDED:
        yield "  The solver gave no answer in time."
    elif result.model is None:
        yield "  There is no such set of answers and facts at all."
        if result.claim.rules:
            yield "  If that is meant, let the reading of one rule name the other by its id."
    else:
        yield "  Smallest counterexample:"
        yield from _table(proofs, result)
        last = situations_of(result.claim, result.model)[-1]
        yield "  As a response for `assess`:"
        yield "  " + wire.write(witness_response(proofs.pack, last)).decode()


def _where(result: ClaimResult) -> str:
    scope = result.claim.scope
    changed = ", ".join(f"{name} = {str(value).lower()}" for name, value in scope.settings.items())
    return f" [{scope.form}{'; ' + changed if changed else ''}]"


def _table(proofs: Proofs, result: ClaimResult) -> Iterator[str]:
    if result.model is None:
        return
    situations = situations_of(result.claim, result.model)
    head = ("", "before", "after") if len(situations) == 2 else ("", "answer")  # noqa: PLR2004
    yield from boxed([head, *witness_table(proofs.pack, result.claim, situations)])


def boxed(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """A table of plain characters; long cells are broken, none is cut."""
    cells = [[wrap(cell, WIDEST) or [""] for cell in row] for row in rows]
    widths = [
        max(len(line) for row in cells for line in row[place]) for place in range(len(rows[0]))
    ]
    rule = "  +" + "+".join("-" * (width + 2) for width in widths) + "+"
    yield rule
    for row in cells:
        for number in range(max(map(len, row))):
            parts = (cell[number] if number < len(cell) else "" for cell in row)
            yield "  |" + "|".join(f" {p:<{w}} " for p, w in zip(parts, widths, strict=True)) + "|"
        yield rule


def report_json(proofs: Proofs) -> dict[str, Any]:
    """The report for a program."""
    return {
        "schema": "cramp-cds/proofs/1",
        "pack": {"id": proofs.pack.id, "version": proofs.pack.version, "hash": proofs.pack.hash},
        "proven": not proofs.failures,
        "questions": proofs.questions,
        "laws": [_law(proofs, law, words) for law, words in LAWS.items()],
        "exceptions": [_json(proofs, result) for result in proofs.exceptions],
        "said": [
            {"claim": r.claim.says, "why": r.claim.excuse}
            for r in proofs.results
            if r.verdict is Judgement.SAID
        ],
        "failures": [_json(proofs, result) for result in proofs.failures],
    }


def _law(proofs: Proofs, law: str, words: str) -> dict[str, Any]:
    results = [result for result in proofs.results if result.claim.law == law]
    failed = sum(result.failed for result in results)
    return {"law": law, "text": words, "claims": len(results), "failed": failed}


def _json(proofs: Proofs, result: ClaimResult) -> dict[str, Any]:
    claim = result.claim
    said: dict[str, Any] = {
        "law": claim.law,
        "about": claim.about,
        "claim": claim.says,
        "verdict": result.verdict.value,
        "form": claim.scope.form,
        "options": dict(claim.scope.settings),
    }
    if result.model is not None:
        situations = situations_of(claim, result.model)
        said["worlds"] = [
            {
                "answers": {link_id: list(codes) for link_id, codes in situation.answers.items()},
                "facts": dict(situation.facts),
                "rules": list(situation.rules),
                "level": situation.level,
            }
            for situation in situations
        ]
        said["response"] = witness_response(proofs.pack, situations[-1])
    return said
