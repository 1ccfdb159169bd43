"""A second validator, slow and plain, for random pairs: what the specification says, once more.

It shares no code with the product: dates are compared as texts, quantities in three units, and the
tree is walked anew for every question.
"""

from typing import Any

from tests.forms.random_pairs import GRAMS, KEYS, UNKNOWN, Json


class Verdict:
    """What is wrong, as (rule, linkId), and the linkIds of which something cannot be told."""

    def __init__(self, form: Json, response: Json) -> None:
        self.form, self.response = form, response
        self.complete = response["status"] == "completed"
        self.wrong: set[tuple[str, str]] = set()
        self.open: set[str] = set()
        self.container(form["item"], response.get("item", []), [])

    def container(
        self, items: list[Json], given: list[Json], above: list[Json], *, sure: bool = True
    ) -> None:
        """`sure`: what stands above is enabled for certain; else nothing is demanded."""
        for item in items:
            link_id = item["linkId"]
            here = [one for one in given if one["linkId"] == link_id]
            if not item.get("repeats") and (
                len(here) > 1 or any(len(one.get("answer", [])) > 1 for one in here)
            ):
                self.wrong.add(("repeats", link_id))
            enabled = _enabled(item, above, self.form, self.response)
            if enabled is UNKNOWN and (here or item.get("required")):
                self.open.add(link_id)
            if enabled is False:
                self.disabled(item, here)
                self.within(item, here, above)
                continue
            answered = any(_answers_below(one) for one in here)
            asked = (
                sure
                and enabled
                and self.asks(item, [*above, {"linkId": item["linkId"], "item": []}])
            )
            if item.get("required") and asked and self.complete and not answered:
                self.wrong.add(("required", link_id))
            for one in here:
                if item["type"] == "group":
                    inside, certain = [*above, one], sure and enabled is True
                    self.container(item["item"], one["item"], inside, sure=certain)
                else:
                    self.question(item, one["answer"])

    def asks(self, item: Json, above: list[Json]) -> bool:
        """Whether anything in it is asked: a group in which nothing is needs no answer."""
        if item["type"] != "group":
            return True
        return any(
            _enabled(one, above, self.form, self.response)
            and self.asks(one, [*above, {"linkId": one["linkId"], "item": []}])
            for one in item["item"]
        )

    def disabled(self, item: Json, here: list[Json]) -> None:
        """An answer where nothing is asked; if a wrong type is why, that is told instead."""
        sources = [when["question"] for when in item.get("enableWhen", ())]
        mistyped = any(_is_mistyped(link_id, self.form, self.response) for link_id in sources)
        if any(_answers_below(one) for one in here) and not mistyped:
            self.wrong.add(("notEnabled", item["linkId"]))

    def within(self, item: Json, here: list[Json], above: list[Json]) -> None:
        """Below what is disabled only repetition is told."""
        for child in item.get("item", ()):
            for one in here:
                below = [two for two in one["item"] if two["linkId"] == child["linkId"]]
                many = any(len(two.get("answer", [])) > 1 for two in below)
                if not child.get("repeats") and (len(below) > 1 or many):
                    self.wrong.add(("repeats", child["linkId"]))
                self.within(child, below, [*above, one])

    def question(self, item: Json, answers: list[Json]) -> None:
        type_, link_id = item["type"], item["linkId"]
        for answer in answers:
            ((key, value),) = answer.items()
            if key != KEYS[type_] and not (type_ == "open-choice" and key == "valueString"):
                self.wrong.add(("invalidAnswerType", link_id))
                continue
            if key == "valueCoding" and value["code"] not in {"a", "b"}:
                self.wrong.add(("invalidAnswerOption", link_id))
            if key == "valueString" and len(value) > item.get("maxLength", 99):
                self.wrong.add(("maxLength", link_id))
            self.limits(item, value)

    def limits(self, item: Json, value: Any) -> None:
        for extension in item.get("extension", []):
            low = extension["url"].endswith("minValue")
            kept = _against(item["type"], value, extension[KEYS[item["type"]]], low=low)
            if kept is UNKNOWN:
                self.open.add(item["linkId"])
            elif not kept:
                self.wrong.add(("minValue" if low else "maxValue", item["linkId"]))


