"""A word that changes while its code stays: no proof weighs it, so every one is listed."""

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from cds.core.pack import Pack
from cds.flows.packs.pack_diff import compare_packs, comparison_json, comparison_text
from cds.forms.form import extensions as ext
from cds.forms.form.every_item import every_item
from cds.knowledge.compared.meaning import Reworded, reworded
from cds.knowledge.read.pack import find_pack, load_pack, pack_folders
from tests.knowledge.spoil import change

FOLDER = pack_folders()["cramps"]
PACK = find_pack("cramps")
OTHER = "said otherwise"


def with_form(change_item: Any) -> Pack:
    """The pack with one item of its form changed in place."""
    raw = copy.deepcopy(dict(PACK.full.raw))
    change_item({item["linkId"]: item for item in every_item(raw)})
    return PACK._replace(forms=(PACK.full._replace(raw=raw), *PACK.forms[1:]))


def test_every_text_of_every_item_is_listed_with_its_old_and_new_words() -> None:
    for item in every_item(PACK.full.raw):
        if "text" not in item:
            continue
        link_id = item["linkId"]

        def said_otherwise(items: dict[str, Any], link_id: str = link_id) -> None:
            items[link_id]["text"] = OTHER

        found = list(reworded(PACK, with_form(said_otherwise)))
        assert found == [Reworded(f"item.{link_id}.text", item["text"], OTHER)]


def test_every_option_is_listed_changed_added_or_removed() -> None:
    for item in every_item(PACK.full.raw):
        for place, option in enumerate(item.get("answerOption", [])):
            coding, link_id = option["valueCoding"], item["linkId"]
            where = f"item.{link_id}.option.{coding['code']}"

            def other(items: dict[str, Any], at: tuple[str, int] = (link_id, place)) -> None:
                items[at[0]]["answerOption"][at[1]]["valueCoding"]["display"] = OTHER

            def gone(items: dict[str, Any], at: tuple[str, int] = (link_id, place)) -> None:
                del items[at[0]]["answerOption"][at[1]]

            less = with_form(gone)
            said = coding["display"]
            assert list(reworded(PACK, with_form(other))) == [Reworded(where, said, OTHER)]
            assert list(reworded(PACK, less)) == [Reworded(where, said, None)]
            assert list(reworded(less, PACK)) == [Reworded(where, None, said)]


def test_a_help_text_that_comes_or_goes_is_listed_and_a_new_question_is_not() -> None:
    def without_help(items: dict[str, Any]) -> None:
        group = items["safety"]
        group["item"] = [one for one in group["item"] if one["type"] != "display"]

    def without_question(items: dict[str, Any]) -> None:
        group = items["safety"]
        group["item"] = [one for one in group["item"] if one["linkId"] != "safety.limb"]

    shown = [item for item in every_item(PACK.full.raw) if item["type"] == "display"]
    added = list(reworded(with_form(without_help), PACK))
    assert {one.new for one in added} == {item["text"] for item in shown}
    assert {one.old for one in added} == {None}
    assert list(reworded(with_form(without_question), PACK)) == []


def test_short_texts_rules_levels_and_wording_are_listed() -> None:
    def shorter(items: dict[str, Any]) -> None:
        for one in items["safety.urine"]["extension"]:
            if one["url"] == ext.SHORT_TEXT:
                one["valueString"] = OTHER

    rules = PACK.rules
    first, top = rules.rules[0], rules.levels[0]
    other = PACK._replace(
        rules=rules._replace(
            rules=(first._replace(action=OTHER), *rules.rules[1:]),
            levels=(top._replace(display=OTHER), *rules.levels[1:]),
        ),
        wording=PACK.wording._replace(negative=OTHER),
    )

    assert [one.place for one in reworded(PACK, with_form(shorter))] == ["item.safety.urine.short"]
    assert {(one.place, one.old, one.new) for one in reworded(PACK, other)} == {
        (f"rule.{first.id}.action", first.action, OTHER),
        (f"level.{top.code}.display", top.display, OTHER),
        ("wording.negative", PACK.wording.negative, OTHER),
    }


def test_the_same_words_are_no_change() -> None:
    assert list(reworded(PACK, PACK)) == []


@pytest.fixture
def retold(tmp_path: Path) -> Path:
    """A copy of the pack with one question and one German option in other words."""
    folder = tmp_path / "cramps"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("released"))
    change(folder, "questionnaire.json", "Does the person have any of these now?", OTHER)
    change(folder, "i18n/de.toml", "Muskelkrampf", "Krampf")
    return folder


def test_the_command_lists_them_apart_from_what_is_proven_also_in_other_languages(
    retold: Path,
) -> None:
    compared = compare_packs(FOLDER, retold, solver=False)

    text = "\n".join(comparison_text(compared))
    listed = json.loads(json.dumps(comparison_json(compared)["meaning"]))
    assert f"Meaning to be judged by a person, since no proof weighs words: {len(listed)}" in text
    assert any(one["new"] == OTHER for one in listed)
    assert any(one["place"].startswith("[de] ") for one in listed)
    for one in listed:
        assert f"{one['place']}: “{one['old']}” → “{one['new']}”" in text


def test_a_release_is_compared_as_well() -> None:
    released = load_pack(FOLDER / "released" / "1.0.0")

    places = {one.place for one in reworded(released, PACK)}
    assert "item.safety.limb-help.text" in places
    assert "item.safety.circulation.option.breathless-or-chest-pain" in places
