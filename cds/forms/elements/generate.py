"""Make the tables in `data/` from HL7's definitions, as the HAPI project publishes them for Maven.

    make definitions      fetches the three packages and runs this

Source: `ca.uhn.hapi.fhir:hapi-fhir-validation-resources-{r4,r4b,r5}:8.8.1` (Apache-2.0), which hold
the definitions of FHIR 4.0.1, 4.3.0 and 5.0.0 (HL7, CC0 1.0) unchanged. Only names, types, counts,
targets, codes and the keys of the invariants are kept; no description.
"""

import json
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from cds.forms.elements.definitions import RESPONSE
from cds.forms.elements.expansion import Terms
from cds.wire import JsonObject

_NOTE = (
    "HL7 FHIR {version}, CC0 1.0; taken from ca.uhn.hapi.fhir:hapi-fhir-validation-resources-"
    "{name}:8.8.1 (Apache-2.0) by cds/forms/elements/generate.py"
)
_LISTED = "the tables beside this file, listed by cds/forms/elements/generate.py"
VERSIONS = {"r4": "4.0.1", "r4b": "4.3.0", "r5": "5.0.0"}
_CORE = "http://hl7.org/fhir/StructureDefinition/"
_SYSTEM = "http://hl7.org/fhirpath/System."
_MAX = _CORE + "elementdefinition-maxValueSet"
_REAL_TYPE = _CORE + "structuredefinition-fhir-type"
# Profiles of a datatype that an element may ask for by name.
_NARROWED = frozenset({"SimpleQuantity", "MoneyQuantity"})
_XML = "{http://hl7.org/fhir}"
# Of the XML definitions, what is a list even when it stands once.
_LISTS = frozenset(
    {"entry", "element", "type", "targetProfile", "profile", "constraint", "extension"}
    | {"concept", "include", "exclude", "filter", "valueSet", "property", "context", "condition"}
)


def main() -> None:
    """Read the packages in a folder (the argument) and write the tables."""
    folder, out = Path(sys.argv[1]), Path(__file__).parent / "data"
    systems: dict[str, JsonObject] = {}
    names: set[str] = set()
    for name, version in VERSIONS.items():
        listed = list(definitions_in(next(folder.glob(f"*resources-{name}-*.jar"))))
        note = _NOTE.format(version=version, name=name)
        terms = Terms([*listed, *systems.values()])
        systems = {**systems, **terms.systems}
        types, resources, codes = _tables(listed, terms)
        _write(out / f"{name}-types.json", note, types, _used(types, codes))
        _write(out / f"{name}-resources.json", note, resources, _used(resources, codes))
        names.update(path for path in (*resources, RESPONSE) if "." not in path)
    listing = {"source": _LISTED, "types": sorted(names)}
    text = json.dumps(listing, indent=0) + "\n"
    (out / "resource-types.json").write_text(text, encoding="utf-8")


def definitions_in(jar: Path) -> Iterator[JsonObject]:
    """Every StructureDefinition, ValueSet and CodeSystem of a package."""
    with zipfile.ZipFile(jar) as opened:
        for name in opened.namelist():
            if name.endswith(".xml") and ("/profile/profiles-" in name or "/valueset/" in name):
                if not name.endswith("profiles-others.xml"):
                    root = ET.fromstring(opened.read(name))  # noqa: S314 - HL7's own files
                    yield from (
                        _json(entry) for entry in root.iterfind(f"{_XML}entry/{_XML}resource")
                    )
            elif name.endswith(".tgz") and ("core" in name or "terminology" in name):
                with opened.open(name) as inner, tarfile.open(fileobj=inner) as archive:
                    for member in archive:
                        kept = (
                            "package/StructureDefinition-",
                            "package/ValueSet-",
                            "package/CodeSystem-",
                        )
                        file = archive.extractfile(member)
                        if file is not None and member.name.startswith(kept):
                            yield json.load(file)


def _json(wrapper: ET.Element) -> JsonObject:
    (resource,) = wrapper
    return {**_object(resource), "resourceType": resource.tag.removeprefix(_XML)}


def _object(element: ET.Element) -> JsonObject:
    found: JsonObject = {}
    for child in element:
        if not child.tag.startswith(_XML):
            continue
        name = child.tag.removeprefix(_XML)
        value = child.get("value")
        content: Any = value if value is not None else {**_object(child), **_url(child)}
        if value is not None and name == "code" and len(child):
            found["_code"] = _object(child)
        if name in _LISTS and not (name == "type" and value is not None):
            found.setdefault(name, []).append(content)
        elif name in found:
            found[name] = [
                *(found[name] if isinstance(found[name], list) else [found[name]]),
                content,
            ]
        else:
            found[name] = content
    return found


def _url(element: ET.Element) -> JsonObject:
    return {"url": element.get("url")} if element.get("url") else {}


