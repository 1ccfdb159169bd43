"""What a run reads: files, folders, globs and Bulk Data exports, as a list of files."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from cds import wire
from cds.errors import Unreadable
from cds.flows.bulk.files import EXPORT
from cds.flows.bulk.manifest import results_in
from cds.flows.input_files import empty_folder, expand, is_folder

MANIFEST = "manifest.json"
_MAX_MANIFEST = 16 * 1024 * 1024


class Found(NamedTuple):
    """The files to read, in order, what was named and is not there, and what an export tells.

    `counts`: how many resources the manifest of an export says each file has; 0 where it does not.
    """

    files: tuple[Path, ...]
    counts: tuple[int, ...]
    missing: tuple[Unreadable, ...]
    told: tuple[Unreadable, ...] = ()


def find(names: Iterable[str], output: Path) -> Found:
    """Every file that the names stand for, each once.

    A folder stands for the NDJSON and JSON files in and below it; where it holds the manifest of a
    Bulk Data export, for the files that the manifest lists. What this run writes into `output`, or
    another run has written, is no input of any.
    """
    files: dict[Path, int] = {}
    missing: list[Unreadable] = []
    told: list[Unreadable] = []
    results: dict[Path, frozenset[str] | None] = {}  # by folder: what a run has written there
    for name in names:
        manifest = Path(name) / MANIFEST if is_folder(name) else Path(name)
        listed = _listed(manifest) if manifest.name.endswith(MANIFEST) else None
        if listed is not None:
            _add_listed(manifest, listed, files, missing)
            told += _told(manifest, listed)
            continue
        for match in expand([name]):
            folder = Path(match).parent
            if folder not in results:
                results[folder] = _results_in(folder.resolve(), output.resolve())
            written = results[folder]
            if match != name and (written is None or Path(match).name in written):
                continue
            if Path(match).is_file():
                files.setdefault(Path(match), 0)
            else:
                fault = Unreadable(match, "is not a file.", "Check the name.")
                missing.append(empty_folder(match) if is_folder(match) else fault)
    return Found(tuple(files), tuple(files.values()), tuple(missing), tuple(told))


def _results_in(folder: Path, output: Path) -> frozenset[str] | None:
    """What a run has written into a folder; None: all of it, since it is one of this run."""
    if folder.is_relative_to(output):
        return frozenset() if folder.is_relative_to(output / EXPORT) else None
    return results_in(folder)


def _add_listed(
    manifest: Path, listed: "_Listed", files: dict[Path, int], missing: list[Unreadable]
) -> None:
    if listed.strange:
        problem = f"has entries in its output that name no file ({listed.strange})."
        missing.append(Unreadable(str(manifest), problem, "Ask for the export again."))
    for name, count in listed.names.items():
        found = next(
            (one for ending in ("", ".gz") if (one := manifest.parent / (name + ending)).is_file()),
            None,
        )
        if found is None:
            hint = "Download it, or take it out of the manifest."
            problem = f"is not there; {manifest} lists it."
            missing.append(Unreadable(str(manifest.parent / name), problem, hint))
        else:
            files[found] = count


class _Listed(NamedTuple):
    """What a Bulk Data manifest says."""

    names: dict[str, int]  # of the files of its output, and how many resources each has
    strange: int  # entries of the output that name no file
    errors: int  # files in which the server says what it could not export


def _told(manifest: Path, listed: _Listed) -> Iterator[Unreadable]:
    """What the manifest itself says of the export."""
    if listed.errors:
        problem = f"names files of errors ({listed.errors}): what the server could not export."
        yield Unreadable(str(manifest), problem, "Look into them. The rest was read.")


def _listed(path: Path) -> _Listed | None:
    """What a Bulk Data manifest lists; None if it is none."""
    if not path.is_file() or path.stat().st_size > _MAX_MANIFEST:
        return None
    value = wire.parse_loosely(path.read_bytes())
    if not isinstance(value, dict) or "resourceType" in value:
        return None
    output, errors = value.get("output"), value.get("error")
    if not isinstance(output, list):
        return None
    names: dict[str, int] = {}
    strange = 0
    for entry in output:
        one = entry if isinstance(entry, dict) else {}
        url, count = one.get("url"), one.get("count")
        name = _file_name(url) if isinstance(url, str) else ""
        if name:
            names[name] = max(names.get(name, 0), count if isinstance(count, int) else 0)
        strange += not name
    return _Listed(names, strange, len(errors) if isinstance(errors, list) else 0)


def _file_name(url: str) -> str:
    """The last piece of an address; empty where it has none, or cannot be read."""
    try:
        return unquote(urlsplit(url).path).rpartition("/")[2]
    except ValueError:
        return ""
