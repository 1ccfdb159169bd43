"""FHIR packages as support: what they hold is found, and what is no package is refused."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from cds.errors import Unreadable
from cds.flows import packages
from cds.flows.packages import Packages
from cds.flows.validate import Validator

Json = dict[str, Any]
URL = "http://example.org/ValueSet/v"


def value_set(*codes: str, version: str = "1.0", url: str = URL, **more: Any) -> Json:
    include = {"system": "urn:s", "concept": [{"code": code} for code in codes]}
    made = {"resourceType": "ValueSet", "url": url, "version": version}
    return made | {"compose": {"include": [include]}} | more


def packed(path: Path, *resources: Json, **package: Any) -> str:
    contents = {f"r{n}.json": one for n, one in enumerate(resources)} | {"package.json": package}
    with tarfile.open(path, "w:gz") as archive:
        for name, value in contents.items():
            data = json.dumps(value).encode()
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return str(path)


def told(code: str, files: list[str], canonical: str = URL) -> list[str]:
    item = {"linkId": "q", "type": "choice", "answerValueSet": canonical}
    form = {"resourceType": "Questionnaire", "status": "active", "item": [item]}
    answer = {"valueCoding": {"system": "urn:s", "code": code}}
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "http://example.org/q",
        "status": "completed",
        "item": [{"linkId": "q", "answer": [answer]}],
    }
    issues = Validator(form, behind=Packages(files)).validate(response)
    return [one.rule for one in issues if one.severity != "information"]


def test_a_value_set_of_a_package_is_found(tmp_path: Path) -> None:
    file = packed(tmp_path / "a.tgz", value_set("a"))

    assert told("a", [file]) == []
    assert told("b", [file]) == ["invalidCoding"]
    assert told("b", [file], "http://example.org/ValueSet/other") == ["valueSetNotChecked"]


def test_of_several_versions_the_newest_or_the_named_one_counts(tmp_path: Path) -> None:
    old, new = value_set("a", version="1.9"), value_set("b", version="1.10")
    file = packed(tmp_path / "a.tgz", old, new)

    assert told("b", [file]) == []
    assert told("a", [file], f"{URL}|1.9") == []
    assert told("a", [file], f"{URL}|2") == ["valueSetNotChecked"]


@pytest.mark.parametrize("name", ["b-2.0.tgz", "b#2.0.tgz", "b.tgz"])
def test_a_package_brings_those_beside_it_that_it_names(tmp_path: Path, name: str) -> None:
    packed(tmp_path / name, value_set("a"))
    file = packed(tmp_path / "a.tgz", dependencies={"b": "2.0", "../c": "1", "d": "1"})

    assert told("b", [file]) == ["invalidCoding"]


def test_packages_that_name_each_other_end(tmp_path: Path) -> None:
    packed(tmp_path / "b.tgz", value_set("a"), dependencies={"a": "1"})
    file = packed(tmp_path / "a.tgz", dependencies={"b": "1"})

    assert told("a", [file]) == []


def test_a_form_of_a_package_is_found(tmp_path: Path) -> None:
    form = {
        "resourceType": "Questionnaire",
        "url": "http://example.org/q",
        "status": "active",
        "item": [{"linkId": "q", "type": "string", "required": True}],
    }
    file = packed(tmp_path / "a.tgz", form)
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "http://example.org/q",
        "status": "completed",
    }

    issues = Validator(behind=Packages([file])).validate(response)

    assert "required" in {one.rule for one in issues}


@pytest.mark.parametrize("data", [b"", b"no archive", b"\x1f\x8b broken"])
def test_what_is_no_package_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.tgz"
    path.write_bytes(data)

    with pytest.raises(Unreadable, match="not a FHIR package"):
        Packages([str(path)])
    with pytest.raises(Unreadable, match="does not exist"):
        Packages([str(tmp_path / "nowhere.tgz")])


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_MAX_BYTES", 10_000)
    file = packed(tmp_path / "a.tgz", value_set(*"abc", description="x" * 20_000))

    with pytest.raises(Unreadable, match="larger"):
        Packages([file])
