"""Answers written out as the items of a response: in the order and groups of the form."""

from collections.abc import Callable, Iterable

from cds.wire import JsonObject

AnswersOf = Callable[[JsonObject], list[JsonObject]]


def written_items(items: Iterable[JsonObject], answers_of: AnswersOf) -> list[JsonObject]:
    """The items of a form that have an answer, or hold one that has, as a response has them.

    `answers_of` gives the answers to an item of the form, each with its `value[x]`.
    """
    written: list[JsonObject] = []
    for item in items:
        answers = answers_of(item)
        inner = written_items(item.get("item", ()), answers_of)
        if answers or inner:
            one: JsonObject = {key: item[key] for key in ("linkId", "text") if key in item}
            if answers:
                one["answer"] = answers
            if inner:
                one["item"] = inner
            written.append(one)
    return written
