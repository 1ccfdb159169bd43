"""HAPI and ours on the published pairs: python -m tests.hapi.corpus FOLDER.

FOLDER keeps HAPI's jars. Wants Java 17, Maven, and the published pairs beside the checkout. Only
pairs of R4 with a form and a firm verdict that needs no other terminology are compared.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cds import wire
from cds.forms.support import Support
from cds.forms.validate import validate
from tests.hapi.hapi import Json, errors, libraries, run

PUBLISHED = Path(__file__).parents[2].parent / "shared" / "corpus" / "questionnaire-response"


class Pair(NamedTuple):
    """A published pair with its recorded verdict."""

    name: str
    valid: bool
    form: Json
    response: Json
    support: list[Json]


def pairs() -> Iterator[Pair]:
    """The pairs, each form under an url of its own: several are spoilt copies of one."""
    for number, folder in enumerate(sorted(PUBLISHED.iterdir())):
        if not (folder / "expect.json").exists() or not (folder / "questionnaire.json").exists():
            continue
        expect = json.loads((folder / "expect.json").read_bytes())
        if expect["valid"] is None or expect["fhirVersion"] == "5.0" or expect.get("needs"):
            continue
        form, response = (
            wire.read((folder / f"{name}.json").read_bytes())
            for name in ("questionnaire", "response")
        )
        support = [wire.read(one.read_bytes()) for one in sorted(folder.glob("support-*.json"))]
        url, named = (
            form.get("url", f"http://example.org/{folder.name}"),
            response.get("questionnaire"),
        )
        form["url"] = f"{url}-{number}"
        if isinstance(named, str) and named.partition("|")[0] == url:
            response["questionnaire"] = named.replace(url, form["url"])
        yield Pair(folder.name, expect["valid"], form, response, support)


def main() -> None:
    """Print how often each agrees with the recorded verdict, and where HAPI does not."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    listed = list(pairs())
    lines = [
        wire.write({"questionnaire": one.form, "response": one.response, "support": one.support})
        for one in listed
    ]
    (folder / "published.ndjson").write_bytes(b"".join(line + b"\n" for line in lines))
    told: Counter[str] = Counter()
    apart: list[str] = []
    messages: Any = run(libraries(folder), folder / "published.ndjson")
    for pair, said in zip(listed, messages, strict=True):
        issues = validate(pair.response, pair.form, support=Support(pair.support))
        found, thrown = errors(said, pair.response)
        verdicts = {
            "ours": not any(one.severity in {"error", "fatal"} for one in issues),
            "HAPI": not found and not thrown,
        }
        for name, valid in verdicts.items():
            wrongly = f"wrongly {'accepted' if valid else 'refused'}"
            told[f"{name}: {'agree' if valid is pair.valid else wrongly}"] += 1
        if verdicts["HAPI"] is not pair.valid:
            apart.append(f"  {pair.name}: {thrown or sorted(found) or 'accepted'}")
    out = [
        f"{len(listed)} published pairs",
        *(f"{name} {many}" for name, many in sorted(told.items())),
    ]
    sys.stdout.write("\n".join([*out, "where HAPI differs:", *apart]) + "\n")


if __name__ == "__main__":
    main()
