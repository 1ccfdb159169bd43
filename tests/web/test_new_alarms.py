"""What pack 2.0.0 hears anew reaches its level on every way out: text, Bundle, card, $assess."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cds.__main__ import main
from cds.knowledge.read.pack import find_pack

Json = dict[str, Any]
ASSESS = "/fhir/QuestionnaireResponse/$assess"
CALM = "everyday-night-cramp"
PACK = find_pack("cramps")
LEVELS = {level.code: level for level in PACK.rules.levels}
# What is answered (or in the record), the rule, the level, and the indicator of its card.
ALARMS = {
    "silent glucose": (None, "E18", "emergency-evaluation", "critical"),
    "chest pain or breath": (
        ("safety.circulation", "breathless-or-chest-pain"),
        "E16",
        "emergency-911",
        "critical",
    ),
    "brown urine": (
        ("safety.urine", "brown-red-or-cola"),
        "E17",
        "emergency-evaluation",
        "critical",
    ),
    "cramp in the chest": (("history.site", "trunk"), "U8", "urgent", "warning"),
    "long cramp": (("history.episode", "over-10-minutes"), "U6", "urgent", "warning"),
    "jaw": (("safety.nerve", "stiff-jaw"), "U10", "urgent", "warning"),
    "tetany": (("safety.nerve", "mouth-tingling-or-hands-locked"), "U9", "urgent", "warning"),
}


def _answer(items: list[Json], link_id: str, code: str) -> None:
    for item in items:
        if item["linkId"] == link_id:
            system = item["answer"][0]["valueCoding"]["system"]
            item["answer"] = [{"valueCoding": {"system": system, "code": code}}]
        _answer(item.get("item", []), link_id, code)


def _glucose(patient: str) -> Json:
    """What no laboratory flagged."""
    return {
        "resourceType": "Observation",
        "id": "glucose",
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "laboratory",
                    }
                ]
            }
        ],
        "code": {"coding": [{"system": "http://loinc.org", "code": "2345-7"}]},
        "subject": {"reference": patient},
        "effectiveDateTime": (datetime.now(UTC) - timedelta(hours=2)).isoformat(),
        "valueQuantity": {
            "value": 450,
            "unit": "mg/dL",
            "system": "http://unitsofmeasure.org",
            "code": "mg/dL",
        },
    }


@pytest.fixture(params=ALARMS)
def alarm(request: pytest.FixtureRequest, body: Any) -> tuple[Json, Json, list[Json], Any]:
    """The hook's request, the response in it, what is added to the record, what is expected."""
    answer, *expected = ALARMS[request.param]
    sent = body(CALM)
    response = next(
        entry["resource"]
        for entry in sent["prefetch"]["responses"]["entry"]
        if entry["resource"]["resourceType"] == "QuestionnaireResponse"
    )
    record = []
    if answer is None:
        glucose = _glucose(response["subject"]["reference"])
        sent["prefetch"]["labs"]["entry"] = [{"resource": glucose}]
        record += [sent["prefetch"]["patient"], glucose]
    else:
        _answer(response["item"], *answer)
    return sent, response, record, tuple(expected)


def test_the_command_line_and_the_bundle_say_it(
    alarm: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, response, record, (rule, level, _) = alarm
    answers, known = tmp_path / "answers.json", tmp_path / "record.json"
    answers.write_text(json.dumps(response))
    entries = [{"resource": one} for one in record]
    known.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    asked = ["assess", str(answers), "--record", str(known), "--format"]

    main([*asked, "json"])
    decision = json.loads(capsys.readouterr().out)
    main([*asked, "fhir"])
    bundle = capsys.readouterr().out

    main([*asked, "text"])
    text = capsys.readouterr().out

    assert decision["level"] == level
    assert rule in {one["rule"] for one in decision["findings"]}
    assert f'"{level}"' in bundle
    _holds(json.loads(bundle), rule, level)
    assert LEVELS[level].display.split(";")[0] in text.splitlines()[0]
    assert any(line.lstrip().startswith(f"{rule} ") for line in text.splitlines())


def _holds(bundle: Json, rule: str, level: str) -> None:
    """The Bundle names the rule in its assessment, and owes a message for an emergency."""
    found = {one["resource"]["resourceType"]: one["resource"] for one in bundle["entry"]}
    assert rule in json.dumps(found["RiskAssessment"])
    assert ("CommunicationRequest" in found) is LEVELS[level].alert


def test_the_card_says_it(alarm: Any, serve: Any) -> None:
    sent, _, record, (rule, _, indicator) = alarm
    card = serve().hook(sent).json()["cards"][0]
    assert card["indicator"] == indicator
    assert rule in card["detail"]
    said = f"{card['summary']} {card['detail']}"
    # A value is named in the place of the rule's title: the patient's own sign comes first.
    assert ("450 mg/dL" if record else PACK.cards.titles[rule]) in said


def test_assess_says_it(alarm: Any, serve: Any) -> None:
    _, response, record, (rule, level, _) = alarm
    parts = [{"name": "response", "resource": response}]
    entries = [{"resource": one} for one in record]
    known = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    parts += [{"name": "record", "resource": known}] if record else []
    sent = {"resourceType": "Parameters", "parameter": parts}
    answer = serve().post(ASSESS, sent)
    assert answer.status_code == 200
    assert f'"{level}"' in answer.text
    _holds(answer.json(), rule, level)


def test_the_limits_of_another_laboratory_count_where_they_are_handed_over(
    body: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = body(CALM)
    response = sent["prefetch"]["responses"]["entry"][0]["resource"]
    potassium = _glucose(response["subject"]["reference"])
    potassium["code"]["coding"][0]["code"] = "2823-3"
    potassium["valueQuantity"] |= {"value": 6.1, "unit": "mmol/L", "code": "mmol/L"}
    answers, known = tmp_path / "answers.json", tmp_path / "record.ndjson"
    answers.write_text(json.dumps(response))
    known.write_text("\n".join(map(json.dumps, (sent["prefetch"]["patient"], potassium))))
    other = Path(__file__).parents[2] / "deploy" / "limits-other-laboratories.toml"
    asked = ["assess", str(answers), "--record", str(known), "--format", "json"]

    found = []
    for more in ([], ["--config", str(other)]):
        main([*asked, *more])
        found.append(json.loads(capsys.readouterr().out))

    assert [one["level"] for one in found] == ["urgent", "emergency-evaluation"]
    main([*asked[:-1], "text", "--show-values", "--config", str(other)])
    assert "site: Homerton" in " ".join(capsys.readouterr().out.split())
