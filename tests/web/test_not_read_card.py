"""The card of what was not read: short, the gravest first, and nothing is left out uncounted."""

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cds.core.account import Missing
from cds.flows.hooks import Visit, consider
from cds.flows.synthetic.hook_samples import conditions
from cds.web.cards.detail import MOST_BULLETS, MOST_DETAIL, MOST_SUMMARY, enumerated
from tests.web.visits import ASSESSOR, NOW, PACK, Json, cards_of

PATIENT = "example-0-0"
SUBJECT = {"reference": f"Patient/{PATIENT}"}
HEAD = "Not read from the record: "
MORE = re.compile(r"(\d+) more\b")
COUNTED = re.compile(r"(\d+) (?:result|medicine|condition|procedure|other entr)")


def _result(number: int, **other: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "status": "final",
        "subject": SUBJECT,
        "effectiveDateTime": "2026-11-20T08:00:00Z",
        "code": {"text": f"Kalium no {number}"},
        "valueQuantity": {"value": 7, "unit": "mmol/L"},
        **other,
    }


def _strange_flag(number: int) -> Json:
    coding = {"system": "http://example.org/flags", "code": "CRIT"}
    code = {"text": f"Test no {number}"}
    return _result(number, code=code, interpretation=[{"coding": [coding]}])


def _medicine(number: int) -> Json:
    concept = {"text": f"Remedy no {number}"}
    order = {"resourceType": "MedicationRequest", "id": f"m{number}", "status": "active"}
    return {**order, "subject": SUBJECT, "medicationCodeableConcept": concept}


def _list(number: int) -> Json:
    entry = [{"item": {"reference": "Condition/gone"}}]
    return {
        "resourceType": "List",
        "id": f"l{number}",
        "title": f"List no {number}",
        "entry": entry,
    }


def _plan(number: int) -> Json:
    named = ["diabetes", "sciatica", "pregnancy", "dialysis", "cirrhosis", "ckd"][number % 6]
    plan = {"resourceType": "CarePlan", "id": f"p{number}", "status": "active", "subject": SUBJECT}
    return {**plan, "title": named}


KINDS = (_result, _strange_flag, _medicine, _list, _plan)
numbers = st.tuples(*(st.integers(0, 14) for _ in KINDS))


@settings(max_examples=60, deadline=None)
@given(counts=numbers, missing=st.integers(0, 4))
def test_what_does_not_fit_is_counted(counts: tuple[int, ...], missing: int) -> None:
    record = [
        kind(number + 100 * place)
        for place, (kind, count) in enumerate(zip(KINDS, counts, strict=True))
        for number in range(count)
    ]
    gaps = [Missing(f"query {number}", "server error") for number in range(missing)]
    known = [*conditions(PACK, PATIENT), *record]
    verdict = consider(PACK, ASSESSOR, Visit(PATIENT, NOW, [], known, missing=gaps))

    cards = [card for card in cards_of(verdict) if card["summary"].startswith(HEAD)]

    assert len(cards) == bool(record or gaps)
    for card in cards:
        summary, detail = card["summary"], card["detail"]
        assert len(summary) <= MOST_SUMMARY
        assert len(detail) <= MOST_DETAIL
        bullets = [line for line in detail.splitlines() if line.startswith("- ")]
        assert len(bullets) <= MOST_BULLETS
        assert bool(bullets) is bool(record)
        assert any("Flagged critical" in line for line in bullets[:1]) is bool(counts[1])
        assert _counted(detail) == len(record) + len(gaps)


def _counted(detail: str) -> int:
    """How many things a card names or counts."""
    total = 0
    for line in detail.splitlines():
        if line.startswith("- "):
            signs = line.partition("**: ")[2].split(" · ")
            total += sum(_times(sign) for sign in signs)
        elif line.startswith("Not available, so"):
            listed = line.partition(": ")[2]
            total += listed.count("query") + sum(map(int, MORE.findall(listed)))
        elif line.startswith("Not read besides"):
            total += sum(map(int, COUNTED.findall(line)))
    return total


def _times(sign: str) -> int:
    """`3 more`, `CarePlan: diabetes (2)`, or one thing."""
    left = MORE.fullmatch(sign)
    if left:
        return int(left[1])
    times = re.search(r" \((\d+)\)$", sign)
    return int(times[1]) if times else 1


@given(
    names=st.lists(st.text("abc", min_size=1, max_size=60), min_size=1, max_size=200),
    most=st.integers(35, 120),
)
def test_names_never_take_more_room_than_they_have(names: list[str], most: int) -> None:
    text = enumerated(names, most)

    shown = text.partition(" and ")[0].split(", ")
    left = MORE.findall(text)
    assert len(text) <= most
    assert len(shown) + sum(map(int, left)) == len(names)
