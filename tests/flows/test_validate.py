"""Files in, results out: places, NDJSON, Bundles, limits; hostile input ends soon and in words."""

import gzip
import json
from io import BytesIO
from pathlib import Path

import pytest

from cds.fhir.outcome import COLUMN, LINE, SHARED_SYSTEM, outcome_of, outcome_of_error
from cds.flows.input_files import expand
from cds.flows.validate import Validated, Validator
from cds.flows.validate_inputs import documents
from cds.forms.issues import Issue
from tests.flows.validate_kit import FORM, Json, answered, judged


def _errors(result: Validated) -> list[tuple[str, int | None, int | None]]:
    return [
        (issue.rule, issue.line, issue.column)
        for issue in result.issues
        if issue.severity == "error"
    ]


def test_an_issue_has_the_line_and_column_of_its_place() -> None:
    text = json.dumps(answered("much too long"), indent=2).encode()

    (result,) = judged(text)

    line = text.split(b"\n").index(b'          "valueString": "much too long"') + 1
    assert _errors(result) == [("maxLength", line, 11)]
    assert not result.valid


@pytest.mark.parametrize("packed", [False, True])
def test_ndjson_is_read_line_by_line(packed: bool) -> None:
    lines = [answered("ok"), answered("too long"), "{broken", answered()]
    data = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines).encode()

    results = judged(gzip.compress(data) if packed else data)

    assert [result.valid for result in results] == [True, False, False, False]
    assert [issue[:2] for issue in _errors(results[1])] == [("maxLength", 2)]
    assert results[2].fault is not None
    assert results[2].fault.line == 3
    assert _errors(results[3]) == [("required", 4, 1)]


def test_a_bundle_gives_its_responses_with_their_places() -> None:
    bundle = {
        "resourceType": "Bundle",
        "entry": [{"resource": {"resourceType": "Patient"}}, {"resource": answered("too long")}],
    }

    (result,) = judged(json.dumps(bundle).encode())

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
        (b'{"resourceType": "Patient"}', "is a Patient, not a QuestionnaireResponse."),
        (b"[]", "is an array, not a QuestionnaireResponse."),
        (b'{"resourceType": "Bundle"}', "is a Bundle without a QuestionnaireResponse."),
        (b"\x1f\x8b" + b"x" * 20, "is a damaged archive."),
        (
            b'{"item": [' + b"{}," * 600_000 + b"{}]}",
            "holds more than 500,000 objects and arrays and was not read.",
        ),
    ],
)
def test_what_cannot_be_read_is_a_fault_with_its_place(data: bytes, problem: str) -> None:
    (result,) = judged(data)

    assert result.fault is not None
    assert not result.valid
    assert problem in result.fault.problem
    outcome = outcome_of_error(result.fault)
    assert outcome["issue"][0]["severity"] == "fatal"


def test_a_resource_over_the_limit_is_refused_unread() -> None:
    (result,) = judged(json.dumps(answered("x" * 300)).encode(), max_bytes=200)

    assert result.fault is not None
    assert "longer than 200 bytes" in result.fault.problem


def test_a_long_line_is_refused_and_the_next_one_read() -> None:
    lines = [
        json.dumps(answered("ok")),
        json.dumps(answered("x" * 500)),
        json.dumps(answered("ok")),
    ]

    results = judged("\n".join(lines).encode(), max_bytes=200)

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
    response = answered()

    assert [
        issue.rule
        for issue in Validator(support=[FORM]).validate(response)
        if issue.severity == "error"
    ] == ["required"]
    assert [
        issue.rule
        for issue in Validator(installed={"u": FORM}.get).validate(response)
        if issue.severity == "error"
    ] == ["required"]
    assert "questionnaireNotFound" in [
        issue.rule for issue in Validator(installed=lambda _: None).validate(response)
    ]


def test_an_outcome_names_rule_place_and_words_but_no_value() -> None:
    (result,) = judged(json.dumps(answered("secret")).encode())

    outcome = outcome_of(result.issues, base="http://base", titled=True)
    (issue,) = [one for one in outcome["issue"] if one["severity"] == "error"]

    assert issue["details"]["coding"] == [
        {
            "system": "http://base/CodeSystem/response-issue",
            "code": "maxLength",
            "display": "Text too long",
        },
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


def _bundle(*resources: Json) -> bytes:
    return json.dumps(
        {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}
    ).encode()


def test_a_form_in_the_same_bundle_is_found() -> None:
    (result,) = judged(_bundle(FORM, answered("too long")), None)

    assert [issue[0] for issue in _errors(result)] == ["maxLength"]


def test_value_sets_in_the_same_bundle_are_used() -> None:
    concept = [{"code": "a"}]
    codes = {
        "resourceType": "ValueSet",
        "url": "http://example.org/vs",
        "compose": {"include": [{"system": "urn:s", "concept": concept}]},
    }
    item = {"linkId": "q", "type": "choice", "answerValueSet": "http://example.org/vs"}
    answer = {"valueCoding": {"system": "urn:s", "code": "b"}}
    response = answered(item=[{"linkId": "q", "answer": [answer]}])

    (result,) = judged(_bundle(codes, response), {**FORM, "item": [item]})

    assert [issue[0] for issue in _errors(result)] == ["invalidCoding"]


@pytest.mark.parametrize(
    "address", ["urn:uuid:c757873d-ec9a-4326-a141-556f43239520", "Questionnaire/f"]
)
def test_a_form_is_found_by_its_address_too(address: str) -> None:
    form = {**FORM, "id": "f"}
    entries = [{"fullUrl": address, "resource": form}]
    support = [{"resourceType": "Bundle", "entry": entries}]

    issues = Validator(support=support).validate(answered("ok", questionnaire="Questionnaire/f"))
    by_address = Validator(support=support).validate(answered("too long", questionnaire=address))

    assert not [issue for issue in issues if issue.severity in {"error", "warning"}]
    assert "maxLength" in [issue.rule for issue in by_address]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (json.dumps(FORM).encode(), "is a Questionnaire, not a response to one."),
        (b'{"resourceType": 1}', "it has no resourceType"),
        (b'{"resourceType": "a secret"}', "it has no resourceType"),
        (b'<QuestionnaireResponse xmlns="http://example.org"/>', "is not FHIR XML"),
        (b"resourceType: QuestionnaireResponse\nstatus: completed\n", "is YAML."),
        (b"---\nstatus: completed\n", "is YAML."),
    ],
)
def test_what_was_given_instead_is_called_by_its_name(data: bytes, problem: str) -> None:
    (result,) = judged(data)

    assert result.fault is not None
    assert problem in result.fault.problem
    assert result.fault.hint
