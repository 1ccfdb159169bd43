"""Everything that can be said of a pack without a solver: faults, laws, golden cases, coverage."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cds.core.pack import Pack
from cds.errors import Fault, PackError
from cds.flows.deciding.record import reads_records, rules_for
from cds.flows.packs.cases import Case, CaseOutcome, read_cases, run_cases
from cds.flows.packs.questions import read_questions
from cds.flows.populate import faults_of_prefill
from cds.forms.form.every_item import every_item
from cds.knowledge.check import check_laws, check_seeds
from cds.knowledge.compared.diff import earlier_faults, version_faults
from cds.knowledge.legible import Legible, legible
from cds.knowledge.read.pack import load_pack
from cds.knowledge.read.red_flags import red_flags
from cds.knowledge.read.tables import Faults
from cds.knowledge.read.translations import check_translations
from cds.record.compile import record_faults


@dataclass(frozen=True, slots=True)
class Checked:
    """The result: the faults, how many golden cases were run, how hard the texts are to read."""

    pack: Pack | None
    faults: tuple[Fault, ...]
    cases: int
    legible: Legible | None = None


def check_pack(folder: Path, seeds: Path | None = None) -> Checked:
    """Check the pack in this folder; `seeds` is where its source documents lie."""
    try:
        pack = load_pack(folder)
    except PackError as error:
        return Checked(None, error.faults, 0)
    found = Faults()
    cases = list(read_cases(folder, pack, found))
    outcomes = list(run_cases(cases, pack))
    faults = [
        *found.found,
        *(_record_faults(pack) if reads_records(pack) else ()),
        *check_laws(pack),
        *version_faults(folder, pack),
        *earlier_faults(folder, pack),
        *_faults_in(lambda: red_flags(pack, folder)),
        *_faults_in(lambda: read_questions(pack, folder)),
        *check_translations(pack, folder),
        *(check_seeds(pack, seeds) if seeds else ()),
        *(fault for outcome in outcomes for fault in outcome.faults),
        *_coverage(pack, cases, outcomes),
    ]
    return Checked(pack, tuple(faults), len(cases), legible(pack, folder))


def _record_faults(pack: Pack) -> tuple[Fault, ...]:
    found = record_faults(pack.record)
    return found or faults_of_prefill(pack, rules_for(pack, ()))


def _faults_in(read: Callable[[], object]) -> tuple[Fault, ...]:
    """What is wrong with a file beside those that decide: red flags, questions to a clinician."""
    try:
        read()
    except PackError as error:
        return error.faults
    return ()


def _coverage(
    pack: Pack, cases: Sequence[Case], outcomes: Sequence[CaseOutcome]
) -> Iterator[Fault]:
    """Each rule needs a case that fires it and one that does not; each safety option one."""
    fired = {rule for outcome in outcomes for rule in outcome.fired}
    quiet = {
        rule.id for outcome in outcomes for rule in pack.rules.rules if rule.id not in outcome.fired
    }
    for rule in pack.rules.rules:
        if rule.id not in fired:
            yield Fault(f"cases: rule {rule.id}", "no case fires it.", "Write one in cases/.")
        if rule.id not in quiet:
            yield Fault(
                f"cases: rule {rule.id}", "every case fires it.", "Write one that does not."
            )
    given = {
        (answer["linkId"], one["valueCoding"]["code"])
        for case in cases
        for answer in every_item(case.response)
        for one in answer.get("answer", ())
        if "valueCoding" in one
    }
    for item in every_item(pack.full.raw):
        if item["linkId"] not in pack.rules.reassurance.safety:
            continue
        for option in item.get("answerOption", []):
            code = option["valueCoding"]["code"]
            if (item["linkId"], code) not in given:
                where = f"cases: item {item['linkId']}"
                yield Fault(where, f"no case answers {code!r}.", "Write one in cases/.")
