"""A new pack: whole or not at all, and at once good enough to decide."""

from pathlib import Path

import pytest

from cds.errors import UsageError
from cds.flows.assess import Assessor
from cds.flows.packs.check import check_pack
from cds.flows.packs.scaffold import scaffold
from cds.flows.synthetic.responses import response_of
from cds.knowledge.read.pack import load_pack
from tests.replies import NOW


def test_a_new_pack_passes_its_own_checks(tmp_path: Path) -> None:
    made = scaffold("chest-pain", tmp_path)

    checked = check_pack(tmp_path / "chest-pain")

    assert checked.faults == ()
    assert checked.cases == 4
    assert {path.name for path in made} >= {"pack.toml", "rules.toml", "questionnaire.json"}
    assert not any("@ID@" in path.read_text("utf-8") for path in made)
    assert [path.name for path in tmp_path.iterdir()] == ["chest-pain"]


@pytest.mark.parametrize(
    ("answer", "level"), [("yes", "alarm"), ("no", "calm"), ("unknown", "not-settled")]
)
def test_a_new_pack_decides_without_a_line_of_python(
    tmp_path: Path, answer: str, level: str
) -> None:
    scaffold("chest-pain", tmp_path)
    pack = load_pack(tmp_path / "chest-pain")
    response = response_of(pack.full, {"safety.sign": answer})

    assessed = Assessor([pack]).assess(response, now=NOW)

    assert assessed.level.code == level
    assert assessed.to_fhir()["resourceType"] == "Bundle"


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "x",
        "Chest",
        "chest pain",
        "../chest",
        "chest/pain",
        "1chest",
        "-chest",
        "c" * 60,
        "schön",
    ],
)
def test_an_id_that_could_not_be_a_folder_and_an_address_is_refused(
    tmp_path: Path, identifier: str
) -> None:
    with pytest.raises(UsageError) as caught:
        scaffold(identifier, tmp_path)

    assert caught.value.where == "ID"
    assert list(tmp_path.iterdir()) == []


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "chest-pain").mkdir()
    (tmp_path / "chest-pain" / "mine.txt").write_text("mine", "utf-8")

    with pytest.raises(UsageError) as caught:
        scaffold("chest-pain", tmp_path)

    assert caught.value.where == str(tmp_path / "chest-pain")
    assert [path.name for path in (tmp_path / "chest-pain").iterdir()] == ["mine.txt"]


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    scaffold("chest-pain", tmp_path / "a" / "b")

    assert (tmp_path / "a" / "b" / "chest-pain" / "pack.toml").is_file()
