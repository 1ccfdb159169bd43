"""Files in, results out: places, NDJSON, Bundles, limits; hostile input ends soon and in words."""

import gzip
import json
import time
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Any

import pytest

from cds.fhir.outcome import COLUMN, LINE, SHARED_SYSTEM, outcome_of, outcome_of_error
from cds.flows.validate import Result, Validator
from cds.flows.validate_inputs import documents, expand
from cds.forms.issues import Issue

Json = dict[str, Any]
FORM: Json = {
    "resourceType": "Questionnaire",
    "url": "u",
    "status": "active",
    "item": [{"linkId": "q", "type": "string", "maxLength": 5, "required": True}],
}


def _response(*texts: str, **more: Any) -> Json:
    items = [{"linkId": "q", "answer": [{"valueString": text} for text in texts]}] if texts else []
    return (
        {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": "u"}
        | ({"item": items} if items else {})
        | more
    )


def _results(data: bytes, form: Json | None = FORM, **more: Any) -> list[Result]:
    stream = BufferedReader(BytesIO(data))
    return list(Validator(form).results(documents("-", stdin=stream, where="in.json", **more)))


def _errors(result: Result) -> list[tuple[str, int | None, int | None]]:
    return [
        (issue.rule, issue.line, issue.column)
        for issue in result.issues
        if issue.severity == "error"
    ]


def test_an_issue_has_the_line_and_column_of_its_place() -> None:
    text = json.dumps(_response("much too long"), indent=2).encode()

    (result,) = _results(text)

    line = text.split(b"\n").index(b'          "valueString": "much too long"') + 1
    assert _errors(result) == [("maxLength", line, 11)]
    assert not result.valid


@pytest.mark.parametrize("packed", [False, True])
def test_ndjson_is_read_line_by_line(packed: bool) -> None:
    lines = [_response("ok"), _response("too long"), "{broken", _response()]
    data = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines).encode()

    results = _results(gzip.compress(data) if packed else data)

    assert [result.valid for result in results] == [True, False, False, False]
    assert [issue[:2] for issue in _errors(results[1])] == [("maxLength", 2)]
    assert results[2].fault is not None
    assert results[2].fault.line == 3
    assert _errors(results[3]) == [("required", 4, 1)]


def test_a_bundle_gives_its_responses_with_their_places() -> None:
    bundle = {
        "resourceType": "Bundle",
        "entry": [{"resource": {"resourceType": "Patient"}}, {"resource": _response("too long")}],
    }

    (result,) = _results(json.dumps(bundle).encode())

    assert result.where == "in.json#entry[1]"
    assert _errors(result) == [("maxLength", 1, json.dumps(bundle).index('"valueString"') + 1)]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", ""),
        (b"{", ""),
        (b'{"a": 1, "a": 2}', ""),
        (b"\xff", ""),
        (b"[" * 100_000, ""),
        (b'{"resourceType": "Patient"}', "is not a QuestionnaireResponse."),
        (b"[]", "is not a QuestionnaireResponse."),
        (b'{"resourceType": "Bundle"}', "is a Bundle without a QuestionnaireResponse."),
        (b"\x1f\x8b" + b"x" * 20, "is a damaged gzip file."),
        (
            b'{"item": [' + b"{}," * 600_000 + b"{}]}",
            "holds more than 500,000 objects and arrays and was not read.",
        ),
    ],
)
def test_what_cannot_be_read_is_a_fault_with_its_place(data: bytes, problem: str) -> None:
    (result,) = _results(data)

    assert result.fault is not None
    assert not result.valid
    assert problem in result.fault.problem
    outcome = outcome_of_error(result.fault)
    assert outcome["issue"][0]["severity"] == "fatal"


def test_a_resource_over_the_limit_is_refused_unread() -> None:
    (result,) = _results(json.dumps(_response("x" * 300)).encode(), max_bytes=200)

    assert result.fault is not None
    assert "longer than 200 bytes" in result.fault.problem


def test_a_long_line_is_refused_and_the_next_one_read() -> None:
    lines = [
        json.dumps(_response("ok")),
        json.dumps(_response("x" * 500)),
        json.dumps(_response("ok")),
    ]

    results = _results("\n".join(lines).encode(), max_bytes=200)

    assert [result.fault is None for result in results] == [True, False, True]


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    (document,) = documents(str(tmp_path / "none.json"), stdin=BytesIO())

    assert document.fault is not None


def test_globs_are_opened(tmp_path: Path) -> None:
    for name in ("b.json", "a.json"):
        (tmp_path / name).write_text("{}")

    assert expand([f"{tmp_path}/*.json", "-", "none-*.json"]) == [
        f"{tmp_path}/a.json",
        f"{tmp_path}/b.json",
        "-",
        "none-*.json",
    ]


