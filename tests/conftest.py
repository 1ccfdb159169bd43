"""What all tests share: the command line, other people's tools, how hard Hypothesis tries."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from cds import lossless

ROOT = Path(__file__).resolve().parents[1]

# A usual run asks the same questions each time: a red build is then about the change, not luck.
# The long run (`make test-all`) tries new ones.
settings.register_profile(
    "usual",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "long",
    deadline=None,
    max_examples=300,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "usual")
settings.load_profile(PROFILE)

# Three quarters of a minute in one test: begun last, it would leave the other worker idle.
LONGEST = "test_readme.py"

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
Judge = Callable[[Path], tuple[int, str]]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest; where laws are tried at length, count them as slow."""
    items.sort(key=lambda item: item.path.name != LONGEST)
    if PROFILE == "long":
        for item in items:
            if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
                item.add_marker("slow")


@pytest.fixture(scope="session", autouse=True)
def many_texts_were_read() -> None:
    """JSON is read as in a service that has run for a while; the first texts are read strictly."""
    for _ in range(lossless.FEW_TEXTS):
        lossless.whole_value(b'{"a":1}')


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds `cds/`."""
    return ROOT


@pytest.fixture(scope="session")
def run() -> Run:
    """Run `python cli.py …` as a person does, without a terminal, and hand back what it said."""

    def run_cli(
        *args: str,
        stdin: bytes = b"",
        cwd: Path = ROOT,
        environment: dict[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in {"NO_COLOR", "FORCE_COLOR", "CRAMP_CDS_DEBUG"}
        }
        return subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), *args],
            input=stdin,
            cwd=cwd,
            env={**kept, **(environment or {})},
            capture_output=True,
            check=False,
            timeout=60,
        )

    return run_cli


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip("a small file system cannot be mounted by this account")
    yield folder
    subprocess.run(["/bin/umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """A private PostgreSQL cluster, or a skip that says why there is none."""
    # Imported here: most tests do without a driver of databases.
    from tests.store.cluster import Cluster, NoPostgres  # noqa: PLC0415

    try:
        made = Cluster()
    except NoPostgres as reason:
        pytest.skip(str(reason))
    try:
        made.start()
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="session")
def oracle() -> Path:
    """FHIR tools of other authors, or a skip that says why there are none."""
    found = ROOT.parent / "shared" / "tools" / "fhir-oracle" / "oracle"
    if not found.is_file():
        pytest.skip("fhir-oracle is not beside the checkout")
    if shutil.which("node") is None:
        pytest.skip("fhir-oracle needs Node")
    return found


@pytest.fixture(scope="session")
def judge(oracle: Path) -> Judge:
    """A second opinion on the resources in a folder: the exit code, and what it says of faults."""

    def judged(folder: Path) -> tuple[int, str]:
        command = [str(oracle), "validate", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        return done.returncode, done.stdout

    return judged
