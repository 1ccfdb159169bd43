"""Every item of a Questionnaire, or of a response to one."""

from collections.abc import Iterator, Mapping
from typing import Any


def every_item(form: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each item before those that it holds, in the form's own order, however deep they lie."""
    waiting = list(reversed(form.get("item", ())))
    while waiting:
        item = waiting.pop()
        yield item
        waiting.extend(reversed(item.get("item", ())))
