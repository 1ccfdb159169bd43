"""What a run reads: files, folders, globs and Bulk Data exports, as a list of files."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from cds import wire
from cds.errors import Unreadable
from cds.flows.input_files import empty_folder, expand, is_folder

Json = dict[str, Any]
MANIFEST = "manifest.json"
_MAX_MANIFEST = 16 * 1024 * 1024


class Found(NamedTuple):
    """The files to read, in order, and what was named and is not there."""

    files: tuple[Path, ...]
    missing: tuple[Unreadable, ...]


def find(names: Iterable[str]) -> Found:
    """Every file that the names stand for, each once.

    A folder stands for the NDJSON and JSON files in and below it; where it holds the manifest of a
    Bulk Data export, for the files that the manifest lists.
    """
    files: dict[Path, None] = {}
    missing: list[Unreadable] = []
    for name in names:
        manifest = Path(name) / MANIFEST if is_folder(name) else Path(name)
        listed = _listed(manifest) if manifest.name.endswith(MANIFEST) else None
        if listed is not None:
            _add_listed(manifest, listed, files, missing)
            continue
        for match in expand([name]):
            if Path(match).is_file():
                files[Path(match)] = None
            else:
                fault = Unreadable(match, "is not a file.", "Check the name.")
                missing.append(empty_folder(match) if is_folder(match) else fault)
    return Found(tuple(files), tuple(missing))


def _add_listed(
    manifest: Path, listed: list[str], files: dict[Path, None], missing: list[Unreadable]
) -> None:
    for name in listed:
        found = next(
            (one for ending in ("", ".gz") if (one := manifest.parent / (name + ending)).is_file()),
            None,
        )
        if found is None:
            hint = "Download it, or take it out of the manifest."
            problem = f"lists {name}, which is not beside it."
            missing.append(Unreadable(str(manifest), problem, hint))
        else:
            files[found] = None


def _listed(path: Path) -> list[str] | None:
    """The file names in the output of a Bulk Data manifest; None if it is none."""
    if not path.is_file() or path.stat().st_size > _MAX_MANIFEST:
        return None
    value = wire.parse_loosely(path.read_bytes())
    if not isinstance(value, dict) or "resourceType" in value:
        return None
    output = value.get("output")
    if not isinstance(output, list):
        return None
    urls = (one.get("url") for one in output if isinstance(one, dict))
    return [unquote(urlsplit(url).path).rpartition("/")[2] for url in urls if isinstance(url, str)]
