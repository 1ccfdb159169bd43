"""Several packs side by side: versions may, twins may not."""

import shutil
from pathlib import Path

import pytest

from cds.core.pack import Pack
from cds.errors import UsageError
from cds.flows.assess import installed
from cds.flows.deciding.engine import _versioned, engine_of
from cds.knowledge.read.installed import every_folder, every_pack
from cds.knowledge.read.pack import find_pack, pack_folders

RELEASED = pack_folders()["cramps"] / "released"


def named(packs: tuple[Pack, ...]) -> list[tuple[str, str]]:
    return [(pack.id, pack.version) for pack in packs]


@pytest.mark.parametrize("change", [False, True])
def test_two_packs_of_one_id_and_one_version_are_an_error(tmp_path: Path, change: bool) -> None:
    shutil.copytree(pack_folders()["cramps"], tmp_path / "other", ignore=lambda *_: ["released"])
    if change:
        rules = tmp_path / "other" / "rules.toml"
        rules.write_text(rules.read_text().replace("Cannot be woken:", "Cannot be roused:"))

    with pytest.raises(UsageError) as refused:
        every_pack([tmp_path])

    assert "are both cramps" in str(refused.value)


def test_a_folder_that_is_named_twice_is_one_pack() -> None:
    own = pack_folders()["cramps"].parent

    assert named(every_pack([own, own])) == named(every_pack())
    assert len(list(every_folder([own]))) == len(list(every_folder()))


def test_released_versions_lie_beside_the_newest_and_it_comes_last() -> None:
    found = [version for name, version in named(every_pack([RELEASED])) if name == "cramps"]

    assert "1.0.0" in found
    assert found[-1] == find_pack("cramps").version


def test_a_canonical_with_its_version_is_answered_by_that_version() -> None:
    assessor = installed((), (RELEASED,))
    newest = find_pack("cramps")
    first = next(pack for pack in assessor.packs if pack.version == "1.0.0")

    assert engine_of(first.full, assessor.engines).pack is first
    assert engine_of(newest.full, assessor.engines).pack.version == newest.version
    assert assessor.engines[newest.full.url][0].pack.version == newest.version
    assert assessor.engines[_versioned(first.full)][0].pack is first
