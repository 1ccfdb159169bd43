"""No test passes a side without a limit in silence: it alarms, or it is told as not compared."""

from itertools import product
from typing import Any

import pytest

from cds.knowledge.read.pack import find_pack
from tests.replies import decide, reply

PACK = find_pack("cramps")
ANALYTES = [one for one in PACK.record["analyte"] if one.get("loinc")]
ADULT = {"resourceType": "Patient", "id": "example", "birthDate": "1960-05-05"}
FAR = {"low": 0.0001, "high": 9999999}
# The laboratory's own range: none, both sides, or one of them only.
RANGES: dict[str, Any] = {
    "none": None,
    "both": {"low": 10, "high": 20},
    "low only": {"low": 10},
    "high only": {"high": 20},
}


def observation(analyte: Any, unit: str, value: float, limits: Any) -> Any:
    made: dict[str, Any] = {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "subject": {"reference": "Patient/example"},
        "code": {"coding": [{"system": "http://loinc.org", "code": next(iter(analyte["loinc"]))}]},
        "effectiveDateTime": "2026-11-20T08:00:00Z",
        "valueQuantity": {"value": value, "unit": unit},
    }
    if limits is not None:
        bounds = {side: {"value": at, "unit": unit} for side, at in limits.items()}
        made["referenceRange"] = [bounds]
    return made


def units_of(analyte: Any) -> list[str]:
    return [one["unit"] for one in analyte.get("limits", ())] or ["U/L"]


@pytest.mark.parametrize("analyte", ANALYTES, ids=[one["id"] for one in ANALYTES])
def test_a_value_far_out_alarms_or_is_told_as_not_compared_there(analyte: Any) -> None:
    for unit, side, limits in product(units_of(analyte), FAR, RANGES):
        resource = observation(analyte, unit, FAR[side], RANGES[limits])

        decided = decide(reply(), record=[ADULT, resource])

        found = bool(decided.findings)
        told = [note for note in decided.document()["notes"] if note["code"] == "not-assessed"]
        assert found or told, (unit, side, limits)


@pytest.mark.parametrize("analyte", ANALYTES, ids=[one["id"] for one in ANALYTES])
def test_a_value_between_the_limits_of_both_sides_is_no_news(analyte: Any) -> None:
    for unit in units_of(analyte):
        resource = observation(analyte, unit, 15, {"low": 10, "high": 20})
        decided = decide(reply(), record=[ADULT, resource])
        if not decided.findings:  # 15 may be critical by the table: then it alarms
            assert not [
                note for note in decided.document()["notes"] if note["code"] == "not-assessed"
            ]
