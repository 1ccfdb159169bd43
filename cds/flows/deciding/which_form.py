"""Which form a response answers: by its canonical, or, where it names none, by what it holds."""

from collections.abc import Iterator, Mapping
from typing import Any

from cds.errors import ResponseError
from cds.flows.deciding.engine import Engine


def engine_for(
    response: Mapping[str, Any], engines: Mapping[str, tuple[Engine, ...]]
) -> tuple[Engine, bool]:
    """The engine of the form that the response answers, and whether the form was only assumed.

    Raises:
        ResponseError: the response answers a Questionnaire that no pack has.
    """
    canonical = response.get("questionnaire")
    if isinstance(canonical, str):
        found = engines.get(canonical) or engines.get(canonical.partition("|")[0])
        if not found:
            # Only where the usual names do not tell it.
            from cds.flows.deciding.by_name import otherwise_named  # noqa: PLC0415

            form = otherwise_named(response, (one[0].form for one in engines.values()))
            found = engines.get(form.url) if form else None
        if found:
            return found[0], False
        known = ", ".join(sorted(engines))
        problem = "is not a Questionnaire of an installed pack."
        raise ResponseError("QuestionnaireResponse.questionnaire", problem, f"Known: {known}.")
    return assumed_engine(response, engines), True


def assumed_engine(
    response: Mapping[str, Any], engines: Mapping[str, tuple[Engine, ...]]
) -> Engine:
    """The form that fits the linkIds: a short one only if it has all that the response holds.

    Raises:
        ResponseError: no form knows any of the linkIds, and there are several packs.
    """
    used = set(_link_ids(response.get("item")))
    listed = sorted(
        (one[0] for key, one in engines.items() if "|" not in key),
        key=lambda engine: (not engine.form.short, engine.form.url),
    )
    for engine in listed:
        known = set(engine.reading.questionnaire.by_link_id)
        others = {
            link_id
            for other in listed
            if other is not engine
            for link_id in other.reading.questionnaire.by_link_id
        }
        if used & known and not (used - known) & others:
            return engine
    if len({engine.pack.id for engine in listed}) == 1:
        return listed[0]  # nothing that it holds is known; there is only one that it can be
    raise ResponseError(
        "QuestionnaireResponse.questionnaire",
        "is missing, and the linkIds are of no installed form.",
        f"Name one of: {', '.join(sorted(engines))}.",
    )


def _link_ids(items: object) -> Iterator[str]:
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        if isinstance(item.get("linkId"), str):
            yield item["linkId"]
        yield from _link_ids(item.get("item"))
        answers = item.get("answer")
        for answer in answers if isinstance(answers, list) else ():
            if isinstance(answer, dict):
                yield from _link_ids(answer.get("item"))
