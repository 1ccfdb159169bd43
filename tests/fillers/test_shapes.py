"""Other shapes of our form that were tried in real fillers, and why it has the one that it has.

One `enableBehavior` cannot say "asked, and one of these": the child of a hidden question may go on
showing. Two conditions can, one on a group and one inside it.
"""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.fillers.conftest import HERE, OUT, build, chromium, fill, once
from tests.npm import installed

pytestmark = pytest.mark.long
Json = dict[str, Any]
CHILD, GROUP = "safety.nerve-course", "safety.nerve-more"
VISIT = "unresponsive-after-all"
URL = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression"
ASKED = (
    "%resource.item.item.where(linkId = 'safety.consciousness')"
    ".answer.value.code.where($this != 'unresponsive-now').exists()"
    " and %resource.item.item.where(linkId = 'safety.nerve')"
    ".answer.value.code.where($this in ('leg-weakness' | 'leg-numbness-or-tingling')).exists()"
)


def flat(form: Json) -> Json:
    """The form as it was: the child beside its question, under the condition of the group."""
    made = copy.deepcopy(form)
    items = made["item"][0]["item"]
    (index,) = [number for number, one in enumerate(items) if one["linkId"] == GROUP]
    group = items[index]
    (child,) = group["item"]
    items[index] = child | {key: group[key] for key in ("enableWhen", "enableBehavior")}
    return made


def also_as_expression(form: Json) -> Json:
    """The flat form with the whole condition in FHIRPath beside it, which SDC forbids."""
    made = flat(form)
    (child,) = [one for one in made["item"][0]["item"] if one["linkId"] == CHILD]
    expression = {"language": "text/fhirpath", "expression": ASKED}
    child["extension"] = [*child["extension"], {"url": URL, "valueExpression": expression}]
    return made


SHAPES: dict[str, Callable[[Json], Json]] = {
    "as it is": copy.deepcopy,
    "flat": flat,
    "flat with FHIRPath": also_as_expression,
}


@pytest.fixture(scope="module")
def tried(visits: Json, forms: dict[str, Json], tmp_path_factory: pytest.TempPathFactory) -> Json:
    """What both fillers make of each shape."""
    browser, folder = chromium(), OUT / "react"
    shapes = {name: shape(forms["cramps"]) for name, shape in SHAPES.items()}
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


@pytest.mark.parametrize(
    ("filler", "showing"),
    [("smart-forms", ["flat", "flat with FHIRPath"]), ("medplum", [])],
)
def test_only_in_a_group_the_child_is_hidden_with_its_question(
    filler: str, showing: list[str], tried: Json
) -> None:
    shown = [name for name in SHAPES if CHILD in tried[filler][f"{name}, hidden"]["shown"]]

    assert shown == showing


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("filler", ["smart-forms", "medplum"])
def test_each_shape_asks_it_where_it_is_to_be_asked(filler: str, shape: str, tried: Json) -> None:
    asked = tried[filler][f"{shape}, asked"]

    assert CHILD in asked["shown"]
    assert CHILD in str(asked["response"]["item"])
    assert asked["errors"] == []
