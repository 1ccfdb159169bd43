"""A record, built by hand: resources of one adult, and what they say at one moment."""

import csv
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cds.core.model import Facts, Presence
from cds.record.compile import compile_record
from cds.record.facts import facts_of
from cds.record.rules import RecordRules

Json = dict[str, Any]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
GOLDEN = Path(__file__).parent / "golden"
PACK = Path(__file__).resolve().parents[2] / "questionnaires" / "cramps"


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def record_toml() -> Json:
    return tomllib.loads((PACK / "record.toml").read_text())


@pytest.fixture(scope="session")
def rules(record_toml: Json) -> RecordRules:
    return compile_record(record_toml)


@pytest.fixture(scope="session")
def golden() -> Callable[[str], list[dict[str, str]]]:
    """The rows of a table in golden/."""

    def rows(name: str) -> list[dict[str, str]]:
        with (GOLDEN / name).open(newline="") as file:
            return list(csv.DictReader(file))

    return rows


@pytest.fixture(scope="session")
def adult() -> Json:
    return {"resourceType": "Patient", "id": "p", "birthDate": "1970-02-03"}


def _lab(
    code: str,
    value: str | None,
    unit: str | None = "mmol/L",
    *,
    flags: str = "",
    hours: float | None = 1,
    identifier: str = "o",
    comparator: str | None = None,
    **other: Any,
) -> Json:
    """A final laboratory result, `hours` old (None: without a time)."""
    quantity: Json = {"unit": unit, "system": "http://unitsofmeasure.org", "code": unit}
    quantity = {key: word for key, word in quantity.items() if unit is not None}
    if value is not None:
        quantity["value"] = Decimal(value)
    if comparator is not None:
        quantity["comparator"] = comparator
    system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
    interpretation = [{"coding": [{"system": system, "code": flag}]} for flag in flags.split()]
    resource: Json = {
        "resourceType": "Observation",
        "id": identifier,
        "status": "final",
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": "Patient/p"},
        "valueQuantity": quantity,
    }
    if interpretation:
        resource["interpretation"] = interpretation
    if hours is not None:
        resource["effectiveDateTime"] = (NOW - timedelta(hours=hours)).isoformat()
    return {key: given for key, given in {**resource, **other}.items() if given is not None}


@pytest.fixture(scope="session")
def lab() -> Callable[..., Json]:
    return _lab


Found = Callable[..., Facts]


@pytest.fixture(scope="session")
def found(rules: RecordRules, adult: Json) -> Found:
    """What these resources say, with the adult patient unless another one is given."""

    def facts(*resources: Json, patient: Json | None = None) -> Facts:
        return facts_of([patient or adult, *resources], rules, now=NOW, patient="Patient/p")

    return facts


@pytest.fixture(scope="session")
def says(found: Found, present: Callable[[Facts], set[str]]) -> Callable[..., set[str]]:
    """The ids of the facts that these resources make present."""
    return lambda *resources: present(found(*resources))


@pytest.fixture(scope="session")
def present() -> Callable[[Facts], set[str]]:
    """The ids of the facts that are present."""

    def ids(facts: Facts) -> set[str]:
        return {one.id for one in facts.facts.values() if one.presence is Presence.PRESENT}

    return ids
