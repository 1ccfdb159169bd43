"""Responses as they really come, one kind beside the other: none may cost far more than the usual.

`python benchmarks/mix.py`: how long `assess` (bytes in, bundle out) and `validate` take for each
kind, beside version 0.1.0 (a commit, unpacked to a temporary folder), beside strict reading of the
same bytes, beside fhir.resources, and beside HAPI's validator where Java and Maven are at hand.
Everything is measured in one run, the builds in turns. No response is given twice: each has its
own id, subject and time.
"""

import argparse
import copy
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from itertools import count
from pathlib import Path
from statistics import mean
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))  # last: a package that PYTHONPATH names is what is to be measured

from cds import wire  # noqa: E402
from cds.flows.assess import installed  # noqa: E402

Json = dict[str, Any]
Change = Callable[[Json], object]
BEFORE = "0ecac7c"
NOW = datetime(2026, 12, 21, 9, 0, tzinfo=UTC)
EACH = 60  # responses of one kind in one round
ROUNDS = 7
USUAL = "as sample writes it"
PROFILE = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaireresponse"


def _items(response: Json) -> Iterator[Json]:
    for item in response.get("item", []):
        yield item
        yield from _items(item)


def _questions(response: Json) -> list[Json]:
    return [item for item in _items(response) if "answer" in item]


def _server_meta(response: Json) -> None:
    response["meta"] = {"versionId": "3", "lastUpdated": "2026-11-20T15:00:01.123+00:00"}
    response["meta"]["profile"] = [PROFILE]
    response["text"] = {
        "status": "generated",
        "div": '<div xmlns="http://www.w3.org/1999/xhtml">answers</div>',
    }


def _item_ids(response: Json) -> None:
    for number, item in enumerate(_items(response)):
        item["id"] = f"i{number}"


def _free_text(response: Json) -> None:
    chosen = next(one for one in _questions(response) if one["linkId"] == "history.relievers")
    chosen["answer"] = [{"valueString": "a warm bath"}]


def _wrong_option(response: Json) -> None:
    _questions(response)[3]["answer"][0]["valueCoding"]["code"] = "no-such-code"


def _lhc_forms(response: Json) -> None:
    tag = {"code": "lformsVersion: 41.3.0"}
    response["meta"] = {"profile": [PROFILE.replace("uv/sdc", "uv/sdc")], "tag": [tag]}
    for item in _questions(response):
        for answer in item["answer"]:
            answer["valueCoding"] = dict(sorted(answer["valueCoding"].items()))


def _smart_forms(response: Json) -> None:
    response["status"] = "in-progress"
    response["subject"] |= {"type": "Patient", "display": "Example, Synthetic"}
    response["author"] = {"reference": "Practitioner/7", "type": "Practitioner"}
    for number, item in enumerate(_items(response)):
        if number % 3 == 0:
            item.pop("text", None)


