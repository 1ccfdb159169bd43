"""`pack check`: the laws that reading can check, the sources, the cases, the coverage."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cds.errors import Fault
from cds.flows.packs.check import check_pack
from cds.knowledge.check import check_seeds
from cds.knowledge.read.pack import load_pack, pack_folders
from tests.strategies import PACKS

SAFE = 'question = "safety.sign"'
YES = f'{{ {SAFE}, operator = "=", answerCoding = "yes" }}'
A1 = "rules.toml: rule A1"


def faults(folder: Path, seeds: Path | None = None) -> list[tuple[str, str]]:
    return [(one.where, one.problem) for one in check_pack(folder, seeds).faults]


def edit(file: str, old: str, new: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        path = folder / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    return write


def one_case(folder: Path) -> None:
    text = '[[case]]\nname = "x"\ngiven = { "safety.sign" = "yes" }\nexpect = { level = "alarm" }'
    (folder / "cases" / "first.toml").write_text(text, "utf-8")


def item(**changes: Any) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        path = folder / "questionnaire.json"
        raw = json.loads(path.read_text("utf-8"))
        raw["item"][0] |= changes
        path.write_text(json.dumps(raw), "utf-8")

    return write


@pytest.mark.parametrize("name", ["cramps", "boiler"])
def test_the_packs_at_hand_have_no_fault(name: str) -> None:
    checked = check_pack(pack_folders([PACKS])[name])

    assert checked.faults == ()
    assert checked.cases


WHEN = f'when    = {{ {SAFE}, operator = "=", answerCoding = "yes" }}'
SPOILT: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "a question with the code of a finding": (
        item(code=[{"system": "http://snomed.info/sct", "code": "74285003"}]),
        "questionnaire.json: item safety.sign: code",
        "names what may be found: an answer that denies it would read as the finding.",
    ),
    "an alarm that rests on what is not there": (
        edit("rules.toml", WHEN, f"when.all = [{YES}, {{ none = [{YES}] }}]"),
        f"{A1}: when",
        "an alerting rule must not use `none`.",
    ),
    "a `none` deep inside": (
        edit("rules.toml", WHEN, f"when.any = [{YES}, {{ all = [{{ none = [{YES}] }}] }}]"),
        f"{A1}: when",
        "an alerting rule must not use `none`.",
    ),
    "an alarm that needs a settled question": (
        edit("rules.toml", WHEN, f"when.all = [{YES}, {{ {SAFE}, open = false }}]"),
        f"{A1}: when",
        "an alerting rule must not need a settled question.",
    ),
    "no action": (edit("rules.toml", 'action  = "Act now."', ""), f"{A1}: action", "is missing."),
    "no reading": (
        edit("rules.toml", 'reading = "Say whose word this is, and what is yours."', ""),
        f"{A1}: reading",
        "is missing: this rule goes beyond its sources.",
    ),
    "a safety item that may be left out": (
        item(required=False),
        "toy: item safety.sign",
        "is a safety item and must be required.",
    ),
    "several conditions and no word how to join them": (
        item(
            enableWhen=[
                {"question": "safety.sign", "operator": "="},
                {"question": "safety.sign", "operator": "="},
            ]
        ),
        "toy: item safety.sign",
        "several conditions need enableBehavior.",
    ),
    "a condition that fillers read differently": (
        item(enableWhen=[{"question": "safety.sign", "operator": "!="}]),
        "toy: item safety.sign: enableWhen",
        "only the operator = is read alike by all form fillers.",
    ),
    "a rule that no case fires": (
        edit("cases/first.toml", 'given  = { "safety.sign" = "yes" }', "given = {}"),
        "cases: rule A1",
        "no case fires it.",
    ),
    "a rule that every case fires": (
        one_case,
        "cases: rule A1",
        "every case fires it.",
    ),
    "a safety option without a case": (
        edit("cases/first.toml", '"safety.sign" = "unknown"', ""),
        "cases: item safety.sign",
        "no case answers 'unknown'.",
    ),
    "a case that fails": (
        edit("cases/first.toml", 'expect = { level = "calm"', 'expect = { level = "alarm"'),
        "first.toml: case Without the sign nothing is listed",
        "level is calm, expected alarm (fired: nothing).",
    ),
    "a use that leads nowhere": (
        edit(
            "sources.toml",
            "# Where",
            '[[document]]\nid = "d"\ntitle = "t"\npublisher = "p"\nreviewed = "r"\nfile = "f"\n'
            f'sha256 = "{"0" * 64}"\n[[line]]\nid = "d:1"\nclaim = "c"\nsha256 = "{"0" * 64}"\n'
            '[[fact]]\nid = "F1"\nline = "d:1"\nclaim = "c"\nused-by = ["rule:A9"]\n#',
        ),
        "sources.toml: fact F1: used-by",
        "there is no rule 'A9'.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(SPOILT))
def test_each_broken_law_is_told(toy: Path, name: str) -> None:
    spoil, where, problem = SPOILT[name]
    spoil(toy)

    assert (where, problem) in faults(toy)


def test_a_pack_that_does_not_load_is_told_with_its_faults(toy: Path) -> None:
    (toy / "rules.toml").write_text("[[rule]]\n", "utf-8")

    checked = check_pack(toy)

    assert checked.pack is None
    assert all(isinstance(fault, Fault) for fault in checked.faults)
    assert len(checked.faults) > 3


# ── The sources ──


@pytest.fixture
def seeded(toy: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A pack with one document of two lines, and the folder with that document."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    text = b"First line\nSecond line\n"
    (seeds / "text.txt").write_bytes(text)
    lines = "".join(
        f'[[line]]\nid = "d:{number}"\nclaim = "c"\nsha256 = "{hashlib.sha256(line).hexdigest()}"\n'
        for number, line in enumerate(text.split(b"\n")[:2], 1)
    )
    (toy / "sources.toml").write_text(
        '[[document]]\nid = "d"\ntitle = "t"\npublisher = "p"\nreviewed = "r"\nfile = "text.txt"\n'
        f'sha256 = "{hashlib.sha256(text).hexdigest()}"\n{lines}',
        "utf-8",
    )
    return toy, seeds


def test_the_right_documents_pass(seeded: tuple[Path, Path]) -> None:
    assert faults(*seeded) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            b"First line\nSecond  line\n",
            [
                ("sources.toml: document d", "text.txt is another text: its SHA-256 differs."),
                ("sources.toml: line d:2", "the SHA-256 of the line differs."),
            ],
        ),
        (
            b"First line",
            [
                ("sources.toml: document d", "text.txt is another text: its SHA-256 differs."),
                ("sources.toml: line d:2", "the SHA-256 of the line differs."),
            ],
        ),
        (None, [("sources.toml: document d", "text.txt is not in the folder.")]),
    ],
)
def test_another_text_is_told_by_document_and_line(
    seeded: tuple[Path, Path], text: bytes | None, expected: list[tuple[str, str]]
) -> None:
    path = seeded[1] / "text.txt"
    path.unlink()
    if text is not None:
        path.write_bytes(text)

    assert faults(*seeded) == expected


SEEDS = Path(__file__).resolve().parents[2].parent / "shared" / "seeds"


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the source documents are not beside the repository")
def test_the_sources_of_the_shipped_pack_are_the_texts_they_say() -> None:
    assert list(check_seeds(load_pack(pack_folders()["cramps"]), SEEDS)) == []


def test_a_copy_of_the_shipped_pack_with_faults_in_every_file_tells_them_all(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "cramps"
    shutil.copytree(pack_folders()["cramps"], folder, ignore=shutil.ignore_patterns("released"))
    edit("pack.toml", 'floor     = "indeterminate"', 'floor = "indeterminat"')(folder)
    edit("rules.toml", '"003:21", "003:23"]', '"003:21", "003:233"]')(folder)
    edit("rules.toml", 'answerCoding = "none-new"', 'answerCoding = "non-new"')(folder)
    edit("rules.toml", 'fact = "glucose.critical-low"', 'fact = "glucos.critical-low"')(folder)
    edit("rules.toml", 'contradicts = ["fluids"]', 'contradicts = ["fluid"]')(folder)
    edit("questionnaire.json", '"linkId": "safety.limb"', '"linkId": "safety.limbs"')(folder)

    found = check_pack(folder).faults

    told = "\n".join(map(str, found))
    for part in (
        (
            "pack.toml: reassurance: floor: 'indeterminat' is not a level of pack.toml. "
            "Did you mean 'indeterminate'?"
        ),
        "rules.toml: rule E9: sources: '003:233' is not a line or citation of sources.toml.",
        (
            "rules.toml: rule E3: when.any[0].answerCoding: 'non-new' is not an option of "
            "'safety.urine'. Did you mean 'none-new'?"
        ),
        (
            "rules.toml: rule E13: when.fact: 'glucos.critical-low' is not a fact of record.toml. "
            "Did you mean 'glucose.critical-low'?"
        ),
        (
            "rules.toml: advice fluid-limits: 'fluid' is not an advice of rules.toml. "
            "Did you mean 'fluids'?"
        ),
        (
            "rules.toml: rule E12: when: question 'safety.limb' is not a linkId of the "
            "questionnaire. Did you mean 'safety.limbs'?"
        ),
        (
            "pack.toml: reassurance: safety: 'safety.limb' is not a question. "
            "Did you mean 'safety.limbs'?"
        ),
    ):
        assert part in told
