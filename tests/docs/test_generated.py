"""The reference pages say what the code reads, no more and no less."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def generated() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "generated", Path(__file__).parent / "generated.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["pack-keys.md", "configuration.md"])
def test_a_reference_page_is_what_the_code_reads(generated: ModuleType, page: str) -> None:
    kept = (ROOT / "docs" / page).read_text(encoding="utf-8")

    assert generated.PAGE_OF[page]() == kept, "run: python tests/docs/generated.py"
