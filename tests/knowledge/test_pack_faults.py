"""Loading a pack: every fault at once, with file, table, rule and the nearest right spelling."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cds.errors import PackError
from cds.knowledge.read.pack import find_pack, folder_of, load_pack
from tests.knowledge.spoil import WHEN, change, edit, form, rule, told, twice

A2 = "rules.toml: rule A2"
FAULTS: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "no condition": (rule(""), f"{A2}: when", "is missing."),
    "a linkId that is not there": (
        rule('when = { question = "safety.sing", operator = "=", answerCoding = "yes" }'),
        f"{A2}: when",
        "question 'safety.sing' is not a linkId of the questionnaire. Did you mean 'safety.sign'?",
    ),
    "an option that is not there": (
        rule('when.any = [{ question = "safety.sign", operator = "=", answerCoding = "yess" }]'),
        f"{A2}: when.any[0].answerCoding",
        "'yess' is not an option of 'safety.sign'. Did you mean 'yes'?",
    ),
    "another operator": (
        rule('when = { question = "safety.sign", operator = "!=", answerCoding = "yes" }'),
        f"{A2}: when.operator",
        'must be "=", the only one there is.',
    ),
    "a fact that is not there": (
        rule('when = { fact = "sodium.low" }'),
        f"{A2}: when.fact",
        "'sodium.low' is not a fact of record.toml.",
    ),
    "a condition of no kind": (
        rule('when = { sone = "x" }'),
        f"{A2}: when",
        "must be exactly one of: question, fact, any, all, none, at-least. Did you mean 'none'?",
    ),
    "an empty list": (
        rule("when.any = []"),
        f"{A2}: when.any",
        "must be a list with at least one condition.",
    ),
    "a count that is none": (
        rule('when = { at-least = 0, of = [{ question = "safety.sign", open = true }] }'),
        f"{A2}: when.at-least",
        "must be a whole number from 1 up.",
    ),
    "an unknown key of a rule": (
        rule('acton = "x"\n' + WHEN),
        f"{A2}: acton",
        "is not a known key. Did you mean 'action'?",
    ),
    "a level that is not there": (
        edit("rules.toml", 'level   = "alarm"', 'level   = "alrm"'),
        "rules.toml: rule A1: level",
        "'alrm' is not a level of pack.toml. Did you mean 'alarm'?",
    ),
    "a source that is not there": (
        edit("rules.toml", 'basis   = "engineering"', 'basis = "engineering"\nsources = ["000:1"]'),
        "rules.toml: rule A1: sources",
        "'000:1' is not a line or citation of sources.toml.",
    ),
    "a basis that is none": (
        edit("rules.toml", 'basis   = "engineering"', 'basis = "seeds"'),
        "rules.toml: rule A1: basis",
        "'seeds' is not a basis. Did you mean 'seed'?",
    ),
    "a seed rule without a line": (
        edit("rules.toml", 'basis   = "engineering"', 'basis = "seed"'),
        "rules.toml: rule A1: sources",
        'basis seed needs a line of a document. Like ["000:11"].',
    ),
    "an id twice": (
        twice(rule(WHEN)),
        "rules.toml: rule A2",
        "stands 2 times. Each id must be its own.",
    ),
    "a safety item that is not there": (
        edit("pack.toml", 'safety    = ["safety.sign"]', 'safety = ["safety.sin"]'),
        "pack.toml: reassurance: safety",
        "'safety.sin' is not a question. Did you mean 'safety.sign'?",
    ),
    "a floor that is no level": (
        edit("pack.toml", 'floor     = "not-settled"', 'floor = "unsettled"'),
        "pack.toml: reassurance: floor",
        "'unsettled' is not a level of pack.toml. Did you mean 'not-settled'?",
    ),
    "a text that is missing": (
        edit("pack.toml", "negative         =", "negativ ="),
        "pack.toml: wording: negative",
        "is missing. It must be a string.",
    ),
    "TOML that is none": (
        edit("rules.toml", "[[rule]]", "[[rule]"),
        "rules.toml:3:7",
        "is not TOML: Expected ']]' at the end of an array declaration. Fix this line.",
    ),
    "a key twice": (
        edit("rules.toml", 'id      = "A1"', 'id = "A1"\nid = "A1"'),
        "rules.toml:5:10",
        "is not TOML: Cannot overwrite a value. Fix this line.",
    ),
    "JSON that is none": (
        edit("questionnaire.json", '"resourceType"', "resourceType"),
        "questionnaire.json:2:3",
        "",
    ),
    "another resource": (
        form(resourceType="Library"),
        "questionnaire.json",
        "is not a FHIR Questionnaire.",
    ),
    "another version": (
        form(version="9"),
        "questionnaire.json",
        "version '9' is not the pack's '0.1.0'. Change both together.",
    ),
    "a canonical of someone else": (
        form(url="https://other.example/x"),
        "questionnaire.json",
        "url does not begin with canonical-base https://toy.example/fhir. Change one of the two.",
    ),
    "a file that is missing": (
        lambda folder: (folder / "sources.toml").unlink(),
        "sources.toml",
        "is missing. `pack new` writes every file that a pack needs.",
    ),
    "an unknown table": (
        edit("pack.toml", "[reassurance]", "[reassurence]"),
        "pack.toml: reassurance",
        "is missing. It must be a table.",
    ),
}


@pytest.mark.parametrize("name", list(FAULTS))
def test_each_fault_is_told_with_its_place_and_what_to_do(toy: Path, name: str) -> None:
    spoil, where, problem = FAULTS[name]
    spoil(toy)

    found = told(toy)

    assert any(place == where and problem in text for place, text in found), found


@pytest.mark.parametrize("file", ["pack.toml", "rules.toml", "record.toml", "sources.toml"])
@pytest.mark.parametrize("torn", ["x = ", 'x = """', "x = ["])
def test_a_file_that_is_no_toml_is_one_fault_with_its_line(
    toy: Path, tmp_path: Path, file: str, torn: str
) -> None:
    folder = tmp_path / "cramps"
    shutil.copytree(folder_of("cramps"), folder)
    for pack in (toy, folder):
        text = (pack / file).read_text("utf-8")
        (pack / file).write_text(f"{text}{torn}\n", "utf-8")

        ((where, said),) = told(pack)

        assert where.startswith(f"{file}:{len(text.splitlines()) + 1}")
        assert "is not TOML" in said