def judged(form: Json, response: Json) -> tuple[set[tuple[str, str]], set[str]]:
    """What is wrong with a response, and of which items something cannot be told."""
    verdict = Verdict(form, response)
    return verdict.wrong, verdict.open


def _is_mistyped(link_id: str, form: Json, response: Json) -> bool:
    (item,) = (one for one in _every(form["item"]) if one["linkId"] == link_id)
    given = [one for one in _every(response.get("item", [])) if one["linkId"] == link_id]
    answers = [answer for one in given for answer in one["answer"]]
    free = {"valueString"} if item["type"] == "open-choice" else set()
    return any(not answer.keys() <= {KEYS[item["type"]], *free} for answer in answers)


def _answers_below(one: Json) -> bool:
    return bool(one.get("answer")) or any(map(_answers_below, one.get("item", [])))


def _against(type_: str, value: Any, limit: Any, *, low: bool) -> bool | None:
    """Whether a limit is kept."""
    orders = _orders(type_, value, limit)
    bad = -1 if low else 1
    if orders == {bad}:
        return False
    return UNKNOWN if bad in orders else True


def _orders(type_: str, value: Any, other: Any) -> set[int]:
    if type_ == "date":
        width = min(len(value), len(other))
        one, another = value[:width], other[:width]
        order = (one > another) - (one < another)
        return {-1, 0, 1} if order == 0 and len(value) < len(other) else {order}
    if type_ == "quantity":
        mine, theirs = value["value"] * GRAMS[value["code"]], other["value"] * GRAMS[other["code"]]
        order = (mine > theirs) - (mine < theirs)
        match value.get("comparator"):
            case "<":
                return {-1} if order <= 0 else {-1, 0, 1}
            case ">":
                return {1} if order >= 0 else {-1, 0, 1}
            case _:
                return {order}
    return {(value > other) - (value < other)}


def _enabled(item: Json, above: list[Json], form: Json, response: Json) -> bool | None:
    """Whether an item is enabled; what stands above it is known to be."""
    for when in item.get("enableWhen", ()):
        return _holds(when, above, form, response)
    return True


def _holds(when: Json, above: list[Json], form: Json, response: Json) -> bool | None:
    answers = _answers_to(when["question"], above, form, response)
    if when["operator"] == "exists":
        return bool(answers) is when["answerBoolean"]
    expected = next(value for key, value in when.items() if key.startswith("answer"))
    if when["operator"] == "!=":
        same = _any(_meets(answer, "=", expected, when) for answer in answers)
        return bool(answers) and (UNKNOWN if same is UNKNOWN else not same)
    return _any(_meets(answer, when["operator"], expected, when) for answer in answers)


def _any(truths: Any) -> bool | None:
    listed = list(truths)
    return True if True in listed else UNKNOWN if UNKNOWN in listed else False


def _meets(answer: Json, operator: str, expected: Any, when: Json) -> bool | None:
    ((key, value),) = answer.items()
    name = next(name for name in when if name.startswith("answer"))
    if key.replace("value", "answer").replace("Uri", "String") != name:
        return False
    type_ = {"Date": "date", "Quantity": "quantity"}.get(name.removeprefix("answer"), "")
    if type_ == "date" and operator == "=" and value != expected:
        width = min(len(value), len(expected))
        return UNKNOWN if value[:width] == expected[:width] else False
    if not type_ and operator == "=":
        return bool(value == expected)
    orders = _orders(type_, value, expected)
    wanted = {"=": {0}, "<": {-1}, ">=": {0, 1}}[operator]
    if orders <= wanted:
        return True
    return UNKNOWN if orders & wanted else False


def _answers_to(link_id: str, above: list[Json], form: Json, response: Json) -> list[Json]:
    """The answers to a question that count here: below the nearest group around both."""
    scope: Any = response.get("item", [])
    for group in above:
        if not _has(group["linkId"], link_id, form["item"]):
            break
        scope = group["item"]
    return [
        answer
        for one in _every(scope)
        if one["linkId"] == link_id
        for answer in one.get("answer", [])
    ]


def _has(group: str, link_id: str, items: list[Json]) -> bool:
    return any(
        link_id in {below["linkId"] for below in _every(one.get("item", []))}
        for one in _every(items)
        if one["linkId"] == group
    )


def _every(items: list[Json]) -> list[Json]:
    return [found for one in items for found in (one, *_every(one.get("item", [])))]
