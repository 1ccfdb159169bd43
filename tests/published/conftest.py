"""Tools that others wrote, installed into the folder that git ignores."""

from pathlib import Path

import pytest

from tests.npm import installed

HERE = Path(__file__).parent
OUT = HERE.parents[1] / "out" / "published"


@pytest.fixture(scope="session")
def modules() -> Path:
    """Their node_modules: the locked versions, brought by npm unless they are there."""
    return installed(HERE, OUT)
