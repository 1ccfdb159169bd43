"""Whatever is handed in has exactly one state; what did not come, or was not read, is no "no"."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from cds.core.account import Account, Missing
from cds.core.model import Facts, Presence
from cds.record.facts import facts_of
from cds.record.rules import RecordRules
from tests.record.resources import order

Json = dict[str, Any]
Lab = Callable[..., Json]
Found = Callable[..., Facts]


def account_of(facts: Facts) -> Account:
    assert facts.account is not None
    return facts.account


def states(facts: Facts) -> tuple[int, int, int, int, int]:
    one = account_of(facts)
    return one.looked_at, one.used, one.replaced, one.not_about, len(one.unheard)


def bundle(*resources: Json, **other: Any) -> Json:
    entries = [{"resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries, **other}


# ── Each resource, one state ──


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (["4.1"], (1, 0, 0, 0)),  # a normal value speaks against an abnormal one
        (["4.1", "4.1"], (1, 1, 0, 0)),  # the same again
        ([], (0, 0, 0, 0)),
    ],
)
def test_what_speaks_is_used_and_the_same_again_is_replaced(
    resources: list[str], expected: tuple[int, ...], lab: Lab, found: Found
) -> None:
    facts = found(*(lab("2823-3", one) for one in resources))

    # The patient, of whom only the age is asked, is not about the problem.
    used, replaced, not_about, unheard = expected
    assert states(facts)[1:] == (used, replaced, not_about + 1, unheard)


def test_a_newer_result_replaces_an_older_one_by_count(lab: Lab, found: Found) -> None:
    old = [lab("2823-3", "4.4", hours=24 * day, identifier=f"o{day}") for day in range(3, 9)]

    assert states(found(lab("2823-3", "4.1", identifier="new"), *old)) == (8, 1, 6, 1, 0)


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ({"meta": {"versionId": "1"}}, {"meta": {"versionId": "2"}}),
        ({"meta": {"versionId": "9"}}, {"meta": {"versionId": "10"}, "status": "corrected"}),
        (
            {"meta": {"versionId": "a", "lastUpdated": "2026-11-20T08:00:00Z"}},
            {"meta": {"versionId": "b", "lastUpdated": "2026-11-20T09:00:00+00:00"}},
        ),
        ({}, {"status": "corrected"}),
        ({}, {"status": "entered-in-error"}),
        ({"status": "preliminary"}, {}),
        ({}, {"meta": {"versionId": "2"}, "status": "entered-in-error"}),
    ],
)
def test_of_two_versions_the_newer_one_counts(
    older: Json, newer: Json, order: int, lab: Lab, says: Callable[..., set[str]], found: Found
) -> None:
    both = [lab("2823-3", "7.1", **older), lab("2823-3", "4.1", **newer)][::order]

    assert "potassium.critical" not in says(*both)
    assert states(found(*both))[2] == 1


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_that_differ_and_say_no_version_both_count(
    order: int, lab: Lab, says: Callable[..., set[str]]
) -> None:
    assert "potassium.critical" in says(*[lab("2823-3", "7.1"), lab("2823-3", "4.1")][::order])


def test_the_same_id_at_two_servers_is_two_resources(lab: Lab, found: Found) -> None:
    entries: list[Json] = [
        {"fullUrl": f"https://{host}.example.org/Observation/o", "resource": lab("2823-3", value)}
        for host, value in (("a", "7.1"), ("b", "4.1"))
    ]
    entries[1]["resource"]["meta"] = {"versionId": "2"}

    facts = found(*entries)

    assert facts.facts["potassium.critical"].presence is Presence.PRESENT
    assert states(facts)[2] == 0


def test_what_a_history_says_was_deleted_does_not_count(lab: Lab, found: Found) -> None:
    gone = {"request": {"method": "DELETE", "url": "Observation/o"}, "response": {"etag": 'W/"2"'}}
    history = bundle(lab("2823-3", "7.1", meta={"versionId": "1"}), type="history")
    history["entry"].append(gone)

    facts = found(history)

    assert states(facts) == (2, 0, 1, 1, 0)
    history["entry"][0]["resource"]["meta"]["versionId"] = "3"  # made anew since
    assert found(history).facts["potassium.critical"].presence is Presence.PRESENT


# ── What did not come ──


OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "forbidden"}],
}


@pytest.mark.parametrize(
    "partial",
    [
        OUTCOME,
        {**OUTCOME, "issue": []},
        {**OUTCOME, "issue": [{"severity": "warning", "code": "incomplete"}]},
        bundle(total=250),
        bundle(link=[{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}]),
        bundle(meta={"security": [{"code": "REDACTED"}]}),
        bundle(meta={"tag": [{"code": "SUBSETTED"}]}),
        bundle(OUTCOME),
        {"resourceType": "Bundle", "entry": [{"fullUrl": "urn:uuid:1"}]},
        {"resourceType": "Bundle", "entry": [None]},
        {"resourceType": "Bundle", "entry": [{"resource": {"id": "1"}}]},
        {"resourceType": "Bundle", "entry": [{"resource": OUTCOME, "search": {"mode": "outcome"}}]},
        {"resourceType": "Bundle", "entry": [{"response": {"status": "404 Not Found"}}]},
        {
            "resourceType": "Bundle",
            "entry": [{"response": {"status": "200", "outcome": {**OUTCOME}}}],
        },
        {"resourceType": "Parameters", "parameter": [{"name": "return", "resource": OUTCOME}]},
    ],
)
def test_what_did_not_come_is_missing_and_no_fact_is_absent(
    partial: Json, lab: Lab, found: Found
) -> None:
    facts = found(lab("2823-3", "4.1"), partial)

    assert account_of(facts).missing
    assert Presence.ABSENT not in {one.presence for one in facts.facts.values()}
    assert [one.why for one in facts.open] == ["missing"] * len(facts.open)
    assert [one.level for one in facts.floors] == ["routine"]
    assert states(facts)[0] == sum(states(facts)[1:]) == 2


@pytest.mark.parametrize(
    "whole",
    [
        bundle(total=0),
        bundle(link=[{"relation": "self", "url": "https://ehr.example.org/fhir"}]),
        {**OUTCOME, "issue": [{"severity": "information", "code": "informational"}]},
        {"resourceType": "Bundle", "entry": [{"response": {"status": "201 Created"}}]},
    ],
)
def test_what_says_nothing_of_a_lack_lacks_nothing(whole: Json, lab: Lab, found: Found) -> None:
    assert account_of(found(lab("2823-3", "4.1"), whole)).whole


def test_pages_that_are_all_here_are_whole(lab: Lab, found: Found) -> None:
    second = "https://ehr.example.org/fhir?page=2"
    pages = [
        bundle(
            lab("2823-3", "4.1", identifier="1"),
            total=2,
            link=[{"relation": "next", "url": second}],
        ),
        bundle(
            lab("2951-2", "140", identifier="2"),
            total=2,
            link=[{"relation": "self", "url": second}],
        ),
    ]

    assert account_of(found(*pages)).whole
    assert not account_of(found(pages[0])).whole


def test_what_a_caller_did_not_get_leaves_only_its_own_kind_open(
    lab: Lab, adult: Json, rules: RecordRules, now: datetime
) -> None:
    gap = Missing("labs", "server error", kinds=("medicine",))

    facts = facts_of(
        [adult, lab("2823-3", "4.1")], rules, now=now, patient="Patient/p", missing=[gap]
    )

    assert facts.facts["potassium.critical"].presence is Presence.ABSENT
    assert [(one.record, one.facts) for one in facts.open] == [("labs", rules.kinds["medicine"])]


# ── By name ──


def test_at_most_ten_are_named_critical_first_equal_ones_once_the_rest_by_kind(
    lab: Lab, found: Found
) -> None:
    results = [lab("2823-3", "7", "MMOL/L", identifier=f"k{n}") for n in range(3)]
    results += [lab("2823-3", None, None, flags="H", identifier="h")]
    medicines = [order(text=f"Medicine {n}", identifier=f"m{n}") for n in range(12)]

    account = account_of(found(*medicines, *results))
    named, rest = account.told()

    assert [(one.first.what, one.times) for one in named[:2]] == [
        ("Potassium", 3),
        ("Medicine 0", 1),
    ]
    assert len(named) == 10
    assert rest == {"medicine": 3}
    assert len(account.unheard) == 15
