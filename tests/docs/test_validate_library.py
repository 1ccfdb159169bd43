"""docs/validate-library.md is true: its examples run, and what it calls stable is what there is."""

import inspect
import random
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cds.forms import validate as library
from cds.forms.validate import Issue, Support, compile_questionnaire, validate
from tests.forms.random_pairs import Made

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "validate-library.md").read_text("utf-8")
STABLE = PAGE.partition("## What is stable")[2].partition("\n## ")[0]
FIELDS = PAGE.partition("## What comes back")[2].partition("\n```")[0]


def names_in(table: str) -> list[str]:
    """The names in the first column of a table, in their order."""
    cells = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    return [name for cell in cells for name in re.findall(r"`(\w+)", cell)]


def test_its_example_runs() -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

    exec(compile(example, "docs/validate-library.md", "exec"), {})  # noqa: S102 - our own page


def test_it_names_all_that_is_stable() -> None:
    assert sorted(names_in(STABLE)) == sorted(library.__all__)


def test_it_gives_the_parameters_that_there_are() -> None:
    for name, shown in re.findall(r"^\| `(\w+)\((.*)\)` \|", STABLE, re.MULTILINE):
        parameters = inspect.signature(getattr(library, name)).parameters.values()
        there = [
            one.name
            if one.default is one.empty
            else f"{one.name}={one.default!r}".replace("'", '"')
            for one in parameters
        ]
        assert [part for part in shown.split(", ") if part != "*"] == there, name


def test_it_gives_every_field_of_an_issue() -> None:
    assert names_in(FIELDS) == list(Issue._fields)


def test_threads_may_share_a_form_and_its_support() -> None:
    made = Made(random.Random(5))  # noqa: S311 - a test, not a secret
    form = made.form()
    responses = [made.response(form) for _ in range(300)]
    alone = [validate(one, form) for one in responses]
    shared, support = compile_questionnaire(form), Support()

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda one: validate(one, shared, support=support), responses * 3))

    assert found == alone * 3
    assert any(alone)
