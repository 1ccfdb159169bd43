"""FHIR packages (.tgz): their value sets, code systems and forms, read when one is asked for."""

import json
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from cds.errors import Unreadable
from cds.forms.support import Support, version_order
from cds.wire import JsonObject

WANTED = frozenset(("ValueSet", "CodeSystem", "Questionnaire"))
_MAX_BYTES = 1 << 30  # unpacked, of one package
_MAX_MEMBERS = 100_000
MAX_MEMBER = 64 << 20
MAX_PACKAGES = 50


class Packages(Support):
    """What packages hold, by canonical. A resource is kept packed until it is asked for."""

    def __init__(self, files: Iterable[str], *, behind: Support | None = None) -> None:
        """Read the packages, and those that they depend on and that lie beside them.

        Raises:
            Unreadable: a file is no FHIR package, or is larger than any is.
        """
        super().__init__(behind=behind)
        self._packed: dict[tuple[str, str], list[tuple[str, bytes]]] = {}
        for path in _with_dependencies([Path(name) for name in files]):
            for type_, url, version, data in _resources(path):
                self.types_by_url.setdefault(url, type_)
                self._packed.setdefault((type_, url), []).append((version, data))
        for kept in self._packed.values():
            kept.sort(key=lambda one: version_order(one[0]), reverse=True)
        self._read: dict[tuple[str, str], JsonObject | None] = {}

    def find(self, type_: str, canonical: str) -> JsonObject | None:
        """The resource of this type with this canonical; without a version, the newest."""
        url, _, version = canonical.partition("#")[0].partition("|")
        key = (type_, canonical)
        if key not in self._read:
            kept = self._packed.get((type_, url), ())
            packed = next((data for has, data in kept if version in {"", has}), None)
            self._read[key] = None if packed is None else _unpacked(packed)
        return self._read[key] or super().find(type_, canonical)


def _unpacked(data: bytes) -> JsonObject:
    read: JsonObject = json.loads(zlib.decompress(data))
    return read


def _with_dependencies(paths: list[Path]) -> Iterator[Path]:
    """The packages, and those beside them that a `package.json` names."""
    seen: set[Path] = set()
    waiting = paths
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        if len(seen) > MAX_PACKAGES:
            problem = f"is one package too many: at most {MAX_PACKAGES} are read."
            raise Unreadable(str(path), problem, "Give less.")
        yield path
        for name, version in _dependencies(path).items():
            for spelled in (f"{name}-{version}.tgz", f"{name}#{version}.tgz", f"{name}.tgz"):
                beside = path.parent / spelled
                if beside.exists():
                    waiting.append(beside)
                    break


def _dependencies(path: Path) -> dict[str, str]:
    for name, data in _members(path):
        if name == "package/package.json":
            try:
                listed = json.loads(data).get("dependencies")
            except (ValueError, AttributeError):
                return {}
            named = listed.items() if isinstance(listed, dict) else ()
            return {str(key): str(value) for key, value in named if "/" not in f"{key}{value}"}
    return {}


def _resources(path: Path) -> Iterator[tuple[str, str, str, bytes]]:
    """Type, url, version and packed JSON of every resource that is wanted."""
    for name, data in _members(path):
        folder, _, file = name.rpartition("/")
        if folder != "package" or not file.endswith(".json") or file.startswith("."):
            continue
        if not any(f'"{type_}"'.encode() in data for type_ in WANTED):
            continue
        try:
            resource = json.loads(data)
        except (ValueError, RecursionError):
            continue
        if not isinstance(resource, dict) or resource.get("resourceType") not in WANTED:
            continue
        url, version = resource.get("url"), resource.get("version")
        if isinstance(url, str):
            said = version if isinstance(version, str) else ""
            yield str(resource["resourceType"]), url, said, zlib.compress(data, 1)


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file of a package, one after the other, within limits."""
    total = 0
    try:
        with tarfile.open(path, "r|gz") as archive:
            for count, member in enumerate(archive):
                total += member.size
                if total > _MAX_BYTES or count > _MAX_MEMBERS or member.size > MAX_MEMBER:
                    raise Unreadable(str(path), "is larger than any FHIR package.", "Give another.")
                file = archive.extractfile(member) if member.isfile() else None
                if file is not None:
                    yield member.name.removeprefix("./"), file.read()
    except FileNotFoundError as error:
        raise Unreadable(str(path), "does not exist.", "Check the name.") from error
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        hint = "A package is a .tgz with a folder `package`."
        raise Unreadable(str(path), "is not a FHIR package.", hint) from error
