"""Every pack that is there: beside `cds/`, inside it when installed, and where `--packs` points.

Several versions of one pack may lie side by side, as a site does that still gets answers to an
earlier form. Two packs of one id and one version are an error: nobody could tell whose word counts.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from cds.core.pack import Pack
from cds.errors import UsageError
from cds.knowledge.read.own import OWN, RELEASED
from cds.knowledge.read.pack import load_pack


def every_pack(extra: Iterable[Path] = ()) -> tuple[Pack, ...]:
    """Every pack, by id and version; the newest version of each comes last.

    Raises:
        PackError: one of them has faults.
        UsageError: two of them have one id and one version.
    """
    found: dict[tuple[str, str], tuple[Pack, Path]] = {}
    for folder in every_folder(extra):
        pack = load_pack(folder)
        other = found.get((pack.id, pack.version))
        if other is not None:
            raise UsageError(
                "packs",
                f"{other[1]} and {folder} are both {pack.id} {pack.version}.",
                "Give one of them another version, or leave one out.",
            )
        found[pack.id, pack.version] = pack, folder
    packs = (pack for pack, _ in found.values())
    return tuple(sorted(packs, key=lambda pack: (pack.id, numbers_of(pack.version))))


def every_folder(extra: Iterable[Path] = ()) -> Iterator[Path]:
    """Every folder with a pack.toml, each once, however it is named."""
    seen: set[Path] = set()
    for place in (*OWN, *extra):
        for file in sorted(place.glob("*/pack.toml")):
            folder = file.parent
            if (resolved := folder.resolve()) not in seen:
                seen.add(resolved)
                yield folder


def pack_version(pack_id: str, version: str, folders: Iterable[Path]) -> Pack:
    """One version of a pack: in one of the folders of packs, or kept there as released.

    Raises:
        PackError: it has faults.
        UsageError: there is no such version; the hint names those that there are.
    """
    found: dict[str, Pack] = {}
    for folder in folders:
        for kept in (*sorted((folder / RELEASED).glob("*/pack.toml")), folder / "pack.toml"):
            pack = load_pack(kept.parent)
            if pack.id == pack_id:
                found[pack.version] = pack
    if version not in found:
        problem = f"there is no version {version!r} of {pack_id}."
        raise UsageError("against", problem, f"Known: {', '.join(sorted(found, key=numbers_of))}.")
    return found[version]


def numbers_of(version: str) -> tuple[int, ...]:
    """The numbers of a version, to compare by; what is no number counts as 0."""
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))
