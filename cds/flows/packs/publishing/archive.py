"""The FHIR package: an npm-shaped .tgz that is the same bytes for the same pack, everywhere."""

import gzip
import io
import tarfile
from collections.abc import Iterable, Mapping
from typing import Any

from cds import wire
from cds.core.pack import Pack
from cds.flows.packs.about import date_of, source_attributes
from cds.flows.packs.publishing.common import LICENCE, PUBLISHER
from cds.wire import JsonObject

INDEXED = ("id", "url", "version", "kind", "type", "supplements")


def package_id(pack: Pack) -> str:
    """The package's name: the host of the canonical base backwards, and the pack's id."""
    host = pack.identity.base.split("//", 1)[-1].split("/", 1)[0].split(":", 1)[0]
    return ".".join([*reversed(host.split(".")), pack.id])


def files_of(
    pack: Pack,
    resources: Iterable[Mapping[str, Any]],
    examples: Iterable[Mapping[str, Any]],
    view: Mapping[str, Any],
) -> dict[str, bytes]:
    """Path → content of everything in the package.

    `view` is no resource of FHIR R4: it lies where readers of packages look for no resource.
    """
    made = {f"package/{file_name(resource)}": file_json(resource) for resource in resources}
    shown = {f"package/example/{file_name(example)}": file_json(example) for example in examples}
    index = {"index-version": 1, "files": [_entry(one) for one in sorted(resources, key=file_name)]}
    about = {
        "name": package_id(pack),
        "version": pack.version,
        "description": pack.title,
        "author": PUBLISHER,
        "license": LICENCE,
        "canonical": pack.identity.base,
        "url": pack.identity.base,
        "title": pack.title,
        "type": "fhir.ig",
        "fhirVersions": ["4.0.1"],
        "date": date_of(pack).replace("-", "") + "000000",
        "dependencies": {"hl7.fhir.r4.core": "4.0.1"},
    }
    return {
        "package/package.json": file_json(about),
        "package/.index.json": file_json(index),
        **made,
        **shown,
        f"package/other/{file_name(view)}": file_json(view),
        "package/other/source-attributes.json": file_json(source_attributes(pack)),
    }


def file_name(resource: Mapping[str, Any]) -> str:
    """What the file of a resource is called."""
    return f"{resource['resourceType']}-{resource['id']}.json"


def _entry(resource: Mapping[str, Any]) -> JsonObject:
    known = {key: resource[key] for key in INDEXED if isinstance(resource.get(key), str)}
    return {"filename": file_name(resource), "resourceType": resource["resourceType"], **known}


def file_json(value: Mapping[str, Any]) -> bytes:
    """What is written of a resource, to be read by people too."""
    return wire.write(dict(value), indent=True) + b"\n"


def archive(files: Mapping[str, bytes]) -> bytes:
    """A .tgz without a trace of when, where or by whom it was made."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(files, key=lambda name: (name != "package/package.json", name)):
            entry = tarfile.TarInfo(name)
            entry.size = len(files[name])
            entry.mode = 0o644
            tar.addfile(entry, io.BytesIO(files[name]))
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="", compresslevel=9) as stream:
        stream.write(plain.getvalue())
    return packed.getvalue()
