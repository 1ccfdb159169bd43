"""The reviewer's page with all that several rooms know: golden cases, proofs, source attributes."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from cds.core.conditions import alarms_of
from cds.core.pack import Pack
from cds.flows.packs.about import source_attributes
from cds.flows.packs.cases import Case, run_cases
from cds.forms.form.every_item import every_item
from cds.knowledge.read.red_flags import RedFlag, finders, red_flags
from cds.knowledge.read.signed import CLAIMED, DECIDING
from cds.knowledge.shown.page import page_of
from cds.knowledge.shown.page_evidence import CaseLine, FileLine, FlagLine, Page
from cds.knowledge.shown.words import Words


def reviewed_page(
    pack: Pack, cases: Iterable[Case], folder: Path | None = None, *, prove: bool = False
) -> str:
    """The page as HTML. `folder`: where the pack lies, for its red flags and files.

    `prove` runs the solver (extra `prove`) and shows what it found.

    Raises:
        UsageError: `prove` without the solver.
        PackError: the red flags have faults.
    """
    flags = red_flags(pack, folder) if folder is not None else ()
    proofs, exceptions = _proofs(pack, flags) if prove else ((), ())
    page = Page(
        tuple(_lines(pack, cases)),
        proofs,
        exceptions,
        source_attributes(pack),
        tuple(_flags(pack, flags)),
        tuple(_files(folder)) if folder is not None else (),
    )
    return page_of(pack, page)


def _flags(pack: Pack, flags: Sequence[RedFlag]) -> Iterator[FlagLine]:
    words = Words(pack)
    levels = {level.code: level.display for level in pack.rules.levels}
    for flag in flags:
        site = flag.switch
        other = (
            f" Where a site chose {site.name} = {str(site.value).lower()}: {levels[site.level]}."
            if (site is not None and site.level)
            else ""
        )
        yield FlagLine(
            flag.id,
            words.phrase(flag.when),
            f"{flag.finding}, at least “{levels[flag.level]}”.{other}",
            flag.sources,
            finders(pack, flag),
        )


def _files(folder: Path) -> Iterator[FileLine]:
    """Each file of the pack but its releases, those that the hash stands for first."""
    signed = [name for name in (*DECIDING, *CLAIMED) if (folder / name).is_file()]
    every = (path for kind in ("*.toml", "*/*.toml") for path in sorted(folder.glob(kind)))
    others = (str(path.relative_to(folder)) for path in every)
    for name in dict.fromkeys([*signed, *others]):
        digest = sha256((folder / name).read_bytes()).hexdigest()
        yield FileLine(name, digest, name in signed)


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
        codes = [answer.get("code", "") for answer in answers]
        codes = [code for code in codes if (item["linkId"], code) in said]
        if codes:
            shown = ", ".join(words.answer(item["linkId"], code) for code in codes)
            yield f"{words.question(item['linkId'])} {shown}"


def _proofs(
    pack: Pack, flags: Sequence[RedFlag]
) -> tuple[tuple[tuple[str, str, str], ...], tuple[str, ...]]:
    from cds.knowledge.proofs.claims import LAWS  # noqa: PLC0415 - only with the solver
    from cds.knowledge.proofs.prove import prove  # noqa: PLC0415
    from cds.knowledge.proofs.witness import situations_of  # noqa: PLC0415

    found = prove(pack, red_flags=flags)
    rows = []
    for law, words in LAWS.items():
        results = [result for result in found.results if result.claim.law == law]
        failed = sum(result.failed for result in results)
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
