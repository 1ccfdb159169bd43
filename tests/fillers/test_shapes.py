"""Shapes of a form in which a child is hidden with its question, tried in real fillers.

One `enableBehavior` cannot say "asked, and one of these": the child of a hidden question may go on
showing. What a filler hides with a group it hides in all of them.
"""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fillers.conftest import HERE, OUT, build, chromium, fill, once
from tests.npm import installed

pytestmark = pytest.mark.long
Json = dict[str, Any]
PARENT, CHILD, GROUP = "safety.nerve", "safety.nerve-course", "safety.nerve-more"
VISIT = "unresponsive-after-all"


def _place(items: list[Json], link_id: str) -> tuple[list[Json], int]:
    for index, item in enumerate(items):
        if item["linkId"] == link_id:
            return items, index
        found = _place(item.get("item", []), link_id)
        if found[0]:
            return found
    return [], -1


def in_a_group(form: Json) -> Json:
    """The form with a group around the child, shown when the parent is; nothing else changes."""
    made = copy.deepcopy(form)
    parents, at = _place(made["item"], PARENT)
    items, index = _place(made["item"], CHILD)
    condition = {key: parents[at][key] for key in ("enableWhen", "enableBehavior")}
    items[index] = {"linkId": GROUP, "type": "group", **condition, "item": [items[index]]}
    return made


@pytest.fixture(scope="module")
def tried(visits: Json, forms: dict[str, Json], tmp_path_factory: pytest.TempPathFactory) -> Json:
    """What both fillers make of the form as it is, and in the other shape."""
    browser, folder = chromium(), OUT / "react"
    shapes = {"as it is": forms["cramps"], "in a group": in_a_group(forms["cramps"])}
    gone, kept = visits[VISIT]["clicks"], visits[VISIT]["clicks"][:4]
    asked = {
        f"{shape}, {how}": {"form": shape, "clicks": clicks}
        for shape in shapes
        for how, clicks in (("hidden", gone), ("asked", kept))
    }

    def made() -> bytes:
        modules = str(installed(HERE / "react", folder, seconds=900))
        job = {"modules": modules, "forms": shapes, "visits": asked, "chromium": browser}
        return fill("react.mjs", {**job, "built": build(folder)})

    return once(made, "shapes.json", tmp_path_factory)


@pytest.mark.parametrize("filler", ["smart-forms", "medplum"])
def test_a_group_around_a_child_hides_it_with_its_question(filler: str, tried: Json) -> None:
    hidden, asked = tried[filler]["in a group, hidden"], tried[filler]["in a group, asked"]

    assert CHILD not in hidden["shown"]
    assert CHILD in asked["shown"]
    assert CHILD in _written(asked["response"]["item"])
    assert hidden["errors"] == asked["errors"] == []


def test_without_it_one_filler_goes_on_showing_the_child(tried: Json) -> None:
    shown = {name: CHILD in one["as it is, hidden"]["shown"] for name, one in tried.items()}

    assert shown == {"smart-forms": True, "medplum": False}


def _written(items: list[Json]) -> Iterator[str]:
    for item in items:
        yield item["linkId"]
        yield from _written(item.get("item", []))
