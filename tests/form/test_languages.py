"""Languages: which one a person gets, whole in each, and right to left by data alone."""

import re
import shutil
from pathlib import Path

import pytest

from cds.flows.assess import Assessor
from cds.knowledge.read.pack import pack_folders
from cds.knowledge.read.spoken import form_in, with_translations
from cds.knowledge.read.translations import (
    Translation,
    _wanted,
    check_translations,
    read_translations,
)
from cds.web.contract.languages import accepted, chosen
from cds.web.form.export import exported
from cds.web.form.language import PageWords, all_words
from cds.web.form.offered import Spoken, spoken_of
from cds.web.settings import FormSettings
from tests.form.conftest import Visit
from tests.form.emr import Emr
from tests.form.launches import launch, person_of
from tests.form.test_smart import WATER_PILL
from tests.strategies import pack_of

LANGUAGES = ("en", "es", "de")
UCUM = "http://unitsofmeasure.org"
FOLDER = pack_folders()["cramps"]
PLACE = re.compile(r"\{[a-z]+\}")
MANY = FormSettings(enabled=True, languages=LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_own_words_are_whole_in_every_language(language: str) -> None:
    own, base = all_words()[language].texts, all_words()["en"].texts

    assert own.keys() == base.keys()
    for key, text in base.items():
        assert set(PLACE.findall(own[key])) == set(PLACE.findall(text)), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_pack_says_is_whole_in_every_language(language: str) -> None:
    found = read_translations(FOLDER)[language]

    assert not (_wanted(pack_of("cramps"), language).keys() - found.texts.keys())


@pytest.mark.parametrize(
    ("line", "replaced", "fault"),
    [
        ('text = "Sicherheitsfragen"', "", "item.safety.text: is missing"),
        ('diabetes                      = "Z', 'diabetis = "Z', "cause.diabetis: is not a text"),
        ("{emergency-number}", "{number}", "has a placeholder in braces that nothing fills in"),
        ('direction        = "ltr"', 'direction = "up"', "is neither ltr nor rtl"),
    ],
)
def test_a_faulty_translation_is_a_fault_of_the_pack(
    tmp_path: Path, line: str, replaced: str, fault: str
) -> None:
    folder = tmp_path / "cramps"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "i18n" / "de.toml"
    text = file.read_text(encoding="utf-8")
    assert line in text
    changed = text.replace('pack-version     = "2.0.0"', "").replace(line, replaced)
    file.write_text(changed, encoding="utf-8")

    found = [str(one) for one in check_translations(pack_of("cramps"), folder)]
    assert any(fault in one for one in found)


def test_the_first_language_of_all_that_are_wanted_is_taken() -> None:
    offered = ("en", "es", "de")

    assert chosen([None, "", "fr", "es-MX", "de"], offered) == "es"
    assert chosen(["fr"], offered) == "en"
    assert accepted("fr;q=0.9, de;q=0.95, es;q=0") == ["de", "fr"]


def test_the_address_then_the_visit_then_the_browser_choose_the_language(visit: Visit) -> None:
    person = visit(form=MANY)

    assert 'lang="de"' in person.open("/forms/cramps", **{"accept-language": "de-AT,en;q=0.5"}).html
    assert 'lang="es"' in person.open("/forms/cramps?lang=es", **{"accept-language": "de"}).html
    assert 'lang="es"' in person.press(**{"safety.consciousness": "unresponsive-now"}).html
    person.press("lang:de")
    person.open("/forms/cramps?lang=fr")
    person.press("lang:es")
    assert 'lang="es"' in person.open("/forms/cramps", **{"accept-language": "de"}).html


def test_a_language_that_the_site_does_not_list_is_not_offered(visit: Visit) -> None:
    page = visit().open("/forms/cramps?lang=es")

    assert 'lang="en"' in page.html
    assert "Español" not in page.html


def test_the_patients_own_language_is_taken_before_the_browsers(visit: Visit, emr: Emr) -> None:
    spanish = {"coding": [{"system": "urn:ietf:bcp:47", "code": "es"}]}
    emr.kept["Patient"]["p1"]["communication"] = [{"language": spanish, "preferred": True}]
    person = visit(form=MANY, clients=person_of(visit, emr).caller.service.config.clients)
    page = launch(person, emr)

    assert 'lang="es"' in page.html


@pytest.mark.parametrize(
    ("language", "question", "level", "number"),
    [
        ("es", "¿la persona se desmayó", "EMERGENCIA", "el número local de emergencias"),
        ("de", "ohnmächtig", "NOTFALL", "die örtliche Notrufnummer"),
    ],
)
def test_a_whole_visit_in_another_language_has_no_english_word(
    visit: Visit, language: str, question: str, level: str, number: str
) -> None:
    person = visit(form=MANY)
    page = person.open(f"/forms/cramps?lang={language}")
    assert question in page.text
    page = person.press(f"lang:{language}")
    page = person.press(**{"safety.consciousness": "unresponsive-now"})

    assert level in page.text
    assert number in page.text
    person_part = page.text.partition("E1")[0]
    assert not re.search(r"\b(EMERGENCY|Result|Because|What to do|clinician)\b", person_part)
    response = person.look("/forms/cramps/result/response.json").json()
    assert response["item"][0]["item"][0]["text"].startswith("In the last 24 hours")


def observation(identifier: str, code: str, unit: str, when: str) -> dict[str, object]:
    return {
        "resourceType": "Observation",
        "id": identifier,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": when,
        "valueQuantity": {"value": 6.6, "unit": unit, "system": UCUM, "code": unit},
    }


@pytest.mark.parametrize(
    ("language", "found", "told"),
    [
        ("es", "Potasio: alterado en la última medición", "Potasio 6.6 mmol/L del 2020-01-02 fue"),
        ("de", "Kalium: ", "Kalium 6.6 mmol/L vom 2020-01-02 war"),
    ],
)
def test_what_the_record_says_is_told_in_the_language_of_the_page(
    visit: Visit, emr: Emr, language: str, found: str, told: str
) -> None:
    emr.put(observation("k1", "2823-3", "mmol/L", "2020-01-02"))
    emr.put(observation("k2", "2823-3", "furlong", "2026-11-20"))
    emr.put({**WATER_PILL, "authoredOn": "2026-01-02"})
    person = visit(form=MANY, clients=person_of(visit, emr).caller.service.config.clients)
    launch(person, emr)
    page = person.open(f"/forms/cramps?lang={language}")
    assert {"es": "del 2026-01-02", "de": "vom 2026-01-02"}[language] in page.html

    person.press(f"lang:{language}")
    page = person.press("finish", **{"history.medications:confirm": "yes"})

    assert found in page.text
    assert told in page.text
    assert not re.search(r"\b(on 20|newest|its unit|look at|record)\b", spoken_part(page.html))


def spoken_part(html: str) -> str:
    """A page without what is said to be in the pack's own language, and without addresses."""
    return re.sub(r'<(\w+) lang="en">.*?</\1>|<[^>]+>', " ", html, flags=re.DOTALL)


def test_what_no_clinician_reviewed_says_so(visit: Visit) -> None:
    page = visit(form=MANY).open("/forms/cramps?lang=de")

    assert "niemand klinisch durchgesehen" in page.text


def test_translations_travel_in_the_questionnaire_as_fhir_has_them() -> None:
    raw = dict(pack_of("cramps").full.raw)
    both = with_translations(raw, read_translations(FOLDER))
    spoken = form_in(both, "es")

    first = spoken["item"][0]["item"][0]
    assert first["text"].startswith("En las últimas 24 horas")
    assert first["answerOption"][0]["valueCoding"]["display"] == "Nada de esto"
    assert form_in(both, "de")["item"][0]["text"] == "Sicherheitsfragen"


def right_to_left() -> Spoken:
    """Every text between marks, and from right to left: what Arabic needs is data."""
    pack = pack_of("cramps")
    engine = Assessor([pack]).engines[pack.full.url][0]
    plain = all_words()["en"].texts
    words = PageWords("ar", "rtl", {key: f"«{text}»" for key, text in plain.items()})
    texts = {key: f"«{text or '{emergency-number}'}»" for key, text in _wanted(pack, "ar").items()}
    return Spoken(engine, words, Translation("ar", "rtl", "", "«number»", texts), "en", "")


def test_a_language_from_right_to_left_needs_data_only() -> None:
    page = exported(right_to_left()).decode()

    assert '<html lang="ar" dir="rtl">' in page
    assert "«In the last 24 hours" in page


def test_a_form_is_not_spoken_in_a_language_that_the_pack_has_not() -> None:
    pack = pack_of("cramps")
    engine = Assessor([pack]).engines[pack.full.url][0]

    assert spoken_of(engine, FOLDER, "fr", "") is None
    assert spoken_of(engine, None, "de", "") is None
