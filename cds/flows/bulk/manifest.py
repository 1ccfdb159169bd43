"""The manifest of a run: what went in, with what it was decided, and what came out."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from cds import wire
from cds.core.pack import Pack
from cds.errors import UsageError
from cds.fhir.primitives import instant
from cds.flows.bulk.decide import Options
from cds.flows.bulk.files import EXPORT, WORK, Folder, write_json
from cds.flows.bulk.survey import Survey
from cds.flows.output_folder import can_be_folder
from cds.version import VERSION
from cds.wire import JsonObject

MANIFEST_SCHEMA = "cramp-cds/bulk/1"
MANIFEST_NAME, SUMMARY_NAME = "manifest.json", "summary.json"
RUNNING, RUN_FINISHED = "running", "finished"
_SAME = {
    "software": "another version of the software",
    "packs": "other packs, or other versions of them",
    "options": "other options",
    "now": "another --now",
    "inputs": "other inputs, or inputs that have changed since",
}


def wanted(packs: Iterable[Pack], options: Options, site: str, table: str | None) -> JsonObject:
    """What a run is asked for, before its inputs are known."""
    return {
        "schema": MANIFEST_SCHEMA,
        "state": RUNNING,
        "software": VERSION,
        "packs": [{"id": one.id, "version": one.version, "hash": one.hash} for one in packs],
        "options": {
            "fhir": options.fhir,
            "table": table,
            "as-authored": options.as_authored,
            "site": site,
        },
        "now": instant(options.now),
        "inputs": [],
    }


def inputs_of(surveys: Iterable[Survey]) -> list[JsonObject]:
    """The inputs as the manifest has them, once the hash of each is known."""
    return [
        {"name": one.name, "bytes": one.bytes, "lines": one.lines, "sha256": one.sha256}
        | ({"problem": one.problem} if one.problem else {})
        for one in surveys
    ]


def kept(folder: Folder) -> JsonObject | None:
    """The manifest of an earlier run in the folder; None where the folder is new.

    Raises:
        UsageError: the folder holds something else.
    """
    can_be_folder(folder.path)
    found = _manifest_in(folder.path)
    if found is not None:
        return found
    names = [one.name for one in folder.path.iterdir()] if folder.path.is_dir() else []
    strange = set(names) - {EXPORT, WORK}
    if strange:
        what = f"a {MANIFEST_NAME}" if MANIFEST_NAME in strange else "something"
        problem = f"{folder.path} holds {what} that no bulk run wrote."
        raise UsageError("--output", problem, "Name a new folder; nothing is written over.")
    return None


def results_in(path: Path) -> frozenset[str] | None:
    """The files in a folder that a run has written there; of one under way nobody knows: None."""
    found = _manifest_in(path)
    if found is None:
        return frozenset()
    if found.get("state") != RUN_FINISHED:
        return None
    names = (one["name"] for one in found["outputs"])
    return frozenset((MANIFEST_NAME, SUMMARY_NAME, *names))


def _manifest_in(path: Path) -> JsonObject | None:
    """The manifest of a run in a folder; None if it is not there, torn, or of another making."""
    try:
        found = wire.parse_loosely((path / MANIFEST_NAME).read_bytes())
    except OSError:
        return None
    return found if isinstance(found, dict) and found.get("schema") == MANIFEST_SCHEMA else None


def now_of(earlier: JsonObject | None, given: datetime | None, clock: datetime) -> datetime:
    """The one moment of a run: that of its beginning, also after a restart."""
    if given is not None:
        return given
    return datetime.fromisoformat(earlier["now"]) if earlier is not None else clock


def require_same_run(earlier: JsonObject, now: JsonObject) -> None:
    """Refuse to go on with a run that was begun with something else.

    Raises:
        UsageError: what differs.
    """
    different = [what for key, what in _SAME.items() if earlier.get(key) != now.get(key)]
    if different:
        problem = f"the run was begun with {'; '.join(different)}."
        raise UsageError("--output", problem, "Name a new folder, or repeat the first command.")


def write_manifest(folder: Folder, manifest: JsonObject) -> None:
    """Write the manifest."""
    write_json(folder.path / MANIFEST_NAME, manifest)
