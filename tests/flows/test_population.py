"""Other engines fill in the same answers from the same record, by the extensions of the form."""

import copy
import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fhirpathpy
import pytest
from fhirpathpy.models import models

from cds.core.pack import Pack
from cds.flows.packs.population import initial_expressions, variables_of
from cds.flows.populate import populate
from cds.record.facts import facts_of
from cds.record.rules import RecordRules

Json = dict[str, Any]
NOW = datetime.now(UTC)
OUT = Path(__file__).resolve().parents[2] / "out" / "sdc"
ENGINE = "@aehrc/sdc-populate@4.7.1"
SNOMED, ICD = "http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10-cm"
ATC, RXNORM = "http://www.whocc.no/atc", "http://www.nlm.nih.gov/research/umls/rxnorm"


def order(
    kind: str = "MedicationRequest", *, text: str = "", code: Json | None = None, **other: Any
) -> Json:
    concept: Json = {"text": text} if text else {}
    if code is not None:
        concept["coding"] = [code]
    intent = {"intent": "order"} if kind == "MedicationRequest" else {}
    start = {"resourceType": kind, "id": "m", "status": "active", **intent}
    return {**start, "medicationCodeableConcept": concept, **other}


def condition(code: str, system: str = SNOMED, clinical: str | None = "active") -> Json:
    status = {} if clinical is None else {"clinicalStatus": {"coding": [{"code": clinical}]}}
    coded = {"coding": [{"system": system, "code": code}]}
    return {"resourceType": "Condition", "id": code.replace(".", ""), "code": coded, **status}


def pregnancy(code: str, days: int) -> Json:
    when = (NOW - timedelta(days=days)).isoformat(timespec="seconds")
    return {
        "resourceType": "Observation",
        "id": f"o{days}",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "82810-3"}]},
        "effectiveDateTime": when,
        "valueCodeableConcept": {"coding": [{"system": SNOMED, "code": code}]},
    }


RECORDS: list[list[Json]] = [
    [],
    [order(text="Furosemide 40 mg")],
    [order(text="Hydrochlorothiazide 12.5 MG / Lisinopril 10 MG"), order(text="Lasix")],
    [order(text="Nystatin"), order(text="furosemidex")],
    [order(text="ethacrynic acid")],
    [order("MedicationStatement", code={"system": ATC, "code": "C10AA05"})],
    [order(code={"system": RXNORM, "code": "9997"})],
    [order(code={"system": RXNORM, "code": "298869"})],
    [order(code={"system": RXNORM, "code": "1", "display": "Atorvastatin 10 MG"}, status="active")],
    [order(text="Furosemide", status="stopped")],
    [order(text="Furosemide", intent="proposal")],
    [order(text="Furosemide", doNotPerform=True)],
    [order(text="Furosemide", doNotPerform=False), order(text="Simvastatin")],
    [condition("73211009"), condition("399957001", clinical=None)],
    [condition("73211009", clinical="resolved")],
    [condition("E11.22", ICD), condition("M54.41", ICD), condition("M54.5", ICD)],
    [condition("76107001"), condition("23056005")],
    [condition("42345000"), condition("48532005"), condition("77386006")],
    [condition("27550009"), condition("419045004")],
    [pregnancy("77386006", 20)],
    [pregnancy("60001007", 20), pregnancy("77386006", 60)],
    [pregnancy("77386006", 400)],
]


def ours(pack: Pack, rules: RecordRules, record: list[Json]) -> dict[str, set[str]]:
    facts = facts_of(record, rules, now=NOW, patient=None)
    return ticked(populate(pack, pack.full, facts, rules, now=NOW, subject=None).response)


def ticked(response: Json) -> dict[str, set[str]]:
    return dict(_ticked(response.get("item", [])))


def _ticked(items: list[Json]) -> Iterator[tuple[str, set[str]]]:
    for item in items:
        if item.get("answer"):
            yield item["linkId"], {answer["valueCoding"]["code"] for answer in item["answer"]}
        yield from _ticked(item.get("item", []))


@pytest.mark.parametrize("record", RECORDS, ids=range(len(RECORDS)))
def test_the_expressions_give_the_answers_that_we_fill_in(
    record: list[Json], pack: Pack, rules: RecordRules
) -> None:
    context = {
        one["valueExpression"]["name"]: {
            "resourceType": "Bundle",
            "entry": [
                {"resource": resource}
                for resource in record
                if resource["resourceType"] == one["valueExpression"]["expression"].split("?")[0]
            ],
        }
        for one in variables_of(rules)
    }

    found = {
        question: set(codes)
        for question, extension in initial_expressions(rules).items()
        if (
            codes := fhirpathpy.evaluate(
                {}, extension["valueExpression"]["expression"], context, models["r4"]
            )
        )
    }

    assert found == ours(pack, rules, record)


def test_no_expression_fills_a_safety_item_or_the_dialysis_question(
    pack: Pack, rules: RecordRules
) -> None:
    filled = set(initial_expressions(rules))

    assert filled.isdisjoint(pack.rules.reassurance.safety)
    assert filled.isdisjoint({one.question for one in pack.context})
    assert filled == {one.question for one in rules.prefill}


@pytest.mark.slow
def test_an_independent_engine_fills_in_the_same_answers(pack: Pack, rules: RecordRules) -> None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node is not installed, so the other engine cannot be asked")
    engine = OUT / "node_modules" / "@aehrc" / "sdc-populate" / "dist" / "index.cjs"
    if not engine.exists():
        OUT.mkdir(parents=True, exist_ok=True)
        flags = ["--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        fetch = [npm, "install", "--prefix", str(OUT), *flags, ENGINE]
        if subprocess.run(fetch, capture_output=True, timeout=300, check=False).returncode:
            pytest.skip(f"npm could not fetch {ENGINE}")
    questionnaire = copy.deepcopy(dict(pack.full.raw))
    _extend(questionnaire, rules)
    asked = json.dumps({"questionnaire": questionnaire, "records": RECORDS}, default=str)
    script = Path(__file__).parent / "populate.mjs"

    answer = subprocess.run(
        [node, str(script), str(engine)], input=asked.encode(), capture_output=True, check=True
    )

    theirs = [ticked(response) for response in json.loads(answer.stdout)]
    assert theirs == [ours(pack, rules, record) for record in RECORDS]


def _extend(questionnaire: Json, rules: RecordRules) -> None:
    """The form with the extensions, whether or not it has them already."""
    expressions = initial_expressions(rules)
    new = variables_of(rules)
    kept = [one for one in questionnaire["extension"] if one not in new]
    questionnaire["extension"] = [*kept, *new]
    waiting = list(questionnaire["item"])
    while waiting:
        item = waiting.pop()
        waiting.extend(item.get("item", []))
        if item["linkId"] in expressions:
            one = expressions[item["linkId"]]
            kept = [old for old in item.get("extension", []) if old["url"] != one["url"]]
            item["extension"] = [*kept, one]