def _tables(listed: list[JsonObject], terms: Terms) -> tuple[JsonObject, JsonObject, JsonObject]:
    types: JsonObject = {}
    resources: JsonObject = {}
    codes: JsonObject = {}
    for one in sorted(_definitions(listed), key=lambda one: str(one["name"])):
        kind = one["kind"]
        own = types if kind != "resource" or one["name"] == RESPONSE else resources
        for path, table in _elements(one, terms, codes).items():
            own[path] = table
    return types, resources, codes


def _definitions(listed: Iterable[JsonObject]) -> Iterator[JsonObject]:
    for one in listed:
        if one["resourceType"] != "StructureDefinition" or one["kind"] == "logical":
            continue
        narrowed = one["name"] in _NARROWED
        real = one.get("derivation") == "specialization" and one["kind"] != "primitive-type"
        if (
            (real and str(one.get("abstract")).lower() != "true")
            or narrowed
            or one["name"] == "BackboneElement"
        ):
            yield one


def _elements(definition: JsonObject, terms: Terms, codes: JsonObject) -> dict[str, JsonObject]:
    """The elements of a type, and of each of its parts, by name."""
    root = definition["snapshot"]["element"][0]["path"]
    name = definition["name"]
    found: dict[str, JsonObject] = {name: {"": _keys(definition["snapshot"]["element"][0])}}
    for element in definition["snapshot"]["element"][1:]:
        owner, _, last = str(element["path"]).rpartition(".")
        owner = name + owner[len(root) :]
        kinds = list(dict.fromkeys(_kinds(element, f"{owner}.{last}", name, root)))
        if f"{owner}.{last}" in kinds:
            found[f"{owner}.{last}"] = {"": _keys(element)}
        bound = _bound(element, terms, codes)
        many = "*" if element["max"] == "*" else element["max"]
        if many != "0":
            said = f"{element['min']}..{many} {'|'.join(kinds)}"
            found[owner][last] = f"{said} = {bound}" if bound else said
    return {key: {k: v for k, v in table.items() if v} for key, table in found.items()}


def _keys(element: JsonObject) -> str:
    """The keys of the invariants that are errors, but for those that every element has."""
    listed = (one["key"] for one in element.get("constraint", ()) if one.get("severity") == "error")
    return " ".join(key for key in listed if key not in {"ele-1", "ext-1"})


def _kinds(element: JsonObject, here: str, name: str, root: str) -> Iterator[str]:
    reference = element.get("contentReference")
    if reference:
        yield name + str(reference).rpartition("#")[2][len(root) :]
        return
    for one in element.get("type", ()):
        code = one["code"]
        if code.startswith(_SYSTEM):
            yield _real(one) or code.removeprefix(_SYSTEM).lower()
        elif code in {"BackboneElement", "Element"}:
            yield here
        elif code in {"Reference", "canonical", "CodeableReference"}:
            targets = sorted(str(t).removeprefix(_CORE) for t in one.get("targetProfile", ()))
            plain = [t for t in targets if t != "Resource" and "/" not in t]
            yield (
                f"{code}({','.join(plain)})"
                if code == "Reference" and len(plain) == len(targets) and plain
                else code
            )
        else:
            profiles = [str(p).removeprefix(_CORE) for p in one.get("profile", ())]
            narrowed = [p for p in profiles if p in _NARROWED]
            yield narrowed[0] if narrowed else code


def _real(type_: JsonObject) -> str | None:
    """The FHIR type behind one of FHIRPath's (of ids and urls)."""
    for extension in type_.get("extension", ()) or type_.get("_code", {}).get("extension", ()):
        if extension.get("url") == _REAL_TYPE:
            return str(extension.get("valueUrl") or extension.get("valueUri"))
    return None


def _bound(element: JsonObject, terms: Terms, codes: JsonObject) -> str | None:
    """The value set whose codes alone are allowed, without its version."""
    binding = element.get("binding") or {}
    url = binding.get("valueSet") if binding.get("strength") == "required" else None
    for extension in binding.get("extension", ()):
        if extension.get("url") == _MAX:
            url = extension.get("valueCanonical")
    # In XML one value set of a list and one by itself look the same.
    url = url[0] if isinstance(url, list) else url
    if not url:
        return None
    bare = str(url).partition("|")[0]
    if bare not in codes:
        codes[bare] = terms.expand(bare)
    return bare.removeprefix("http://hl7.org/fhir/ValueSet/")


def _used(tables: JsonObject, codes: JsonObject) -> JsonObject:
    """The codes of the value sets that these tables name; null where they cannot be listed."""
    names = {str(said).partition(" = ")[2] for table in tables.values() for said in table.values()}
    full = {
        url.removeprefix("http://hl7.org/fhir/ValueSet/"): found for url, found in codes.items()
    }
    return {name: full[name] for name in sorted(names - {""})}


def _write(path: Path, note: str, types: JsonObject, codes: JsonObject) -> None:
    """One line a type and one a value set, so that a change can be read."""
    lines = [f'{{"source": {json.dumps(note)},', '"types": {']
    lines.append(",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in types.items()))
    lines.append('},\n"codes": {')
    lines.append(",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in codes.items()))
    path.write_text("\n".join([*lines, "}}\n"]), encoding="utf-8")


if __name__ == "__main__":
    main()
