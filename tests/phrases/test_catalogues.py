"""The program's own sentences are whole in every language, and a language never decides."""

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cds.phrases.say import ENGLISH, FOLDER, Say, _catalogue, languages
from cds.web.contract import prefetch
from cds.web.trust import ehr
from cds.web.trust.ehr import _WHYS, _words
from cds.web.trust.outbound import OutboundError
from tests.phrases.notes import notes_made
from tests.phrases.sentences import sentences

ROOT = Path(__file__).resolve().parents[2]
OTHERS = [one for one in languages() if one != "en"]
PLACE = re.compile(r"\{[a-z_]+\}")


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_there_and_none_that_nobody_says(language: str) -> None:
    tables = _catalogue(language)
    own = tables.keys() - {"language", "made", "parts"}
    there = {text for name in own for text in tables[name]}

    assert sentences() - there == set()
    assert there - sentences() == set()


@pytest.mark.parametrize("language", OTHERS)
def test_every_place_stands_in_the_translation(language: str) -> None:
    for table in _catalogue(language).values():
        for text, said in table.items():
            assert sorted(PLACE.findall(text)) == sorted(PLACE.findall(said)), text
            assert said.strip(), text


def test_every_language_of_the_folder_is_known() -> None:
    assert set(languages()) == {"en", *(path.stem for path in FOLDER.glob("*.toml"))}


def test_a_language_without_a_catalogue_is_said_in_english() -> None:
    assert Say("ar")("Answered {day}", day="today") == "Answered today"
    assert Say("ar").again("status draft, not final") == "status draft, not final"


def test_what_was_made_in_english_is_said_again_by_its_words() -> None:
    say = Say("es")

    assert say.again("status draft, not final") == "estado draft, no definitivo"
    assert say.again("the query failed") == "la consulta falló"
    assert say.again("anything else") == "anything else"


@pytest.mark.parametrize("language", OTHERS)
def test_every_note_about_a_record_can_be_said_again(language: str) -> None:
    made = list(notes_made())
    say = Say(language)

    assert len(made) > 15
    assert [text for text in made if say.again(text) == text] == []


def test_the_parts_of_such_a_note_are_said_as_well() -> None:
    say, words = Say("es"), {"Potassium": "Potasio", "Takes a statin": "Toma una estatina"}
    shown = "The record shows: Takes a statin (simvastatin, on 2026-01-02; x, without a date)."
    old = (
        "Potassium 6.6 mmol/L on 2026-01-02 was not assessed: there is nothing to compare it with."
    )

    assert say.again(f"{shown} Please answer for yourself.", words).startswith(
        "La historia muestra: Toma una estatina (simvastatin, del 2026-01-02; x, sin fecha)."
    )
    assert say.again(old, words).startswith("Potasio 6.6 mmol/L del 2026-01-02 no se valoró")


def test_a_value_that_looks_like_a_place_is_no_place() -> None:
    assert Say("es")("Answered {day}", day="{count}") == "Respondido el {count}"
    assert ENGLISH("{count}") == "{count}"


def test_a_language_travels_to_a_worker() -> None:
    again = pickle.loads(pickle.dumps(Say("de", reviewed=False)))  # noqa: S301 - our own bytes

    assert again("Advice") == "Ratschläge"
    assert again.unreviewed == "Übersetzung nicht klinisch durchgesehen."


def test_german_nouns_keep_their_capital() -> None:
    assert Say("de").lower("Kalium") == "Kalium"
    assert Say("es").lower("Potasio") == "potasio"
    assert Say("es").lower("EEG") == "EEG"


@pytest.mark.parametrize("language", OTHERS)
def test_why_a_query_brought_nothing_can_be_said_again(language: str) -> None:
    say = Say(language)
    found = list(_whys())

    assert {"not sent", "not reached", "not answered in time", "server error, 503"} < set(found)
    assert [text for text in found if say.again(text) == text] == []


def _whys() -> Iterator[str]:
    """What the rooms of queries give as a reason, as it reads when it is filled in."""
    yield from (_words(OutboundError(f"status-{one}", one)) for one in (400, 401, 403, 404, 503))
    yield from (_words(OutboundError(one)) for one in ("not-reached", "too-long", "any other"))
    yield from _WHYS.values()
    for module in (ehr, prefetch):
        # From the checkout: a module that is machine code hands out no source.
        source = ROOT.joinpath(*module.__name__.split(".")).with_suffix(".py")
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            whys = [one.value for one in node.keywords if one.arg == "why"]
            if isinstance(node.func, ast.Name) and node.func.id == "_none":
                whys.append(node.args[-1])
            for why in whys:
                if isinstance(why, ast.Constant) and isinstance(why.value, str) and why.value:
                    yield why.value
