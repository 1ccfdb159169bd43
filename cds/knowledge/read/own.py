"""Where the packs of this program lie: installed, or in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[2]
OWN = (_PACKAGE / "questionnaires", _PACKAGE.parent / "questionnaires")
RELEASED = "released"  # the folder of a pack that keeps its earlier versions
