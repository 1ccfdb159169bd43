"""A standalone Spark cluster on loopback: a master and two workers, ended with the tests."""

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEADLINE_S = 900  # of what may share its two cores with much else


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The address of the master, once both workers have registered."""
    import pyspark  # noqa: PLC0415 - an extra

    home = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_NO_DAEMONIZE": "1",
        "SPARK_WORKER_DIR": str(folder / "work"),
    }
    # The executors find nothing of this checkout: only what is sent to them.
    environment.pop("PYTHONPATH", None)
    address = f"spark://127.0.0.1:{free_port()}"
    port = address.rpartition(":")[2]
    master = ["master.Master", "--host", "127.0.0.1", "--port", port, "--webui-port", "0"]
    worker = ["worker.Worker", "--webui-port", "0", "--cores", "1", "--memory", "1g"]
    started = []
    try:
        for number, words in enumerate((master, [*worker, address], [*worker, address])):
            name, *rest = words
            with (folder / f"{number}.log").open("wb") as log:
                started.append(
                    subprocess.Popen(
                        [
                            str(home / "bin" / "spark-class"),
                            f"org.apache.spark.deploy.{name}",
                            *rest,
                        ],
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        env=environment,
                        cwd=folder,
                    )
                )
            _until(folder / f"{number}.log", _SAID[min(number, 1)])
        yield address
    finally:
        for one in reversed(started):
            one.terminate()
        for one in started:
            try:
                one.wait(30)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()


_SAID = (r"New state: ALIVE", r"Successfully registered with master")


def _until(log: Path, said: str) -> None:
    end = time.monotonic() + DEADLINE_S
    while not re.search(said, log.read_text("utf-8", "replace")):
        assert time.monotonic() < end, log.read_text("utf-8", "replace")
        time.sleep(0.1)


def executors_in(folder: Path) -> list[int]:
    """The processes of the executors of this cluster."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
            place = (path.parent / "cwd").readlink()
        except OSError:
            continue
        if b"CoarseGrainedExecutorBackend" in words and place.is_relative_to(folder / "work"):
            found.append(int(path.parent.name))
    return found
