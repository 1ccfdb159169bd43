"""`assess --language`: the same decision in other words."""

from pathlib import Path

import pytest

from tests.commands.assess_kit import NOW, Call, Write
from tests.replies import ALARM, reply


@pytest.mark.parametrize(
    ("language", "level", "head", "unreviewed"),
    [
        ("es", "EMERGENCIA", "Por qué", "Traducción no revisada por un clínico."),
        ("es-MX", "EMERGENCIA", "Por qué", "Traducción no revisada por un clínico."),
        ("de", "NOTFALL", "Warum", "Übersetzung nicht klinisch durchgesehen."),
        ("en", "EMERGENCY", "Why", ""),
    ],
)
def test_the_text_is_in_the_language_asked_for(
    call: Call, write: Write, language: str, level: str, head: str, unreviewed: str
) -> None:
    done = call("assess", write("r.json", reply(ALARM)), "--now", NOW, "--language", language)

    assert done.code == 0
    text = done.out.decode()
    assert level in text.splitlines()[0]
    assert head in text.splitlines()
    assert unreviewed in text
    assert ("Sin traducir" in text) == language.startswith("es")


def test_the_document_differs_in_its_texts_only(call: Call, write: Write) -> None:
    file = write("r.json", reply(ALARM, status="in-progress"))
    own = call("assess", file, "--now", NOW, "--format", "json").json
    told = call("assess", file, "--now", NOW, "--format", "json", "--language", "de").json

    assert own["notes"] != told["notes"]
    assert {**own, "notes": ""} == {**told, "notes": ""}


def test_a_language_that_is_not_there_names_those_that_are(call: Call, write: Write) -> None:
    done = call("assess", write("r.json", reply()), "--language", "fr")

    assert done.code == 2
    assert "Known: de, en, es." in done.err


def test_a_language_that_the_site_does_not_list_is_not_offered(
    call: Call, write: Write, tmp_path: Path
) -> None:
    site = tmp_path / "site.toml"
    site.write_text('[cards]\nlanguages = ["en", "de"]\n', encoding="utf-8")
    file = write("r.json", reply(ALARM))
    listed = call("assess", file, "--language", "de", "--config", str(site))
    other = call("assess", file, "--language", "es", "--config", str(site))

    assert "NOTFALL" in listed.out.decode()
    assert other.code == 2
    assert "Known: de, en." in other.err
