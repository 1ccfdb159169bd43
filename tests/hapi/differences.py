"""How HAPI and the oracle differ on a random pair: by which known difference of `known.toml`."""

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.forms.oracle import Verdict, _answers_to, _every, _is_mistyped
from tests.forms.random_pairs import Json

KNOWN: list[Json] = tomllib.loads(Path(__file__).with_name("known.toml").read_text())["difference"]


class Difference(NamedTuple):
    """One side finds (rule, linkId), the other does not; or HAPI ended by throwing."""

    alone: str  # oracle, hapi or thrown
    rule: str
    link_id: str


class Judged(Verdict):
    """The oracle's verdict, and in which items nothing is asked."""

    def __init__(self, form: Json, response: Json) -> None:
        self.not_asked: set[str] = set()
        self.items = {one["linkId"]: one for one in _every(form["item"])}
        self.above: dict[str, list[Json]] = {}
        self._note(form["item"], [])
        super().__init__(form, response)

    def _note(self, items: list[Json], above: list[Json]) -> None:
        for item in items:
            self.above[item["linkId"]] = [item, *above]
            self._note(item.get("item", []), [item, *above])

    def disabled(self, item: Json, here: list[Json]) -> None:
        self.not_asked |= {one["linkId"] for one in _every([item])}
        super().disabled(item, here)

    def values(self, link_id: str) -> list[Any]:
        """All values given to a question, wherever it stands."""
        given = [one for one in _every(self.response.get("item", [])) if one["linkId"] == link_id]
        return [
            value for one in given for answer in one.get("answer", []) for value in answer.values()
        ]

    def conditions(self, link_id: str) -> Iterator[tuple[Json, list[Json]]]:
        """The conditions on an item and on what is above it, each with the answers it looks at."""
        for item in self.above.get(link_id, []):
            for when in item.get("enableWhen", ()):
                yield when, _answers_to(when["question"], [], self.form, self.response)


def of_pair(form: Json, response: Json, theirs: set[tuple[str, str]], ended: str) -> Iterator[str]:
    """For each difference the id of the known one that it is; a text with "?" where it is none."""
    judged = Judged(form, response)
    if ended:
        found = [Difference("thrown", ended, "")]
    else:
        found = [Difference("oracle", *one) for one in sorted(judged.wrong - theirs)]
        found += [Difference("hapi", *one) for one in sorted(theirs - judged.wrong)]
    for difference in found:
        yield next((one["id"] for one in KNOWN if _is(one, difference, judged)), f"? {difference}")


def _is(known: Json, difference: Difference, judged: Judged) -> bool:
    rule = difference.rule
    if known["alone"] != difference.alone:
        return False
    named = any(rule.startswith(one) for one in known["rules"])
    return named and CASES[known["case"]](judged, difference.link_id)


def _text_item(judged: Judged, link_id: str) -> bool:
    return bool(judged.items[link_id]["type"] == "text")


def _quantity_item(judged: Judged, link_id: str) -> bool:
    return bool(judged.items[link_id]["type"] == "quantity")


def _comparator(judged: Judged, link_id: str) -> bool:
    return any(isinstance(one, dict) and "comparator" in one for one in judged.values(link_id))


def _coarse_date(judged: Judged, link_id: str) -> bool:
    """A date that is finer or coarser than the limit."""
    limits = [one.get("valueDate", "") for one in judged.items[link_id].get("extension", ())]
    return any(
        len(str(one)) != len(limit) for one in judged.values(link_id) for limit in limits if limit
    )


def _oid(judged: Judged, link_id: str) -> bool:
    return "urn:oid:1.2" in judged.values(link_id)


def _fraction(judged: Judged, link_id: str) -> bool:
    return any("." in str(one) for one in judged.values(link_id))


def _mistyped(judged: Judged, link_id: str) -> bool:
    return _is_mistyped(link_id, judged.form, judged.response)


def _mistyped_source(judged: Judged, link_id: str) -> bool:
    return any(
        _is_mistyped(when["question"], judged.form, judged.response)
        for when, _ in judged.conditions(link_id)
    )


def _not_asked(judged: Judged, link_id: str) -> bool:
    return link_id in judged.not_asked


def _nothing_asked(judged: Judged, link_id: str) -> bool:
    """A group without a question that is asked whatever was answered."""
    below = _every(judged.items[link_id].get("item", []))
    return judged.items[link_id]["type"] == "group" and any("enableWhen" in one for one in below)


def _quantity_condition(judged: Judged, link_id: str) -> bool:
    """A condition on a quantity whose answer has another unit or a comparator."""
    return any(
        value.get("code") != when["answerQuantity"]["code"] or "comparator" in value
        for when, answers in judged.conditions(link_id)
        if "answerQuantity" in when
        for answer in answers
        for value in answer.values()
        if isinstance(value, dict)
    )


def _several(judged: Judged, link_id: str) -> bool:
    return any(
        when["operator"] == "!=" and len(answers) > 1
        for when, answers in judged.conditions(link_id)
    )


def _coarse_condition(judged: Judged, link_id: str) -> bool:
    return any(
        len(str(value)) != len(when["answerDate"])
        for when, answers in judged.conditions(link_id)
        if "answerDate" in when
        for answer in answers
        for value in answer.values()
    )


def _any_condition(test: Callable[[Judged, Json], bool]) -> Callable[[Judged, str], bool]:
    def holds(judged: Judged, _: str) -> bool:
        conditions = [w for one in judged.items.values() for w in one.get("enableWhen", ())]
        return any(test(judged, when) for when in conditions)

    return holds


def _of_another_type(judged: Judged, when: Json) -> bool:
    """A condition and an answer of different types: a url against a string, or a wrong answer."""
    key = next(one for one in when if one.startswith("answer")).replace("answer", "value")
    return when["operator"] != "exists" and any(
        answer_key != key
        for one in _every(judged.response.get("item", []))
        if one["linkId"] == when["question"]
        for answer in one.get("answer", [])
        for answer_key in answer
    )


CASES: dict[str, Callable[[Judged, str], bool]] = {
    "text item": _text_item,
    "quantity item": _quantity_item,
    "comparator": _comparator,
    "date finer or coarser than the limit": _coarse_date,
    "urn:oid": _oid,
    "fraction of a second": _fraction,
    "answer of a wrong type": _mistyped,
    "source of a wrong type": _mistyped_source,
    "not asked": _not_asked,
    "group with conditions": _nothing_asked,
    "condition in another unit": _quantity_condition,
    "several answers": _several,
    "condition on a coarser date": _coarse_condition,
    "reference in a condition": _any_condition(lambda _, when: "answerReference" in when),
    "blank text in a condition": _any_condition(lambda _, when: when.get("answerString") == " "),
    "condition of another type": _any_condition(_of_another_type),
}
