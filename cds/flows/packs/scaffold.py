"""A new pack to start from: small, whole, and passing its own checks."""

import re
import shutil
import tempfile
from pathlib import Path

from cds.errors import UsageError
from cds.flows.output_folder import made

TEMPLATE = Path(__file__).resolve().parents[2] / "knowledge" / "template"
_ID = re.compile(r"[a-z][a-z0-9-]{1,40}")


def scaffold(identifier: str, folder: Path) -> tuple[Path, ...]:
    """Write the template as pack `identifier` below `folder`; it appears whole or not at all.

    Raises:
        UsageError: the id is not lower-case words with hyphens, or something stands there already.
    """
    if not _ID.fullmatch(identifier):
        hint = "Use lower-case letters, digits and hyphens, such as chest-pain."
        raise UsageError("ID", f"{identifier!r} cannot be the id of a pack.", hint)
    target = folder / identifier
    if target.exists():
        raise UsageError(str(target), "is already there.", "Choose another id or folder.")
    made(folder, "DIR")
    with tempfile.TemporaryDirectory(dir=folder, prefix=f".{identifier}-") as room:
        whole = Path(room) / identifier
        for source in _files():
            path = whole / source.relative_to(TEMPLATE)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source.read_text("utf-8").replace("@ID@", identifier), "utf-8")
        shutil.move(whole, target)
    return tuple(sorted(path for path in target.rglob("*") if path.is_file()))


def _files() -> list[Path]:
    return sorted(path for path in TEMPLATE.rglob("*") if path.suffix in {".toml", ".json"})
