"""Every item of a Questionnaire, or of a response to one."""

from collections.abc import Iterator, Mapping
from typing import Any


def every_item(form: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each item before those that it holds, in the form's own order, however deep they lie.

    What stands among the items and is none is passed over.
    """
    waiting: list[Any] = [form]
    while waiting:
        here = waiting.pop()
        if here is not form:
            yield here
        below = here.get("item")
        if isinstance(below, list | tuple):
            waiting.extend(one for one in reversed(below) if isinstance(one, Mapping))
