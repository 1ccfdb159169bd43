"""Where a code is looked for, any JSON may stand: a list is no code, and no fault of ours."""

from collections.abc import Callable
from typing import Any

import pytest

from cds.flows.deciding.orders import activated
from cds.forms.form.versions import version_of
from cds.record.said import said_in

NO_CODES: tuple[Any, ...] = ([], [["x"]], {}, {"a": []}, None, 5, True)
LOOKS: dict[str, Callable[[Any], object]] = {
    "order's status": lambda value: activated(
        {"resourceType": value, "contained": [{"status": value}]}, "Patient/1"
    ),
    "item's type": lambda value: version_of({"item": [{"type": value}]}, {}),
    "part's status": lambda value: said_in({"component": [{"status": value, "text": "x"}]}),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
@pytest.mark.parametrize("value", NO_CODES, ids=repr)
def test_what_is_no_code_is_looked_at_like_an_unknown_one(
    look: Callable[[Any], object], value: Any
) -> None:
    look(value)
