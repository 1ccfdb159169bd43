"""The SDC extensions by which any other engine fills in the same answers from the same record.

They are written from record.toml: queries for what the record holds (x-fhir-query variables of the
Questionnaire) and, per question, a FHIRPath expression that gives the codes of the options to tick.
What they cannot do is left to `populate`: following references to Medication resources.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cds.forms.form.every_item import every_item
from cds.forms.form.extensions import VARIABLE
from cds.record.rules import KnownCodes, Medicine, RecordRules, Status
from cds.wire import JsonObject

INITIAL = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression"


def variables_of(rules: RecordRules) -> list[JsonObject]:
    """The extensions of the Questionnaire itself: what to ask the EHR for. They need %patient."""
    # What has no answer that makes a fact fills in nothing.
    answered = sorted(code for code, status in rules.statuses.items() if status.present)
    codes = ",".join(f"{min(rules.loinc)}|{code}" for code in answered)
    queries = {
        "MedicationRequests": "MedicationRequest?patient={{%patient.id}}&status=active",
        "MedicationStatements": "MedicationStatement?patient={{%patient.id}}&status=active",
        "Conditions": "Condition?patient={{%patient.id}}",
        "StatusObservations": f"Observation?patient={{{{%patient.id}}}}&code={codes}&_sort=-date",
    }
    return [
        {
            "url": VARIABLE,
            "valueExpression": {
                "name": name,
                "language": "application/x-fhir-query",
                "expression": query,
            },
        }
        for name, query in queries.items()
    ]


def initial_expressions(rules: RecordRules) -> dict[str, JsonObject]:
    """By linkId, the extension of that item: an expression that gives codes of its options."""
    parts: dict[str, list[str]] = {}
    for prefill in rules.prefill:
        tests = " or ".join(_tests(prefill.fact, rules))
        if tests:
            parts.setdefault(prefill.question, []).append(f"iif({tests}, '{prefill.answer}', {{}})")
    return {
        question: {
            "url": INITIAL,
            "valueExpression": {
                "description": "Written from record.toml; to be confirmed by a person.",
                "language": "text/fhirpath",
                "expression": " | ".join(options),
            },
        }
        for question, options in parts.items()
    }


def _tests(fact: str, rules: RecordRules) -> Iterator[str]:
    for medicine in rules.medicines:
        if medicine.fact == fact:
            yield _medicine(medicine, rules)
    codings = [text for kind in rules.conditions.every if (text := _coding(kind, fact))]
    if codings:
        yield f"{_conditions(rules)}.code.coding.where({' or '.join(codings)}).exists()"
    for status in dict.fromkeys(rules.statuses.values()):
        if status.fact == fact and status.present:
            yield _status(status, rules)


def _medicine(medicine: Medicine, rules: RecordRules) -> str:
    active = _among("status", rules.medicine_active)
    wanted = f"{_among('intent', rules.medicine_not_intents)}.not()"
    asked = f"{active} and {wanted} and (doNotPerform.exists() and doNotPerform).not()"
    orders = f"%MedicationRequests.entry.resource.where({asked})"
    statements = f"%MedicationStatements.entry.resource.where({active})"
    listed = ((rules.rxnorm, medicine.codes), (rules.snomed, medicine.substances))
    coded = [
        f"({_among('system', systems)} and {_among('code', codes)})"
        for systems, codes in listed
        if codes
    ]
    if medicine.prefixes:
        starts = " or ".join(f"code.startsWith('{prefix}')" for prefix in sorted(medicine.prefixes))
        coded.append(f"({_among('system', rules.atc)} and ({starts}))")
    words = "|".join(medicine.words)
    texts = rf"(text | coding.display).where(lower().matches('\\b({words})\\b')).exists()"
    concept = " or ".join([*(f"coding.where({one}).exists()" for one in coded), texts])
    return f"({orders} | {statements}).medication.ofType(CodeableConcept).where({concept}).exists()"


def _conditions(rules: RecordRules) -> str:
    active = f"clinicalStatus.coding.where({_among('code', rules.condition_active)}).exists()"
    refuted = _among("code", rules.condition_not_verification)
    return (
        f"%Conditions.entry.resource.where((clinicalStatus.coding.empty() or {active})"
        f" and verificationStatus.coding.where({refuted}).empty())"
    )


def _coding(kind: KnownCodes, fact: str) -> str:
    exact = [code for code, facts in kind.exact.items() if fact in facts]
    categories = [code for code, facts in kind.categories.items() if fact in facts]
    tests = [_among("code", exact)] if exact else []
    tests += [f"code.startsWith('{category}')" for category in sorted(categories)]
    return f"({_among('system', kind.systems)} and ({' or '.join(tests)}))" if tests else ""


def _status(status: Status, rules: RecordRules) -> str:
    """The newest one, if it says so and is not too old; `_sort` in the query puts it first."""
    settled = _among("status", rules.labs.final)
    value = f"{_among('system', rules.snomed)} and {_among('code', status.present)}"
    recent = f"effective.ofType(dateTime) >= today() - {status.window.days} days"
    first = f"%StatusObservations.entry.resource.where({settled}).first()"
    return f"{first}.where({recent}).value.ofType(CodeableConcept).coding.where({value}).exists()"


def _among(path: str, words: Iterable[str]) -> str:
    """`(path in ('a' | 'b'))`."""
    return f"({path} in ({' | '.join(repr(word) for word in sorted(words))}))"


def with_population(raw: Mapping[str, Any], rules: RecordRules) -> JsonObject:
    """The Questionnaire as it is published: with what other engines need to pre-fill it alike.

    Written from record.toml each time, so that the two cannot drift apart.
    """
    expressions = initial_expressions(rules)
    published: JsonObject = copy.deepcopy(dict(raw))
    used = False
    for item in every_item(published):
        if item.get("linkId") in expressions:
            item["extension"] = [*item.get("extension", []), expressions[item["linkId"]]]
            used = True
    if used:
        published["extension"] = [*published.get("extension", []), *variables_of(rules)]
    return published
