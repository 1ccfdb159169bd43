"""What a shell is offered after each word: commands, packs, scenarios, rules."""

from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from cds.__main__ import cli
from cds.commands.lazy import COMPLETE_VARIABLE, PROGRAM
from cds.flows.packs.scaffold import scaffold


def offered(*words: str, incomplete: str = "") -> list[str]:
    shell = ShellComplete(cli, {}, PROGRAM, COMPLETE_VARIABLE)
    return [item.value for item in shell.get_completions(list(words), incomplete)]


def test_every_subcommand_is_offered() -> None:
    assert set(offered("pack")) >= {"show", "check", "new", "prove", "diff", "case", "watch"}
    assert set(offered("sample")) >= {"response", "bundle", "hook"}


@pytest.mark.parametrize(
    "words", [("pack", "show"), ("pack", "prove"), ("call",), ("sample", "bundle", "--pack")]
)
def test_pack_ids_are_offered(words: tuple[str, ...]) -> None:
    assert "cramps" in offered(*words)


def test_packs_of_a_named_folder_are_offered_too(tmp_path: Path) -> None:
    scaffold("chest-pain", tmp_path)

    assert offered("pack", "show", "--packs", str(tmp_path), incomplete="ch") == ["chest-pain"]


def test_scenarios_and_rules_are_offered(tmp_path: Path) -> None:
    scaffold("chest-pain", tmp_path)
    packs = ("--packs", str(tmp_path))

    assert "no-urine" in offered("sample", "response", "--scenario")
    assert offered("sample", "hook", *packs, "--pack", "chest-pain", "--scenario") == [
        "sign",
        "nothing",
        "random",
    ]
    assert offered("pack", "case", *packs, "chest-pain") == ["A1"]
    assert offered("validate", "--ignore", incomplete="maxLe") == ["maxLength"]


def test_a_pack_with_faults_offers_nothing_and_ends_nothing(tmp_path: Path) -> None:
    scaffold("chest-pain", tmp_path)
    (tmp_path / "chest-pain" / "rules.toml").write_text("not TOML")

    assert offered("pack", "case", "--packs", str(tmp_path), "chest-pain") == []
