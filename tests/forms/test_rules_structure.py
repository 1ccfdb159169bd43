"""What stands where: elements, linkIds, places, order, nesting, repetition, wording."""

import pytest

from tests.forms.rule_kit import (
    ANSWER,
    CORE,
    GROUP,
    QR,
    Case,
    a,
    form,
    found,
    is_kept_or_broken,
    q,
    response,
    x,
)

CASES = [
    Case("binding", form(q()), response(a("x")), response(a("x"), status="done"), f"{QR}.status"),
    Case("structure", form(q()), response(a("x")), response(a("x"), status=None), QR),
    Case(
        "structure",
        form(q()),
        response(a("x", definition="http://x")),
        response(a("x", type="string")),
        f"{QR}.item[0]",
    ),
    Case(
        "structure",
        form(q()),
        response(a("x")),
        response({"linkId": "q", "answer": {"valueString": "x"}}),
        f"{QR}.item[0].answer",
    ),
    Case(
        "structure",
        form(q()),
        response(a("x")),
        response(a({"valueString": "x", "valueInteger": 1})),
        f"{QR}.item[0].answer[0]",
    ),
    Case("structure", form(), response(), response(nonsense=1), QR),
    Case(
        "structure",
        form(),
        response(),
        response(extension=[{"valueString": "x"}]),
        f"{QR}.extension[0]",
    ),
    Case(
        "value",
        form(q("integer")),
        response(a({"valueInteger": 1})),
        response(a({"valueInteger": "1"})),
        f"{ANSWER}(integer)",
    ),
    Case(
        "value",
        form(q("date")),
        response(a({"valueDate": "2024-02-29"})),
        response(a({"valueDate": "2023-02-29"})),
        f"{ANSWER}(date)",
    ),
    Case(
        "value",
        form(q("time")),
        response(a({"valueTime": "10:00:00"})),
        response(a({"valueTime": "10:00"})),
        f"{ANSWER}(time)",
    ),
    Case(
        "value",
        form(q("dateTime")),
        response(a({"valueDateTime": "2024-01-01T10:00:00+02:00"})),
        response(a({"valueDateTime": "2024-01-01T10:00:00"})),
        f"{ANSWER}(dateTime)",
    ),
    Case(
        "value", form(), response(authored="2024"), response(authored="yesterday"), f"{QR}.authored"
    ),
    Case(
        "noLinkId",
        form(q()),
        response(a("x")),
        response(a("x"), {"answer": [{"valueString": "x"}]}),
        f"{QR}.item[1]",
    ),
    Case(
        "invalidLinkId",
        form(q()),
        response(a("x")),
        response(a("x"), a("x", link_id="other")),
        f"{QR}.item[1]",
    ),
    Case(
        "wrongPlace",
        form(GROUP),
        response({"linkId": "g", "item": [a("x")]}),
        response(a("x")),
        f"{QR}.item[0]",
    ),
    Case(
        "order",
        form(q(), q("string", "r")),
        response(a("x"), a("y", link_id="r")),
        response(a("y", link_id="r"), a("x")),
        f"{QR}.item[1]",
    ),
    Case(
        "itemUnderQuestion",
        form(q(item=[q("string", "r")])),
        response(a({"valueString": "x", "item": [a("y", link_id="r")]})),
        response(a("x", item=[a("y", link_id="r")])),
        f"{QR}.item[0]",
    ),
    Case(
        "groupShouldNotHaveAnswers",
        form(GROUP),
        response({"linkId": "g", "item": [a("x")]}),
        response(a("x", link_id="g")),
        f"{QR}.item[0]",
    ),
    Case(
        "displayAnswer",
        form(q("display")),
        response({"linkId": "q"}),
        response(a("x")),
        f"{QR}.item[0]",
    ),
    Case("invalidType", form(q("question")), response(), response(a("x")), f"{QR}.item[0]"),
    Case("repeats", form(q()), response(a("x")), response(a("x", "y")), f"{QR}.item[0]"),
    Case(
        "repeats",
        form(q(repeats=True)),
        response(a("x", "y")),
        response(a("x"), a("y")),
        f"{QR}.item[1]",
    ),
    Case(
        "repeats",
        form({**GROUP}),
        response({"linkId": "g", "item": [a("x")]}),
        response(*[{"linkId": "g", "item": [a("x")]}] * 2),
        f"{QR}.item[1]",
    ),
    Case(
        "text",
        form(q()),
        response(a("x", text=" The\nquestion ")),
        response(a("x", text="Another question")),
        f"{QR}.item[0].text",
        "warning",
    ),
    Case(
        "emptyAnswer",
        form(q()),
        response(a("x")),
        response({"linkId": "q", "answer": []}),
        f"{QR}.item[0]",
    ),
    Case(
        "emptyAnswer",
        form(q(repeats=True)),
        response(a("x")),
        response(a("x", {})),
        f"{QR}.item[0].answer[1]",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.at}")
def test_a_rule_is_kept_or_broken(case: Case) -> None:
    is_kept_or_broken(case)


def test_a_translation_of_the_text_is_as_good() -> None:
    translation = x(
        CORE + "translation",
        extension=[x("lang", valueCode="de"), x("content", valueString="Die Frage")],
    )

    assert (
        found(form(q(_text={"extension": [translation]})), response(a("x", text="Die Frage"))) == []
    )


def test_what_hangs_below_a_misplaced_item_is_not_reported_again() -> None:
    issues = found(
        form({**GROUP, "item": [q(required=True)]}),
        response({"linkId": "h", "item": [a("x"), a("z", link_id="z")]}),
    )

    assert [issue.rule for issue in issues] == ["invalidLinkId"]


def test_a_repeated_group_stands_together() -> None:
    two = form({**GROUP, "repeats": True}, q("string", "r"))
    group = {"linkId": "g", "item": [a("x")]}

    assert found(two, response(group, group, a("y", link_id="r"))) == []
    assert [issue.rule for issue in found(two, response(group, a("y", link_id="r"), group))] == [
        "order"
    ]


def test_an_unknown_item_where_a_required_one_is_missing_is_one_cause() -> None:
    three = form(q("string", "one"), q("string", "two", required=True), q("string", "three"))
    first, last = a("x", link_id="one"), a("x", link_id="three")

    in_place = found(three, response(first, a("x", link_id="tow"), last))
    elsewhere = found(three, response(a("x", link_id="tow"), first, last))

    assert [issue.rule for issue in in_place] == ["invalidLinkId"]
    assert in_place[0].help == "Did you mean 'two'?"
    assert [issue.rule for issue in elsewhere] == ["invalidLinkId", "required"]
