"""Print the licence of every package in a lock, from what is installed: for `make sbom`.

Exit 1, and the names, where a package says nothing or is not installed: that must not be shipped
unseen.
"""

import re
import sys
from importlib.metadata import PackageMetadata, PackageNotFoundError, files, metadata
from pathlib import Path

PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;]+)", re.MULTILINE)
LONGEST = 60  # some packages put the whole text into the field


def licence_of(found: PackageMetadata) -> str:
    """The licence as the package says it: an expression, a classifier, or a short text."""
    expression = _field(found, "License-Expression")
    if expression:
        return expression
    classified = [
        line.rpartition(" :: ")[2]
        for line in found.get_all("Classifier") or []
        if line.startswith("License ::") and not line.endswith("OSI Approved")
    ]
    text = _field(found, "License").strip().splitlines()
    short = text[0] if text and len(text[0]) <= LONGEST else ""
    return " / ".join(classified) or short or _first_line(found["Name"])


def _field(found: PackageMetadata, name: str) -> str:
    return (found.get_all(name) or [""])[0]


def _first_line(name: str) -> str:
    """What the licence file that comes with the package begins with."""
    for file in files(name) or ():
        if re.match(r"(?i)licen[cs]e|copying", file.name):
            line = file.read_text().strip().partition("\n")[0].strip(" #*")
            return line if len(line) <= LONGEST else ""
    return ""


def main(lock: str) -> int:
    """Write the table for the packages of `lock` to standard output."""
    unknown = []
    print("| package | version | licence | home |\n|---|---|---|---|")  # noqa: T201 - its result
    for name, version in PINNED.findall(Path(lock).read_text(encoding="utf-8")):
        try:
            found = metadata(name)
        except PackageNotFoundError:
            unknown.append(f"{name} (not installed)")
            continue
        licence = licence_of(found)
        if not licence:
            unknown.append(name)
        home = _field(found, "Home-page") or next(
            (line.partition(", ")[2] for line in found.get_all("Project-URL") or []), ""
        )
        print(f"| {name} | {version} | {licence or 'unknown'} | {home} |")  # noqa: T201
    if unknown:
        sys.stderr.write(f"licences: nothing is known of {', '.join(unknown)}\n")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
