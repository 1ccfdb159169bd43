"""What the pages show in fences: commands with what they print, scripts, files."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "README.md",
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
    "cds/README.md",
    "findings/README.md",
    # Last: it ends with a release, which changes the checkout.
    "questionnaires/README.md",
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROMPT = "$ "
ELIDED = "…"

_MANY = "takes minutes: tests/bulk/test_bulk_whole.py does it, as a long test"
# What a reader can run, but no test may run or need run, and why. Compared as the page writes it.
NOT_RUN = {
    "make test": "runs the tests, of which this is one",
    "make bench": "takes many minutes; what it claims are ratios, not that it ends",
    "make compiled": "tests/compiled builds it and runs the tests on it",
    "pip install '.[form]'": "test_it_installs_into_a_bare_environment does, by uv and by pip",
    "python3 -m venv /opt/cramp-cds": "writes into /opt",
    "/opt/cramp-cds/bin/pip install '.[postgres]'": "writes into /opt",
    "cp deploy/systemd/cramp-cds.service /etc/systemd/system/": "writes into /etc",
    "mkdir -p /etc/cramp-cds && cp deploy/site.toml /etc/cramp-cds/site.toml": "writes into /etc",
    "/opt/cramp-cds/bin/cramp-cds serve --check-config --config /etc/cramp-cds/site.toml": (
        "its like is run below it; the unit is linted by tests/deploy"
    ),
    "systemctl enable --now cramp-cds": "starts a service of the machine",
    "python -m pytest tests/fillers": "runs tests",
    "python -m pytest tests/fillers -m slow": "runs tests",
    "python -m pytest tests/fillers -m long": "runs tests",
    "CRAMP_CDS_REGENERATE=1 python -m pytest tests/fillers -m slow": "runs tests",
    "cramp-cds validate out/inbox/response.json --terminology https://tx.example.org/r4": (
        "wants a terminology server: tests/flows/test_terminology_server.py has one"
    ),
    "cramp-cds bulk --from https://ehr.example.org/fhir --client cramp-cds --key key.pem -o out/took": (  # noqa: E501
        "wants a FHIR server: tests/bulk/test_export.py has one"
    ),
    "cramp-cds bulk out/pop -o out/spark --engine spark --master spark://HOST:7077 --archive out/deps.tar.gz": (  # noqa: E501
        "wants a Spark cluster: make spark starts one"
    ),
    "cramp-cds sample population -n 100000 --mix messy -o pop": _MANY,
    "cramp-cds bulk pop -o out --table parquet": _MANY,
    "cramp-cds bulk report out": _MANY,
    "from cds.bulk.spark import assess_frame": "wants Spark: tests/bulk/test_spark.py has it",
}


@dataclass(frozen=True)
class Block:
    """One fence: its page, the line it begins on, its info string, what is in it."""

    page: str
    line: int
    kind: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Command:
    """One command line of a `console` block, without its comment, and the lines shown below it."""

    block: Block
    text: str
    shown: tuple[str, ...]


def blocks(page: str) -> list[Block]:
    text = (ROOT / page).read_text("utf-8")
    return [
        Block(page, text.count("\n", 0, found.start()) + 1, found[1], found[2])
        for found in FENCE.finditer(text)
    ]


def commands(block: Block) -> list[Command]:
    """Those of a `console` block; a line that begins with no prompt is shown by the last one."""
    said: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith(PROMPT):
            said.append((re.sub(r"\s+# .*", "", line.removeprefix(PROMPT)).strip(), []))
        else:
            assert said, f"{block.place}: what it prints stands before any command"
            said[-1][1].append(line)
    return [Command(block, text, tuple(shown)) for text, shown in said]


def not_as_shown(shown: tuple[str, ...], printed: str) -> str | None:
    """The first shown line that is not printed there; None if all are, in their order.

    `…` alone stands for any lines, at the end of a line for the rest of it.
    """
    lines = [line.rstrip() for line in printed.splitlines()]
    at, jump = 0, False
    for line in shown:
        if line == ELIDED:
            jump = True
            continue
        start, cut = line.removesuffix(ELIDED).rstrip(), line.endswith(ELIDED)
        there = range(at, len(lines)) if jump else range(at, min(at + 1, len(lines)))
        fits = (n for n in there if (lines[n].startswith(start) if cut else lines[n] == start))
        place = next(fits, None)
        if place is None:
            return line
        at, jump = place + 1, False
    return None if jump or at == len(lines) or not shown else f"(and no more than) {shown[-1]}"
