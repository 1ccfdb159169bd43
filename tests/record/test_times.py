"""Statuses and times: what counts, what is only shown, what reassures."""

from collections.abc import Callable
from typing import Any

import pytest

from cds.core.model import Facts, Presence
from cds.record.times import bounds_of

Json = dict[str, Any]
Lab = Callable[..., Json]
Found = Callable[..., Facts]
Present = Callable[[Facts], set[str]]

K = "2823-3"
HOUR, DAY = 1, 24


def notes(facts: Facts) -> list[str]:
    return sorted(note.code for note in facts.notes)


# ── Status ──


@pytest.mark.parametrize(
    ("status", "critical", "abnormal", "normal"),
    [
        ("final", "present", "present", "absent"),
        ("amended", "present", "present", "absent"),
        ("corrected", "present", "present", "absent"),
        ("preliminary", "present", "unknown", "unknown"),
        ("registered", "present", "unknown", "unknown"),
        ("unknown", "present", "unknown", "unknown"),
        (None, "present", "unknown", "unknown"),
        ({"code": "final"}, "present", "unknown", "unknown"),
        ("cancelled", "unknown", "unknown", "unknown"),
        ("entered-in-error", "unknown", "unknown", "unknown"),
    ],
)
def test_only_a_final_value_reassures_and_only_a_critical_one_counts_before(
    status: object, critical: str, abnormal: str, normal: str, lab: Lab, found: Found
) -> None:
    def state(value: str, sign: str) -> str:
        resource = {**lab(K, value), "status": status}
        return found(resource).facts[f"potassium.{sign}"].presence.value

    assert state("2.5", "critical") == critical
    assert state("3.4", "abnormal") == abnormal
    assert state("4.0", "critical") == normal


def test_a_preliminary_value_is_marked_and_never_replaces_a_final_one(
    lab: Lab, found: Found, present: Present
) -> None:
    final = lab(K, "3.3", hours=3, identifier="final")
    preliminary = lab(K, "4.0", hours=1, identifier="new", status="preliminary")
    critical = lab(K, "2.5", hours=1, identifier="new", status="preliminary")

    assert "potassium.abnormal" in present(found(final, preliminary))
    both = found(final, critical)
    assert {"potassium.critical", "potassium.abnormal"} <= present(both)
    assert notes(both) == ["preliminary"]
    old = found(lab(K, "2.5", hours=8 * DAY, status="preliminary"))
    assert (present(old), notes(old)) == (set(), ["preliminary"])
    pending = found(lab(K, None, status="registered"))
    assert (present(pending), pending.open) == (set(), ())


# ── Time ──


def test_the_windows_are_inclusive_to_the_second(lab: Lab, found: Found, present: Present) -> None:
    just, past = 7 * DAY, 7 * DAY + 1 / 3600
    normal = lab(K, "4.0", hours=HOUR, identifier="new")

    assert "potassium.critical" in present(found(lab(K, "2.5", hours=just)))
    assert present(found(lab(K, "2.5", hours=past))) == {"potassium.repeat"}
    assert "potassium.critical" in present(found(lab(K, "2.5", hours=48), normal))
    assert "potassium.critical" not in present(found(lab(K, "2.5", hours=48 + 1 / 3600), normal))
    assert found(lab(K, "4.0", hours=just)).facts["potassium.critical"].presence is Presence.ABSENT
    assert found(lab(K, "4.0", hours=past)).facts["potassium.critical"].presence is Presence.UNKNOWN


def test_a_critical_value_of_two_days_stays_beside_a_newer_normal_one_and_both_are_shown(
    lab: Lab, found: Found
) -> None:
    facts = found(lab(K, "2.5", hours=30, identifier="a"), lab(K, "4.1", identifier="b"))

    assert facts.used == ("Observation/a", "Observation/b")
    (note,) = facts.notes
    assert (note.code, note.about) == ("record-conflict", "Observation/a")
    assert "2.5 mmol/L on 2026-11-20 06:00 UTC" in note.text
    assert "4.1 mmol/L" in note.text