def _incomplete(response: Json) -> None:
    response["status"] = "in-progress"
    last = [one for one in response["item"] if "item" in one][-1]
    last["item"] = last["item"][: len(last["item"]) // 2]


def _empty_answer(response: Json) -> None:
    _questions(response)[-1]["answer"] = []


def _with(*path: str, **parts: Any) -> Change:
    def change(response: Json) -> None:
        here = response
        for step in path:
            here = here.setdefault(step, {})
        here |= parts

    return change


def _without_texts(response: Json) -> None:
    for item in _items(response):
        item.pop("text", None)


def _nothing(_: Json) -> None:
    pass


KINDS: dict[str, Change] = {
    USUAL: _nothing,
    "without item texts": _without_texts,
    "server meta, profile, narrative": _server_meta,
    "meta.lastUpdated": _with("meta", lastUpdated="2026-11-20T15:00:01.123+00:00"),
    "subject.display": _with("subject", display="Example, Synthetic"),
    "subject.type": _with("subject", type="Patient"),
    "item.id": _item_ids,
    "free text in one open-choice": _free_text,
    "one wrong option": _wrong_option,
    "as LHC-Forms writes it": _lhc_forms,
    "as Smart Forms writes it": _smart_forms,
    "incomplete, in-progress": _incomplete,
    "in-progress": _with(status="in-progress"),
    "answer: [] on an unanswered item": _empty_answer,
}
WRITTEN: dict[str, Callable[[Json], bytes]] = {
    "sorted keys": lambda response: wire.write(response, sort_keys=True),
    "pretty-printed": lambda response: wire.write(response, indent=True),
    "pretty-printed, CRLF": lambda response: wire.write(response, indent=True).replace(
        b"\n", b"\r\n"
    ),
}
ORDER = "resourceType id meta text questionnaire status subject authored author item".split()  # noqa: SIM905
NAMES = (*KINDS, *WRITTEN, "dated on the 29th to the 31st")


def base_responses() -> list[Json]:
    """One response of each scenario that answers the whole form."""
    try:
        from cds.flows.synthetic.samples import samples, scenarios_of  # noqa: PLC0415
        from cds.knowledge.read.pack import pack_folders  # noqa: PLC0415
    except ImportError:  # as 0.1.0 has them
        from cds.flows.samples import samples, scenarios_of  # type: ignore[import-not-found,no-redef] # noqa: PLC0415
        from cds.knowledge.pack import pack_folders  # type: ignore[import-not-found,no-redef] # noqa: PLC0415

    folders = pack_folders()
    pack = next(one for one in installed().packs if scenarios_of(folders[one.id], one))
    scenarios = scenarios_of(folders[pack.id], pack)
    made = [sample.response for sample in samples(scenarios, pack, None, len(scenarios) - 2, 0)]
    asked = max(len(_questions(response)) for response in made)
    return [one for one in made if len(_questions(one)) >= asked - 1]


def mix(bases: list[Json]) -> dict[str, list[bytes]]:
    """Per kind, responses no two of which are the same."""
    numbers = count(1)
    return {
        name: [_made(name, bases[at % len(bases)], next(numbers)) for at in range(EACH)]
        for name in NAMES
    }


def _made(name: str, base: Json, number: int) -> bytes:
    response = copy.deepcopy(base)
    late = name not in (*KINDS, *WRITTEN)
    day = 29 + number % 3 if late else 1 + number % 28
    response |= {
        "id": f"r{number}",
        "subject": {"reference": f"Patient/p{number}"},
        "authored": f"2026-10-{day:02}T{number % 24:02}:{number % 60:02}:07Z",
        "author": {"reference": f"Practitioner/a{number % 7}"},
    }
    KINDS.get(name, _nothing)(response)
    order = (
        "resourceType",
        "id",
        "meta",
        "text",
        "questionnaire",
        "status",
        "subject",
        "authored",
        "author",
        "item",
    )
    response = {key: response[key] for key in order if key in response}
    return WRITTEN.get(name, wire.write)(response)


def measure() -> dict[str, dict[str, float]]:
    """Per kind the microseconds of one response: assessed to bytes, and read strictly."""
    assessor = installed()
    found: dict[str, dict[str, float]] = {}
    for name, data in mix(base_responses()).items():
        assessed, strictly = [], []
        for _ in range(ROUNDS):
            started = time.process_time()
            for one in data:
                assessor.assess(one, now=NOW).to_bytes()
            between = time.process_time()
            for one in data:
                wire.read(one)
            assessed.append(between - started)
            strictly.append(time.process_time() - between)
        found[name] = {
            "assess": min(assessed) / EACH * 1e6,
            "strict": min(strictly) / EACH * 1e6,
        }
    return found


def measured_in(folder: Path) -> dict[str, dict[str, float]]:
    """The figures of the build in this folder, in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--measure"],
        capture_output=True,
        check=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )
    figures: dict[str, dict[str, float]] = json.loads(done.stdout)
    return figures


def unpacked(commit: str, folder: str) -> Path | None:
    """The code of a commit in a folder; None where the history is not at hand."""
    git = ["git", "-C", str(ROOT), "archive", commit]
    done = subprocess.run(git, capture_output=True, check=False)
    if done.returncode:
        return None
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return Path(folder)


def typed(data: list[bytes]) -> float | None:
    """Microseconds for fhir.resources to read one response; None where it is not installed."""
    try:
        from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse  # noqa: PLC0415
    except ImportError:
        return None
    started = time.process_time()
    for one in data:
        QuestionnaireResponse.model_validate_json(one)
    return (time.process_time() - started) / len(data) * 1e6


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--measure", action="store_true", help="only this build, as JSON")
    if parser.parse_args().measure:
        sys.stdout.write(json.dumps(measure()))
        return
    home = Path(wire.__file__).parents[1]
    with tempfile.TemporaryDirectory() as folder:
        before = unpacked(BEFORE, folder)
        earlier = measured_in(before) if before is not None else {}
        now = measured_in(home)
    if before is None:
        print(f"{BEFORE} is not in this checkout's history: not compared.")
    usual = now[USUAL]["assess"]
    print(f"{'µs a response':36} {'assess':>7} {'÷ usual':>8} {'÷ strict':>9} {'÷ 0.1.0':>8}")
    for name, one in now.items():
        times = earlier[name]["assess"] / one["assess"] if earlier else float("nan")
        ratios = f"{one['assess'] / usual:8.1f} {one['assess'] / one['strict']:9.1f} {times:8.1f}"
        print(f"{name:36} {one['assess']:7.0f} {ratios}")
    average = mean(one["assess"] for one in now.values())
    print(
        f"mean of all kinds: {average:.0f} µs; the slowest {max_ratio(now, usual):.1f} × the usual"
    )
    if earlier:
        whole = mean(one["assess"] for one in earlier.values())
        print(f"0.1.0: {whole:.0f} µs, {whole / average:.1f} times as long as now")
    parsed = typed(mix(base_responses())[USUAL])
    if parsed is not None:
        print(f"fhir.resources, reading alone: {parsed:.0f} µs, {parsed / average:.1f} × the mean")


def max_ratio(figures: dict[str, dict[str, float]], usual: float) -> float:
    """The slowest kind by the usual one."""
    return max(one["assess"] for one in figures.values()) / usual


if __name__ == "__main__":
    main()
