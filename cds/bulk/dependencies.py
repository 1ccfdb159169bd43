"""What executors need, as one archive: this package, its packs, and the libraries it uses."""

import re
import tarfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import cds
from cds.errors import UsageError
from cds.knowledge.read.pack import pack_folders

# The libraries of the way from bytes to a decision; those of the service and the log stay out.
LIBRARIES = ("click", "fhirpathpy", "google-re2", "jiter", "msgspec", "orjson", "tomli")


def write_archive(target: Path, packs: tuple[Path, ...] = ()) -> int:
    """Write the archive; gives how many files are in it.

    Raises:
        UsageError: no pack is installed.
    """
    folders = pack_folders(packs)
    if not folders:
        raise UsageError("pack-deps", "no pack is installed.", "Name their folder with --packs.")
    here = Path(cds.__file__).parent
    count = 0
    with tarfile.open(target, "w:gz") as archive:
        for path, name in _files(here, folders):
            archive.add(path, name, recursive=False)
            count += 1
    return count


def _files(here: Path, folders: dict[str, Path]) -> Iterator[tuple[Path, str]]:
    for path, name in _inside(here):
        if not name.startswith("questionnaires/"):
            yield path, f"cds/{name}"
    for pack, folder in sorted(folders.items()):
        for path, name in _inside(folder):
            yield path, f"cds/questionnaires/{pack}/{name}"
    for found in _with_requirements(LIBRARIES):
        for file in found.files or ():
            path = Path(str(found.locate_file(file)))
            if path.is_file() and ".." not in file.parts and path.suffix != ".pyc":
                yield path, str(file)


def _inside(folder: Path) -> Iterator[tuple[Path, str]]:
    """The files of a folder, without what Python has made of them."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path, path.relative_to(folder).as_posix()


def _with_requirements(names: tuple[str, ...]) -> list[Distribution]:
    """These libraries and what they need, each once."""
    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name.lower() in found:
            continue
        one = distribution(name)
        found[name.lower()] = one
        needed = (line for line in one.requires or () if ";" not in line)
        waiting += [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in needed]
    return list(found.values())