def test_forms_are_found_in_the_support_and_among_the_installed() -> None:
    response = _response()

    assert [
        issue.rule
        for issue in Validator(support=[FORM]).validate(response)
        if issue.severity == "error"
    ] == ["required"]
    assert [
        issue.rule
        for issue in Validator(installed=lambda: {"u": FORM}).validate(response)
        if issue.severity == "error"
    ] == ["required"]
    assert "questionnaireNotFound" in [
        issue.rule for issue in Validator(installed=dict).validate(response)
    ]


def test_an_outcome_names_rule_place_and_words_but_no_value() -> None:
    (result,) = _results(json.dumps(_response("secret")).encode())

    outcome = outcome_of(result.issues, base="http://base")
    (issue,) = [one for one in outcome["issue"] if one["severity"] == "error"]

    assert issue["details"]["coding"] == [
        {"system": "http://base/CodeSystem/response-issue", "code": "maxLength"},
        {"system": SHARED_SYSTEM, "code": "maxLength"},
    ]
    assert [one["url"] for one in issue["extension"]] == [LINE, COLUMN]
    assert issue["expression"] == ["QuestionnaireResponse.item[0].answer[0].value.ofType(string)"]
    assert "secret" not in json.dumps(outcome)
    assert "secret" in json.dumps(outcome_of(result.issues, show_values=True))


def test_an_outcome_without_issues_says_that_all_is_well() -> None:
    (issue,) = outcome_of([])["issue"]

    assert (issue["severity"], issue["code"], issue["details"]["text"]) == (
        "information",
        "informational",
        "All OK",
    )


def test_a_failed_constraint_carries_the_key_under_the_forms_url() -> None:
    made = outcome_of(
        [
            Issue(
                "error",
                "invariant",
                "invariant",
                "QuestionnaireResponse",
                None,
                "x",
                constraint=("http://f", "k"),
            )
        ]
    )

    assert made["issue"][0]["details"]["coding"][-1] == {"system": "http://f", "code": "k"}


ITEM = {"linkId": "q", "answer": [{"valueString": "x"}]}
OFF = [{"question": "c", "operator": "=", "answerBoolean": True}]
HOSTILE: dict[str, tuple[Json, Json]] = {
    "very many items": (FORM, _response(item=[ITEM] * 19_000)),
    "too many items": (FORM, _response(item=[ITEM] * 50_000)),
    "very many unknown items": (
        FORM,
        _response(item=[{"linkId": f"x{index}"} for index in range(19_000)]),
    ),
    "a huge string": (FORM, _response("x" * 10_000_000)),
    "many options and answers": (
        {
            **FORM,
            "item": [
                {
                    "linkId": "q",
                    "type": "choice",
                    "repeats": True,
                    "answerOption": [{"valueInteger": one} for one in range(20_000)],
                }
            ],
        },
        _response(item=[{"linkId": "q", "answer": [{"valueInteger": 20_000}] * 20_000}]),
    ),
    "conditions on many sources": (
        {
            **FORM,
            "item": [
                {"linkId": "c", "type": "boolean"},
                {
                    "linkId": "g",
                    "type": "group",
                    "repeats": True,
                    "item": [{"linkId": "t", "type": "string", "enableWhen": OFF}],
                },
            ],
        },
        _response(
            item=[{"linkId": "c", "answer": [{"valueBoolean": False}]}] * 9_000
            + [{"linkId": "g", "item": [{"linkId": "t", "answer": [{"valueString": "x"}]}]}] * 5_000
        ),
    ),
    "a pattern that explodes elsewhere": (
        {
            **FORM,
            "item": [
                {
                    "linkId": "q",
                    "type": "string",
                    "extension": [
                        {
                            "url": "http://hl7.org/fhir/StructureDefinition/regex",
                            "valueString": "(a|aa)+$",
                        }
                    ],
                }
            ],
        },
        _response("a" * 90_000 + "b"),
    ),
    "a form with very many items": (
        {**FORM, "item": [{"linkId": str(one), "type": "string"} for one in range(60_000)]},
        _response("x"),
    ),
    "conditions in a circle": (
        {
            **FORM,
            "item": [
                {
                    "linkId": "c",
                    "type": "boolean",
                    "enableWhen": [{"question": "q", "operator": "=", "answerBoolean": True}],
                },
                {"linkId": "q", "type": "boolean", "enableWhen": OFF},
            ],
        },
        _response(item=[{"linkId": "q", "answer": [{"valueBoolean": True}]}]),
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_ends_soon_with_a_clear_issue(name: str) -> None:
    form, response = HOSTILE[name]
    data = json.dumps(response).encode()
    started = time.process_time()

    (result,) = _results(data, form)

    assert time.process_time() - started < 2
    assert not result.valid
    assert len(result.issues) <= 1001
