"""A pack to spoil."""

from pathlib import Path

import pytest

from cds.flows.packs.scaffold import scaffold


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A new pack as `pack new` writes it."""
    scaffold("toy", tmp_path)
    return tmp_path / "toy"
