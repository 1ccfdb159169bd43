"""What helps the author of a pack: skeletons of cases, a check on every save."""

import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cds.flows.packs.case_skeleton import skeleton
from cds.flows.packs.cases import read_cases, run_cases
from cds.flows.packs.check import check_pack
from cds.flows.packs.scaffold import scaffold
from cds.knowledge.read.pack import load_pack
from cds.knowledge.read.tables import Faults
from tests.strategies import pack_of

Call = Callable[..., Any]
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["cramps", "boiler"])
def test_the_skeleton_of_a_rule_is_a_case_that_can_be_run_and_fires_it(
    name: str, tmp_path: Path
) -> None:
    pack = pack_of(name)
    (tmp_path / "cases").mkdir()
    written = [skeleton(pack, rule.id) for rule in pack.rules.rules]
    for number, text in enumerate(written):
        (tmp_path / "cases" / f"{number}.toml").write_text(text)

    faults = Faults()
    outcomes = list(run_cases(read_cases(tmp_path, pack, faults), pack))

    assert faults.found == []
    fired = {
        one.case.expected.fired_include[0]
        for one in outcomes
        if set(one.fired) >= set(one.case.expected.fired_include)
    }
    # The few that look at one answer twice, or at what is not there, a person finishes.
    assert len(fired) >= 0.9 * len(pack.rules.rules)


def test_a_rule_that_is_not_there_gets_the_nearest(call: Call) -> None:
    done = call("pack", "case", "cramps", "E66")

    assert done.code == 2
    assert "there is no rule 'E66'" in done.err


def test_a_question_that_no_rule_looks_at_is_no_safety_question(tmp_path: Path) -> None:
    scaffold("chest-pain", tmp_path)
    pack = tmp_path / "chest-pain" / "pack.toml"
    rules = tmp_path / "chest-pain" / "rules.toml"
    rules.write_text(
        rules.read_text().replace(
            'question = "safety.sign", operator = "=", answerCoding = "yes"', 'fact = "nothing"'
        )
    )
    (tmp_path / "chest-pain" / "record.toml").write_text('[facts]\n"nothing" = "Nothing"\n')

    faults = [str(fault) for fault in check_pack(pack.parent).faults]

    assert any(
        "item safety.sign: is a safety question that no rule looks at" in one for one in faults
    )


def test_a_safety_question_must_have_codes_for_answers(tmp_path: Path) -> None:
    scaffold("chest-pain", tmp_path)
    form = tmp_path / "chest-pain" / "questionnaire.json"
    form.write_text(form.read_text().replace('"type": "choice"', '"type": "string"', 1))

    faults = " ".join(str(fault) for fault in check_pack(form.parent).faults)

    assert "safety.sign" in faults


def test_a_new_pack_has_people_to_sample(tmp_path: Path, call: Call) -> None:
    scaffold("chest-pain", tmp_path)

    listed = call("sample", "response", "--list", "--pack", "chest-pain", "--packs", tmp_path)

    assert [line.split()[0] for line in listed.text.splitlines()] == ["sign", "nothing", "random"]
    assert load_pack(tmp_path / "chest-pain").id == "chest-pain"


def test_a_save_is_checked_again(tmp_path: Path) -> None:
    scaffold("chest-pain", tmp_path)
    rules = tmp_path / "chest-pain" / "rules.toml"
    page = str(tmp_path / "page.html")
    watching = subprocess.Popen(
        [sys.executable, "cli.py", "pack", "watch", str(rules.parent), "--page", page],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert watching.stderr is not None
        assert "no fault, 4 golden cases run" in watching.stderr.readline()
        time.sleep(0.05)  # a clock of files may be coarse
        rules.write_text(rules.read_text().replace('"alarm"', '"alarmm"'))
        assert "1 fault" in watching.stderr.readline()
    finally:
        watching.terminate()
        out, _ = watching.communicate(timeout=20)

    assert "Did you mean 'alarm'?" in out
    assert "The sign is there" in (tmp_path / "page.html").read_text()


def test_case_skeletons_are_toml() -> None:
    (case,) = tomllib.loads(skeleton(pack_of("cramps"), "E6"))["case"]

    assert set(case) == {"name", "given", "expect"}
