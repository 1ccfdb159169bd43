"""A record → Facts, and the hash of what they rest on: one pass over what was handed in."""

from collections.abc import Iterable
from datetime import datetime

from cds.core.account import Missing
from cds.core.model import Facts
from cds.record.fingerprint import hash_of_used, record_fingerprint
from cds.record.gathered import Gathered
from cds.record.rules import RecordRules
from cds.wire import JsonObject

# The facts, and the hash of what was used of the record.
FactsUsed = tuple[Facts, str | None]


def facts_of(
    resources: Iterable[JsonObject],
    rules: RecordRules,
    *,
    now: datetime,
    patient: str | None,
    missing: Iterable[Missing] = (),
) -> Facts:
    """What the record says of every declared fact, at the moment `now` (with its offset).

    `resources` may be resources, Bundle entries and Bundles, in any order. `patient` is the
    reference to the response's subject; None asks only that the record is of one patient. `missing`
    is what the caller asked for and did not get. `Facts.account` tells what became of everything.

    Raises:
        ResponseError: nothing in it is of the patient, or, where none is named, it is of several.
    """
    gathered = Gathered(rules, now)
    gathered.take_all(resources, patient, missing)
    return gathered.facts()


def facts_and_hash(
    resources: list[JsonObject],
    rules: RecordRules,
    *,
    now: datetime,
    patient: str | None,
    missing: Iterable[Missing] = (),
) -> FactsUsed:
    """The same as `facts_of`, and the hash without a second look through the record."""
    gathered = Gathered(rules, now)
    gathered.take_all(resources, patient, missing)
    facts, kept = gathered.facts(), gathered.kept
    # What something newer replaced has its part in the hash, and is not among what was kept.
    whole = not kept.replaced
    used = hash_of_used(kept.entries, facts) if whole else record_fingerprint(resources, facts)
    return facts, used