def test_all_faults_are_told_at_once(toy: Path) -> None:
    change(toy, "pack.toml", 'safety    = ["safety.sign"]', 'safety = ["safety.sin"]')
    change(toy, "pack.toml", 'action    = "Say what to do now."', 'acton = "x"')
    change(toy, "rules.toml", 'level   = "alarm"', 'level = "alrm"')
    change(toy, "rules.toml", 'answerCoding = "yes"', 'answerCoding = "yess"')
    change(toy, "sources.toml", "# Where", '[[line]]\nid = "000:1"\nclaim = "x"\nsha256 = "00"\n#')
    change(toy, "record.toml", "[facts]", '"a" = ')

    with pytest.raises(PackError) as caught:
        load_pack(toy)

    places = [fault.where for fault in caught.value.faults]
    assert len(places) >= 8
    assert {place.partition(":")[0] for place in places} == {
        "pack.toml",
        "rules.toml",
        "sources.toml",
        "record.toml",
    }
    assert str(caught.value).count("\n") == len(places)


ONE = {"linkId": "x", "type": "choice"}


@pytest.mark.parametrize(
    ("item", "where", "problem"),
    [
        (5, "item[1]", "must be an item (an object)."),
        ("x", "item[1]", "must be an item (an object)."),
        ([], "item[1]", "must be an item (an object)."),
        ({}, "item[1]: linkId", "is missing."),
        ({"type": "choice"}, "item[1]: linkId", "is missing."),
        ({**ONE, "linkId": 5}, "item[1]: linkId", "is missing."),
        ({"linkId": "x"}, "item x: type", "is missing."),
        ({**ONE, "answerOption": "x"}, "item x: answerOption", "must be a list of options."),
        ({**ONE, "answerOption": [5]}, "item x: answerOption[0]", "must be a valueCoding"),
        ({**ONE, "answerOption": [{"valueString": "a"}]}, "item x: answerOption[0]", "must be a"),
        ({**ONE, "answerOption": [{"valueCoding": "a"}]}, "item x: answerOption[0]", "must be a"),
        ({**ONE, "answerOption": [{"valueCoding": {}}]}, "item x: answerOption[0]", "must be a"),
        ({**ONE, "item": "x"}, "item x: item", "must be a list of items."),
        ({**ONE, "item": [5]}, "item x: item[0]", "must be an item (an object)."),
        ({**ONE, "enableWhen": [5]}, "item x: enableWhen", "must be a list of conditions."),
        (
            {**ONE, "enableWhen": [{"question": "safety.sig", "operator": "="}]},
            "item x: enableWhen",
            "question 'safety.sig' is not a linkId of the form. Did you mean 'safety.sign'?",
        ),
        ({"linkId": "safety.sign", "type": "choice"}, "item safety.sign", "stands 2 times."),
    ],
)
def test_a_malformed_questionnaire_is_told_and_no_crash(
    toy: Path, item: Any, where: str, problem: str
) -> None:
    path = toy / "questionnaire.json"
    raw = json.loads(path.read_text("utf-8"))
    raw["item"].append(item)
    path.write_text(json.dumps(raw), "utf-8")

    found = told(toy)

    assert found[0][0] == f"questionnaire.json: {where}"
    assert problem in found[0][1]
    # The options of a question that stands twice are those of one of the two.
    assert len(found) == 1 or "2 times" in problem


def test_a_pack_is_found_by_id_or_folder_and_read_anew_when_it_changes(toy: Path) -> None:
    before = find_pack(str(toy))
    assert find_pack("toy", (toy.parent,)) is before

    change(toy, "rules.toml", "The sign is there", "The sign is here")
    after = find_pack(str(toy))

    assert after.hash != before.hash
    assert after.rules.rules[0].title == "The sign is here"


def test_golden_cases_are_no_part_of_the_hash(toy: Path) -> None:
    before = load_pack(toy).hash
    (toy / "cases" / "first.toml").unlink()

    assert load_pack(toy).hash == before
