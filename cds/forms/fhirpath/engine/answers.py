"""answers() of SDC: the values of all answers below a response or a group.

SDC gives it twice: as all answers of the items beneath the current node, without the node itself,
and as `descendants().where($this is QuestionnaireResponse.item.answer.value)`. The two differ on an
item that has answers of its own, which only the second takes along: that is not run.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cds.forms.fhirpath.engine.navigation import member
from cds.forms.fhirpath.engine.values import Collection, CollectionItem, ElementNode, Refused
from cds.wire import objects

_RESPONSE = "QuestionnaireResponse"
_ITEM = f"{_RESPONSE}.item"


def answers(items: Collection, _: Any, __: Any) -> Collection:
    """The values of the answers below responses and items; as descendants, they have no order.

    Raises:
        Refused: SDC's two definitions differ on an item, or it defines nothing for it.
    """
    return [value for item in items for value in _beneath(item)]


def _beneath(item: CollectionItem) -> Iterator[ElementNode]:
    if not isinstance(item, ElementNode) or item.type not in {_RESPONSE, _ITEM}:
        raise Refused("answers() is run on a response and on its items alone")
    if "answer" in item.value:
        raise Refused("SDC says two things of answers() on an item with answers of its own")
    contained = objects(item.value.get("contained"))
    if any(one.get("resourceType") == _RESPONSE for one in contained):
        raise Refused("answers() is not run where one response contains another")
    yield from _of_items(item)


def _of_items(holder: ElementNode) -> Iterator[ElementNode]:
    for item in member(holder, "item"):
        for answer in member(item, "answer"):
            for value in member(answer, "value"):
                yield replace(value, loose=True, unordered=True)
            yield from _of_items(answer)
        yield from _of_items(item)
