"""What `bulk` is measured beside, each in a process of its own: it prints one JSON object.

`PYTHONPATH=FOLDER python bulk_sides.py SIDE ...`: CPU seconds of the work alone, without its start.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

Json = dict[str, Any]
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
_TICKS = os.sysconf("SC_CLK_TCK")


def before(source: str, target: str) -> Json:
    """Version 0.1.0 on every line of a file: its decision documents into another file.

    It knows nothing of parts or workers; it is given what a worker of ours does with a part: lines
    in, documents out.
    """
    from cds import wire  # noqa: PLC0415 - that of the folder which is measured
    from cds.flows.assess import installed  # noqa: PLC0415

    assessor = installed()
    lines = Path(source).read_bytes().splitlines()
    assessor.assess(lines[0], now=NOW)
    decided = 0
    start = time.process_time()
    with Path(target).open("wb") as out:
        for number, line in enumerate(lines, 1):
            try:
                assessed = assessor.assess(line, now=NOW)
            except Exception as error:  # noqa: BLE001 - a line ends no run
                out.write(wire.write({"line": number, "text": type(error).__name__}) + b"\n")
                continue
            out.write(wire.write({"line": number, **assessed.document()}) + b"\n")
            decided += not assessed.invalid
    return {"cpu": time.process_time() - start, "valid": decided}


class Meter:
    """CPU seconds of this process and all below it; also of those that end, as last seen."""

    def __init__(self) -> None:
        """Looks twice a second until the process ends."""
        self._seen: dict[int, float] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while True:
            self.read()
            time.sleep(0.5)

    def read(self) -> float:
        """How many until now."""
        with self._lock:
            children: dict[int, list[int]] = {}
            used: dict[int, float] = {}
            for path in Path("/proc").glob("[0-9]*/stat"):
                try:
                    own, rest = int(path.parent.name), path.read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                used[own] = sum(map(int, rest[11:13])) / _TICKS
                children.setdefault(int(rest[1]), []).append(own)
            waiting = [os.getpid()]
            while waiting:
                one = waiting.pop()
                self._seen[one] = used.get(one, 0.0)
                waiting += children.get(one, [])
            return sum(self._seen.values())


def timed(meter: Meter, work: Callable[[], object]) -> Json:
    """Wall and CPU seconds of one job, all its processes together."""
    start, cpu = time.perf_counter(), meter.read()
    work()
    return {"wall": time.perf_counter() - start, "cpu": meter.read() - cpu}


RESPONSES = "QuestionnaireResponse.ndjson"


def spark(which: str, pop: str, folder: str, few: str, first: str) -> Json:
    """Spark on two cores of this machine, in each of the ways: seconds of the jobs alone.

    `which`: `responses` alone, or with their `record`; `pop`: a folder with both; `few`: fewer
    responses, for the way by fhir.resources; `first`: a small population, done before the clock
    runs, so that each way has its Python processes and the packs in them.
    """
    from cds.bulk.cluster import session  # noqa: PLC0415
    from cds.bulk.spark import assess_frame  # noqa: PLC0415

    context = session("local[2]", None)
    read = context.read.option("lineSep", "\n").text
    out, meter = Path(folder), Meter()
    found: Json = {}

    def job(name: str, frame: Any) -> None:
        found[name] = timed(meter, lambda: frame.write.parquet(str(out / name)))

    def jobs(pop: str, few: str) -> None:
        source, record = str(Path(pop) / RESPONSES), _record_in(pop)
        if which == "responses":
            job("frame", assess_frame(read(source), now=NOW))
            job("models", _by_models(read(few).repartition(2)))
            return
        job("cogrouped", assess_frame(read(source), record=read(record), now=NOW))
        for name, way in (("join", "applyInArrow"), ("join-pandas", "applyInPandas")):
            job(name, _joined_by_patient(read(source), read(record), way))

    try:
        jobs(first, str(Path(first) / RESPONSES))
        out, found = out / "timed", {}
        jobs(pop, few)
        files = [str(Path(pop) / RESPONSES), *(_record_in(pop) if which == "record" else ())]
        name = "parts" if which == "responses" else "parts-joined"
        found[name] = timed(meter, partial(_parts, context, files, out / name))
    finally:
        context.stop()
    return found


def _record_in(pop: str) -> list[str]:
    files = sorted(Path(pop).glob("[A-Z]*.ndjson"))
    return [str(one) for one in files if one.name != RESPONSES]


def _parts(context: Any, files: list[str], out: Path) -> None:
    """A run of bulk whose tasks Spark hands out."""
    from cds.bulk.cluster import Executors  # noqa: PLC0415
    from cds.flows.assess import installed  # noqa: PLC0415
    from cds.flows.bulk import manifest as manifests  # noqa: PLC0415
    from cds.flows.bulk.decide import Options  # noqa: PLC0415
    from cds.flows.bulk.files import Folder  # noqa: PLC0415
    from cds.flows.bulk.run import Run  # noqa: PLC0415
    from cds.flows.bulk.tasks import Job  # noqa: PLC0415

    packs, options = installed().packs, Options(NOW)
    paths = tuple(map(Path, files))
    names, hashes = tuple(one.name for one in paths), tuple(one.hash for one in packs)
    job = Job(out, paths, names, options, installed, hashes)
    Folder(out).make()
    begun = manifests.wanted(packs, options, "", None)
    Run(job, Executors(job, context), begun, lambda *_: None).go(None)


def _by_models(frame: Any) -> Any:
    """As one would with PySpark and fhir.resources alone: models in, our rules, models out."""

    def decide(batches: Iterator[Any]) -> Iterator[Any]:
        import pandas as pd  # noqa: PLC0415
        from fhir.resources.R4B.questionnaireresponse import (  # noqa: PLC0415
            QuestionnaireResponse,
        )

        from cds.flows.assess import installed  # noqa: PLC0415

        assessor = installed()
        for batch in batches:
            made = []
            for text in batch["value"]:
                model = QuestionnaireResponse.model_validate_json(text)
                assessed = assessor.assess(model, now=NOW)
                made.append(assessed.to_models().model_dump_json())
            yield pd.DataFrame({"bundle": made})

    return frame.mapInPandas(decide, "bundle string")


def _joined_by_patient(responses: Any, record: Any, way: str) -> Any:
    """Spark's own join: both sides by their patient, decided on patient by patient.

    `way`: by pandas, as its guide has it, or by Arrow, which its version 4 brought.
    """
    from pyspark.sql.functions import (  # noqa: PLC0415
        coalesce,
        col,
        concat,
        get_json_object,
        lit,
    )

    def keyed(frame: Any) -> Any:
        value = col("value")
        itself = concat(lit("Patient/"), get_json_object(value, "$.id"))
        about = (get_json_object(value, f"$.{one}.reference") for one in ("subject", "patient"))
        return frame.select(coalesce(*about, itself).alias("key"), value)

    def decisions(answers: list[str], about: list[str]) -> list[bytes]:
        from cds import wire  # noqa: PLC0415
        from cds.flows.assess import installed  # noqa: PLC0415

        beside = [wire.read(one.encode()) for one in about]
        return [
            wire.write(installed().assess(one.encode(), now=NOW, record=beside).document())
            for one in answers
        ]

    def by_arrow(left: Any, right: Any) -> Any:
        import pyarrow as pa  # noqa: PLC0415 - an extra

        made = decisions(left.column("value").to_pylist(), right.column("value").to_pylist())
        return pa.table({"decision": pa.array(made, pa.binary())})

    def by_pandas(left: Any, right: Any) -> Any:
        import pandas as pd  # noqa: PLC0415 - an extra

        return pd.DataFrame({"decision": decisions(list(left["value"]), list(right["value"]))})

    together = keyed(responses).groupBy("key").cogroup(keyed(record).groupBy("key"))
    decide = by_arrow if way == "applyInArrow" else by_pandas
    return getattr(together, way)(decide, "decision binary")


if __name__ == "__main__":
    side, *words = sys.argv[1:]
    sides: dict[str, Callable[..., Json]] = {"before": before, "spark": spark}
    print(json.dumps(sides[side](*words)))
