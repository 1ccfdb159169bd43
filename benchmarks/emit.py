"""How long emission takes, beside reading the same response: `python benchmarks/emit.py`.

Each figure is the fastest of many short runs, so that other work on the machine counts little. The
ratio to reading is what compares between machines.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from cds import wire
from cds.core.pack import Pack
from cds.fhir.document import document
from cds.fhir.emit import emit
from cds.fhir.identifiers import fingerprint
from cds.flows.assess import Assessor
from cds.flows.deciding.assessed import Assessed
from cds.knowledge.read.pack import find_pack, pack_folders
from cds.wire import JsonObject

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
RUNS, CALLS = 300, 50


def microseconds(call: Callable[[], object]) -> float:
    """The time of one call."""
    best = float("inf")
    for _ in range(RUNS):
        start = time.perf_counter()
        for _ in range(CALLS):
            call()
        best = min(best, time.perf_counter() - start)
    return best / CALLS * 1e6


def response_of(pack: Pack, codes: dict[str, tuple[str, ...]]) -> JsonObject:
    """A completed response with these answers."""

    def items(raw: list[JsonObject]) -> list[JsonObject]:
        found = []
        for item in raw:
            one = {"linkId": item["linkId"], "text": item.get("text", "")}
            if item["type"] == "group":
                found.append({**one, "item": items(item["item"])})
            elif item["linkId"] in codes:
                system = pack.identity.answer_system
                answer = [
                    {"valueCoding": {"system": system, "code": code}}
                    for code in codes[item["linkId"]]
                ]
                found.append({**one, "answer": answer})
        return found

    return {
        "resourceType": "QuestionnaireResponse",
        "id": "response-1",
        "questionnaire": f"{pack.full.url}|{pack.full.version}",
        "status": "completed",
        "subject": {"reference": "Patient/p1"},
        "authored": "2026-11-20T15:00:00Z",
        "author": {"reference": "Practitioner/dr1"},
        "item": items(list(pack.full.raw["item"])),
    }


def alarm(pack: Pack) -> Assessed:
    """A decision with one emergency finding, every question being answered."""
    assessor = Assessor([pack])
    leaves = _questions(list(pack.full.raw["item"]))
    calm: dict[str, tuple[str, ...]] = {leaf["linkId"]: (_calm(leaf, pack),) for leaf in leaves}
    for leaf in leaves:
        for option in leaf["answerOption"]:
            codes = {**calm, leaf["linkId"]: (option["valueCoding"]["code"],)}
            found = assessor.assess(response_of(pack, codes), now=NOW)
            if sum(one.level.alert for one in found.findings) == 1 and not found.issues:
                return found
    raise LookupError(pack.id)


def _questions(raw: list[JsonObject]) -> list[JsonObject]:
    return [
        leaf
        for item in raw
        for leaf in (_questions(item["item"]) if item["type"] == "group" else [item])
        if leaf["type"] != "display"
    ]


def _calm(leaf: JsonObject, pack: Pack) -> str:
    codes: list[str] = [option["valueCoding"]["code"] for option in leaf["answerOption"]]
    known = [code for code in codes if code not in pack.unknown]
    return next((code for code in known if code in {"none", "no"}), known[0])


def figures(found: Assessed) -> dict[str, float]:
    """Microseconds of each step."""
    raw, bundle = found.response, found.to_fhir()
    data = wire.write(raw)
    return {
        "read": microseconds(lambda: wire.read(data)),
        "fingerprint": microseconds(lambda: fingerprint(raw)),
        "emit": microseconds(lambda: emit(found.assessment, found.pack, found.context)),
        "document": microseconds(lambda: document(found.assessment, found.pack, found.context)),
        "write": microseconds(lambda: wire.write(bundle)),
    }


def main() -> None:
    """Print the figures for every installed pack."""
    for name in pack_folders():
        found = alarm(find_pack(name))
        fired = ", ".join(one.rule.id for one in found.findings)
        sizes = [len(wire.write(one)) for one in (found.response, found.to_fhir())]
        print(f"{name}: {sizes[0]} bytes in, {sizes[1]} out; rules {fired}")
        steps = figures(found)
        for what, figure in steps.items():
            print(f"  {what:<12}{figure:7.1f} µs {figure / steps['read']:6.2f} × read")


if __name__ == "__main__":
    main()
