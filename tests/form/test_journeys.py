"""Whole visits without JavaScript: what a person sees, sends, and is told."""

from tests.form.conftest import Visit
from tests.replies import CALM, SAFETY

CALM_FIELDS = {
    name: [value] if isinstance(value, str) else list(value) for name, value in CALM.items()
}


def test_the_first_page_asks_what_the_form_asks_and_nothing_more(visit: Visit) -> None:
    page = visit().open()

    assert page.status == 200
    assert "In the last 24 hours, has the person fainted" in page.text
    assert "How much urine" not in page.text
    assert set(SAFETY) - {"safety.consciousness"} <= page.hidden


def test_an_emergency_is_told_at_once_though_questions_are_open(visit: Visit) -> None:
    person = visit()
    person.open()
    person.press(**{"safety.consciousness": "unresponsive-now"})

    assert person.page.status == 200
    assert "EMERGENCY" in person.page.text
    assert "Call the local emergency number now." in person.page.text


def test_without_a_script_further_questions_come_with_the_next_page(visit: Visit) -> None:
    person = visit()
    person.open()
    page = person.press(**{"safety.consciousness": "none"})

    assert "How much urine" in page.text
    assert "These questions still need an answer" in page.text
    assert "#q.safety.urine" in page.links
    assert "#q.safety.consciousness" not in page.links


def test_a_whole_calm_visit_ends_with_self_care_and_excludes_nothing(visit: Visit) -> None:
    person = visit()
    person.open()
    page = person.press(**CALM_FIELDS)

    assert "SELF-CARE" in page.text
    assert "This does not exclude one." in page.text
    assert "/forms/cramps/result/bundle.json" in page.links


def test_a_visit_finished_with_questions_open_is_never_an_all_clear(visit: Visit) -> None:
    person = visit()
    person.open()
    person.press(**{"safety.consciousness": "none"})
    page = person.press("finish", **{"safety.urine": "usual"})

    assert "NOT SETTLED" in page.text
    assert "SELF-CARE" not in page.text.partition("Where this result stands")[0]
    assert "/forms/cramps#q.safety.nerve" in page.links


def test_what_a_changed_answer_hides_is_not_sent(visit: Visit) -> None:
    person = visit()
    person.open()
    person.press(**{"safety.consciousness": "none"})
    person.press(
        **{"safety.circulation": ["cold-clammy-skin"], "safety.consciousness": "unresponsive-now"}
    )

    response = person.look("/forms/cramps/result/response.json").json()
    asked = [item["linkId"] for group in response["item"] for item in group["item"]]
    assert asked == ["safety.consciousness"]
    assert response["status"] == "completed"


def test_the_answers_stay_for_another_look(visit: Visit) -> None:
    person = visit()
    person.open()
    person.press("draft", **CALM_FIELDS)
    page = person.open()

    assert page.fields["safety.limb"] == ["none"]
    assert page.fields["history.site"] == ["calf"]


def test_deleted_answers_are_gone(visit: Visit) -> None:
    person = visit()
    person.open()
    person.press(**CALM_FIELDS)
    person.press("erase")

    assert person.open().fields.get("safety.limb") is None
    assert person.look("/forms/cramps/result").status_code == 404


def test_the_decision_of_the_page_is_the_engines(visit: Visit) -> None:
    person = visit()
    person.open()
    person.press(**(CALM_FIELDS | {"safety.urine": ["none-new"]}))

    decision = person.look("/forms/cramps/result/decision.json").json()
    bundle = person.look("/forms/cramps/result/bundle.json").json()
    assert decision["level"] == "emergency-911"
    assert [one["rule"] for one in decision["findings"]] == ["E3"]
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert kinds == ["RiskAssessment", "CommunicationRequest", "Provenance"]


def test_a_sign_that_was_taken_back_is_told_with_the_result(visit: Visit) -> None:
    person = visit()
    person.open()
    page = person.press(**(CALM_FIELDS | {"signs": ["E3"]}))

    assert "No urine passed" in page.text
    assert "was marked and then changed" in page.text


def test_without_a_script_a_sign_that_is_taken_back_stays_until_it_was_meant(visit: Visit) -> None:
    person = visit()
    person.open()
    assert "EMERGENCY" in person.press(**(CALM_FIELDS | {"safety.urine": ["none-new"]})).text
    person.open()
    page = person.press("draft", **{"safety.urine": "usual"})
    page = person.open()

    assert "A warning sign was marked, and then changed" in page.text
    page = person.press("meant")
    assert "A warning sign was marked" not in page.text
    assert "A warning sign was marked" not in person.open().text
    assert "was marked and then changed" in person.press().text


def test_a_sign_that_comes_back_and_goes_again_is_asked_about_again(visit: Visit) -> None:
    person = visit()
    person.open()
    person.press(**(CALM_FIELDS | {"safety.urine": ["none-new"]}))
    for _ in range(2):
        person.open()
        person.press("draft", **{"safety.urine": "usual"})
        assert "A warning sign was marked, and then changed" in person.open().text
        assert "A warning sign was marked" not in person.press("meant").text
        person.press(**{"safety.urine": "none-new"})
