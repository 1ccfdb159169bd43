"""The stricter published limits as a site file: each counts, and says on whose word."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cds.knowledge.read.pack import find_pack
from tests.commands.assess_kit import NOW, Call, Write
from tests.replies import reply

FILE = Path(__file__).resolve().parents[2] / "deploy" / "limits-other-laboratories.toml"
TESTS = {one["id"]: one for one in find_pack("cramps").record["analyte"]}
ENTRIES = tomllib.loads(FILE.read_text(encoding="utf-8"), parse_float=Decimal)["site"]["lab"]
ADULT = {"resourceType": "Patient", "id": "example", "birthDate": "1960-05-05"}


def ours(entry: Any, side: str) -> Decimal:
    (limits,) = [one for one in TESTS[entry["analyte"]]["limits"] if one["unit"] == entry["unit"]]
    return Decimal(str(limits[f"critical_{side}"]))


STRICTER = [
    (entry, side)
    for entry in ENTRIES
    for side in ("low", "high")
    if f"critical_{side}" in entry and entry[f"critical_{side}"] != ours(entry, side)
]


def test_every_limit_lies_nearer_to_normal_than_ours() -> None:
    for entry, side in STRICTER:
        stricter = entry[f"critical_{side}"] > ours(entry, side)
        assert stricter is (side == "low"), entry


@pytest.mark.parametrize(
    ("entry", "side"), STRICTER, ids=[f"{e['analyte']} {e['unit']} {s}" for e, s in STRICTER]
)
def test_a_value_at_a_stricter_limit_is_an_emergency_with_its_source(
    call: Call, write: Write, entry: Any, side: str
) -> None:
    result = {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "subject": {"reference": "Patient/example"},
        "code": {
            "coding": [
                {"system": "http://loinc.org", "code": next(iter(TESTS[entry["analyte"]]["loinc"]))}
            ]
        },
        "effectiveDateTime": "2026-11-20T08:00:00Z",
        "valueQuantity": {"value": float(entry[f"critical_{side}"]), "unit": entry["unit"]},
    }
    bundle = [{"resource": one} for one in (ADULT, result)]
    record = write("record.json", {"resourceType": "Bundle", "type": "collection", "entry": bundle})
    asked = ("assess", write("r.json", reply()), "--record", record, "--now", NOW)

    plain = call(*asked, "--format", "json").json
    strict = call(*asked, "--format", "json", "--config", FILE).json

    assert plain["level"] != "emergency-evaluation"
    assert strict["level"] == "emergency-evaluation"
    told = [one for one in strict["deviations"] if entry["source"] in one["text"]]
    assert told, strict["deviations"]


@pytest.mark.parametrize(
    ("analyte", "unit", "high", "good"),
    [
        ("glucose", "mmol/L", "25", True),
        ("glucose", "mmol/L", "400", False),  # mg/dL under the other unit
        ("glucose", "mg/dL", "450", True),
        ("glucose", "mg/dL", "22", False),
        ("creatine-kinase", "U/L", "2000", True),
        ("creatine-kinase", "U/L", "60000", False),
    ],
)
def test_a_test_without_an_upper_reference_takes_a_limit_of_the_site(
    call: Call, write: Write, analyte: str, unit: str, high: str, good: bool
) -> None:
    entry = f'[[site.lab]]\nanalyte = "{analyte}"\nunit = "{unit}"\ncritical_high = {high}\n'
    config = write("site.toml", f'{entry}source = "Our list"\n'.encode())

    done = call("assess", write("r.json", reply()), "--now", NOW, "--config", config)

    assert (done.code == 0) is good, done.err
    assert good or "cannot be a critical limit" in done.err


ENTRY = '[[site.lab]]\nanalyte = "potassium"\nunit = "mmol/L"\nsource = "Our list"\n'


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (("",), "has no limit"),
        (("critical_high = nan",), "NaN is not a number"),
        (("critical_high = 6.5", "critical_high = 8.0"), "gives a limit twice"),
        (("critical_high = 6.5", "critical_low = 2.5\ncritical_high = 6.5"), "gives a limit twice"),
        (("critical_high = 6.5", "critical_low = 2.5"), ""),
    ],
)
def test_a_limit_that_says_nothing_or_two_things_is_refused_and_named_as_the_sites(
    call: Call, write: Write, limits: tuple[str, ...], told: str
) -> None:
    config = write("site.toml", "".join(f"{ENTRY}{one}\n" for one in limits).encode())

    done = call("assess", write("r.json", reply()), "--now", NOW, "--config", config)

    assert (done.code == 0) is not bool(told), done.err
    assert told in done.err
    assert "record.toml" not in done.err
