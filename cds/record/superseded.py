"""Critical results that a later version of the same resource replaced: no facts, and told."""

from collections.abc import Iterable
from datetime import datetime

from cds.record.findings import Findings
from cds.record.ranges import Whose
from cds.record.results import Results
from cds.record.rules import RecordRules
from cds.record.versions import Named
from cds.record.words import on_date, quantity


def tell_superseded(
    dropped: Iterable[Named], rules: RecordRules, whose: Whose, now: datetime, out: Findings
) -> None:
    """Tell which earlier versions of results read critical where the one that counts does not.

    They are read as if each still counted; nothing of that is kept but the words.
    """
    results, apart = Results(rules), Findings()
    names: list[str] = []
    for resource, _, name in dropped:
        if resource["resourceType"] == "Observation":
            results.take(resource, name)
            names.append(name)
    if not names:
        return
    results.hear(now, whose, frozenset(names), apart)
    criticals = {f"{one.id}.critical" for one in rules.analytes.values()}
    for fact in sorted({*criticals, rules.labs.other_critical}):
        for evidence in apart.evidence_of(fact):
            if not out.alarms_by(evidence.record):
                shown = f"{quantity(evidence.value, evidence.unit)} {on_date(evidence.date)}"
                what = rules.words.get(fact, fact)
                text = f"{what}: an earlier version said {shown}; a later one replaced it."
                out.note("record-conflict", evidence.record, text)
