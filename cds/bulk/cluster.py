"""The tasks of a run, handed out by Spark: executors that share the storage do them.

Spark moves numbers, not data: the lines stay bytes until our own reader, and each task writes the
same files as a worker of this machine would. An executor that is lost costs its tasks, which Spark
gives to another.
"""

import logging
import os
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import cds
from cds.errors import UsageError
from cds.flows.bulk.tasks import Job, Plan, Task, Worker
from cds.flows.bulk.workers import Done, answer

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ARCHIVE_NAME = "cramp_cds"
_HINT = "Install it with `pip install 'cramp-cds[spark]'`; it needs Java 17."
_TASKS_A_CORE = 4
# Here Java hands out numbers for seconds: to compile itself twice over takes longer than its work.
_JAVA = ("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1")
# One worker a Python process of Spark: to compile the packs anew for each task would cost more.
_WORKERS: dict[Path, Worker] = {}


def require_spark() -> None:
    """Refuse what needs Spark where it is not installed.

    Raises:
        UsageError: it is not.
    """
    from importlib.util import find_spec  # noqa: PLC0415 - only where Spark is asked for

    if find_spec("pyspark") is None:
        raise UsageError("--engine spark", "needs PySpark, which is not installed.", _HINT)


def session(master: str | None, archive: Path | None) -> "SparkSession":
    """A session: that which is there already, or a new one of `spark-submit`'s settings.

    `archive`: what `bulk pack-deps` made, for executors without this package.
    """
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    builder = SparkSession.builder.appName("cramp-cds bulk")
    if master is not None:
        builder = builder.master(master)
        if master.startswith("local"):
            builder = builder.config(*_JAVA)
    where = str(Path(cds.__file__).resolve().parents[1])
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, (where, os.environ.get("PYTHONPATH")))
    )  # of the workers of a master on this machine
    if archive is not None:
        builder = builder.config("spark.archives", f"{archive.resolve()}#{ARCHIVE_NAME}")
        where = ARCHIVE_NAME
    builder = builder.config("spark.executorEnv.PYTHONPATH", where)
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    found: SparkSession = builder.getOrCreate()
    found.sparkContext.setLogLevel("ERROR")
    return found


class Executors:
    """Does the stages of a run on a Spark cluster."""

    def __init__(self, job: Job, spark: "SparkSession") -> None:
        """`job` names its files by paths that are the same on every machine."""
        self._job = job
        self._spark = spark

    def __enter__(self) -> Self:
        """Ready."""
        logging.getLogger("py4j").setLevel(logging.ERROR)
        return self

    def __exit__(self, *_: object) -> None:
        """End the session."""
        self._spark.stop()

    def do(self, tasks: Iterable[Task], plan: Plan | None = None) -> Iterator[Done]:
        """As `Crew.do`; what came of each task is told when all of its stage are done."""
        for _, group in groupby(tasks, key=itemgetter(0)):
            yield from self._do(list(group), plan)

    def _do(self, listed: list[Task], plan: Plan | None) -> Iterator[Done]:
        context = self._spark.sparkContext
        handed = context.broadcast((self._job, plan))
        # A task of Spark costs as much as many responses; one that is lost and done again passes
        # over what is done already.
        slices = min(len(listed), _TASKS_A_CORE * context.defaultParallelism)
        handed_out = context.parallelize(listed, slices)
        yield from handed_out.mapPartitions(partial(_done, handed)).collect()
        handed.unpersist()


def _done(handed: Any, tasks: Iterable[Task]) -> Iterator[Done]:
    job, plan = handed.value
    worker = _WORKERS.get(job.folder)
    if worker is None or worker.job != job:
        worker = _WORKERS[job.folder] = Worker(job)
    if plan is not None:
        worker.plan = plan
    for stage, number in tasks:
        yield answer(worker, stage, number)
