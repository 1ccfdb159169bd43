"""What the tests of `assess` and `explain` share: how they are called, when, in which formats."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Call = Callable[..., Any]
Write = Callable[[str, Any], Path]

NOW = "2026-11-21T09:00:00Z"
FORMATS = ["text", "json", "fhir"]