def test_only_the_newest_value_counts_otherwise(lab: Lab, found: Found, present: Present) -> None:
    old_low = lab(K, "3.3", hours=5 * DAY, identifier="a")

    assert present(found(old_low, lab(K, "4.0", identifier="b"))) == set()
    assert present(found(old_low, lab(K, "5.3", identifier="b"))) == {
        "potassium.abnormal",
        "potassium.high",
    }
    assert "potassium.abnormal" in present(found(old_low, lab(K, "4", "mol", identifier="b")))
    tie = [lab(K, "2.5", identifier="a"), lab(K, "4.0", identifier="b")]
    assert "potassium.critical" in present(found(*tie))


def test_an_old_value_asks_for_a_repeat_only_if_nothing_newer_can_replace_it(
    lab: Lab, found: Found, present: Present
) -> None:
    old = lab(K, "3.3", hours=20 * DAY, identifier="a")

    alone = found(old)
    assert present(alone) == {"potassium.repeat"}
    assert notes(alone) == ["old-lab"]
    assert "repeat" in alone.notes[0].text
    assert present(found(old, lab(K, "4.0", hours=10 * DAY, identifier="b"))) == set()
    assert present(found(old, lab(K, "4.0", identifier="b"))) == set()
    assert present(
        found(old, lab(K, "4.0", hours=9 * DAY, status="preliminary", identifier="b"))
    ) == {"potassium.repeat"}
    assert present(found(old, lab(K, "4.0", hours=None, identifier="b"))) == {"potassium.repeat"}
    assert present(found(lab("2345-7", "60", "mg/dL", hours=9 * DAY))) == {"glucose.repeat"}


@pytest.mark.parametrize(
    "time",
    [
        {},
        {"effectiveDateTime": "2026-11"},
        {"effectiveDateTime": "2026"},
        {"effectiveDateTime": "2026-11-21"},
        {"effectiveDateTime": "2026-11-20T08:00:00"},  # no offset
        {"effectiveDateTime": "2026-11-21T12:00:01Z"},  # one second ahead
        {"effectiveDateTime": "2031-01-01T00:00:00Z"},
        {"effectiveDateTime": "yesterday"},
        {"effectiveDateTime": "2026-13-45"},
        {"effectiveDateTime": "0000-01-01T00:00:00Z"},
        {"effectiveDateTime": 20261120},
        {"effectivePeriod": {"start": "2026-11-20T08:00:00Z"}},
        {"effectiveTiming": {"event": ["2026-11-20T08:00:00Z"]}},
        {"issued": "2010-01-01T00:00:00Z"},
    ],
)
def test_without_an_exact_past_time_a_value_alarms_and_never_reassures(
    time: Json, lab: Lab, found: Found, present: Present
) -> None:
    critical = found({**lab(K, "2.5", hours=None), **time})
    abnormal = found({**lab(K, "3.3", hours=None), **time})
    normal = found(
        {**lab(K, "4.0", hours=None), **time}, lab(K, "3.3", hours=5 * DAY, identifier="b")
    )

    assert "potassium.critical" in present(critical)
    assert "potassium.abnormal" in present(abnormal)
    assert present(normal) == {"potassium.abnormal", "potassium.low"}
    assert (
        found({**lab(K, "4.0", hours=None), **time}).facts["potassium.critical"].presence
        is Presence.UNKNOWN
    )


def test_a_partial_date_that_is_surely_old_is_old(lab: Lab, found: Found, present: Present) -> None:
    for text in ("2019", "2026-10", "2026-11-01"):
        assert present(found({**lab(K, "2.5", hours=None), "effectiveDateTime": text})) == {
            "potassium.repeat"
        }


def test_of_a_period_the_end_counts(lab: Lab, found: Found) -> None:
    period = {"start": "2020-01-01T00:00:00Z", "end": "2026-11-21T08:00:00Z"}
    facts = found({**lab(K, "4.0", hours=None), "effectivePeriod": period})

    assert facts.facts["potassium.critical"].presence is Presence.ABSENT


@pytest.mark.parametrize("rest", ["Z", ".25Z", "+14:00", "-12:00", ""])
def test_a_leap_second_is_the_end_of_its_minute(rest: str) -> None:
    read, before = bounds_of(f"2016-12-31T23:59:60{rest}"), bounds_of(f"2016-12-31T23:59:59{rest}")

    assert read == before is not None
    assert bounds_of(f"2016-12-31T23:59:61{rest}") is None
