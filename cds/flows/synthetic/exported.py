"""A made-up population as files: Bulk Data NDJSON, one file a type, or a Bundle a patient."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from cds import wire
from cds.core.pack import Pack
from cds.errors import UsageError
from cds.fhir.primitives import instant
from cds.flows.output_folder import made
from cds.flows.synthetic.defects import SHARE, spoil
from cds.flows.synthetic.draw import Draw
from cds.flows.synthetic.population import Population, patient_bundle
from cds.flows.synthetic.samples import EPOCH
from cds.wire import JsonObject

_MANIFEST, DEFECTS = "manifest.json", "defects.ndjson"


def write_bulk_data(
    population: Population, count: int, folder: Path, *, defects: Pack | None = None
) -> JsonObject:
    """One NDJSON file a resource type and the manifest of a Bulk Data export; gives the manifest.

    `defects`: the pack for whose rules some patients get a labelled defect (`defects.ndjson`).

    Raises:
        UsageError: the folder is a file, or holds something already.
        CdsError: it cannot be made.
        OSError: it cannot be written.
    """
    made(folder)
    if any(folder.iterdir()):
        problem = f"{folder} is not empty."
        raise UsageError("--output", problem, "Name a new folder; nothing is written over.")
    counts: Counter[str] = Counter()
    with ExitStack() as stack:
        files: dict[str, BinaryIO] = {}
        for kind, line in _lines(population, count, defects):
            if kind not in files:
                name = DEFECTS if kind == DEFECTS else f"{kind}.ndjson"
                files[kind] = stack.enter_context((folder / name).open("wb"))
            files[kind].write(line + b"\n")
            counts[kind] += 1
    manifest = _manifest(counts)
    (folder / _MANIFEST).write_bytes(wire.write(manifest, indent=True) + b"\n")
    return manifest


def _lines(population: Population, count: int, pack: Pack | None) -> Iterator[tuple[str, bytes]]:
    for shared in (*population.organizations, *population.practitioners):
        yield shared["resourceType"], wire.write(shared)
    for number, member in enumerate(population.members(count)):
        lines: Iterable[bytes] = map(wire.write, member.own)
        label = None
        draw = Draw(f"defect/{population.seed}/{number}")
        if pack is not None and draw.chance(SHARE):
            lines, label = spoil(member, pack, draw, lines=True)
        for resource, line in zip(member.own, lines, strict=True):
            yield resource["resourceType"], line
        if label is not None:
            yield DEFECTS, wire.write(label._asdict())


def _manifest(counts: Mapping[str, int]) -> JsonObject:
    """As a Bulk Data server describes an export; the addresses are names beside this file."""
    return {
        "transactionTime": instant(EPOCH),
        "request": "https://cramp-cds.example/fhir/$export",
        "requiresAccessToken": False,
        "output": [
            {"type": kind, "url": f"{kind}.ndjson", "count": count}
            for kind, count in sorted(counts.items())
            if kind != DEFECTS
        ],
        "error": [],
    }


def bundles(population: Population, count: int, base: str, kind: str) -> Iterator[bytes]:
    """One Bundle a patient; `kind`: collection or transaction."""
    for member in population.members(count):
        yield wire.write(patient_bundle(member, base, kind))
