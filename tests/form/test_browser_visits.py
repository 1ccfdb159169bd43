"""Visits in a real browser that an EHR, a language or a refusal shapes: read, and heard by axe.

The pictures stand in out/form/shots.
"""

import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.form.conftest import PATIENT
from tests.form.driving import FIRST, SIGN, Drive
from tests.form.emr import Emr
from tests.form.launches import ANSWERS
from tests.form.test_smart import WATER_PILL
from tests.web.processes import ROOT, Running

pytestmark = pytest.mark.slow

Json = dict[str, Any]
Launch = Callable[..., Any]
LOOKS: dict[str, Json] = {
    "desktop": {},
    "phone": {"viewport": {"width": 320, "height": 640}},
    "dark": {"colorScheme": "dark"},
}
MEDICINES = "history.medications"
CALM = [[name, value] for name, values in ANSWERS.items() if name != MEDICINES for value in values]
# The file that docs/form.md begins with, of another EHR and elsewhere on the disk.
SETTINGS = ROOT / "deploy" / "sandbox-form.toml"
OTHERS = {
    "http://127.0.0.1:8000": "{public}",
    "https://launch.smarthealthit.org/v/r4/fhir": "{base}",
}


@pytest.fixture(scope="module")
def ehr(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Emr, str]]:
    """An EHR with one patient, and the service whose form it launches."""
    folder = tmp_path_factory.mktemp("ehr")
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    made, public = Emr(), f"http://127.0.0.1:{port}"
    made.redirect = f"{public}/smart/callback"
    file = folder / "site.toml"
    settings = SETTINGS.read_text()
    for text, other in OTHERS.items():
        assert text in settings
        settings = settings.replace(text, other.format(public=public, base=made.base))
    file.write_text(settings)
    log = {"CRAMP_CDS_STORE__URL": f"sqlite:///{folder}/decisions.db"}
    service = Running("--config", str(file), "--port", str(port), environment=log)
    yield made, public
    service.stop()
    made.close()


@pytest.fixture
def launch(ehr: tuple[Emr, str], drive: Drive) -> Iterator[Launch]:
    """Launch the form in a browser and take these steps; the EHR is as it was afterwards."""
    emr, public = ehr
    emr.kept = {"Patient": {"p1": dict(PATIENT)}}

    def launched(name: str, *steps: list[str], **options: Any) -> Json:
        emr.used.clear()
        query = urlencode({"iss": emr.base, "launch": emr.launch})
        found: Json = drive(
            "walk",
            url=f"{public}/smart/launch?{query}",
            ehr=emr.url,
            name=name,
            steps=steps,
            answers=CALM,
            options=options,
            expects=["422 (Unprocessable"],  # beside their question stands what is wrong
        )
        assert found["found"] == []
        assert max(found["wide"], default=0) <= 0
        return found

    yield launched
    emr.over_for, emr.refuses, emr.grants = set(), set(), None


@pytest.mark.parametrize("look", LOOKS)
def test_a_half_filled_form_says_where_each_answer_is_from(
    launch: Launch, ehr: tuple[Emr, str], look: str
) -> None:
    ehr[0].put(dict(WATER_PILL))
    texts = launch(
        f"half-filled-{look}",
        ["answer"],
        ["look", "record"],
        ["press", "#send"],
        ["look", "unconfirmed"],
        ["click", f"[name='{MEDICINES}:confirm']"],
        ["press", "#send"],
        ["look", "result"],
        **LOOKS[look],
    )["texts"]

    assert "Check it and confirm it, or change it." in texts["unconfirmed"]
    assert "Written: The answers." in texts["result"]


def test_a_visit_that_was_left_is_continued(launch: Launch, ehr: tuple[Emr, str]) -> None:
    first = [list(FIRST), ["safety.urine", "usual"]]
    launch("left", *(["check", *one] for one in first), ["press", "#send"], ["press", "#send"])
    kept = ehr[0].kept["QuestionnaireResponse"]
    assert [one["status"] for one in kept.values()] == ["in-progress"]

    launch("continued", ["look", "again"], ["answer"], ["look", "whole"])


def test_a_refused_write_back_is_told_with_what_to_do(launch: Launch, ehr: tuple[Emr, str]) -> None:
    ehr[0].transactions = False
    ehr[0].refuses = {"POST RiskAssessment", "POST QuestionnaireResponse"}
    steps = [["check", *FIRST], ["check", *SIGN], ["press", "#send"], ["look", "result"]]
    texts = launch("refused", *steps)["texts"]
    ehr[0].transactions = True

    assert "refused" in texts["result"]


def test_an_expired_token_is_told_and_the_answers_stay(
    launch: Launch, ehr: tuple[Emr, str]
) -> None:
    ehr[0].over_for = {"POST"}  # not by a short life: a fast machine would be done before its end
    steps = [["check", *FIRST], ["check", *SIGN], ["press", "#send"], ["look", "result"]]
    texts = launch("expired", ["answer"], *steps)["texts"]

    assert "Connect" in texts["result"]


@pytest.mark.parametrize("language", ["es", "de"])
def test_every_page_of_another_language_is_heard(launch: Launch, language: str) -> None:
    texts = launch(
        language,
        ["press", f"button[value='lang:{language}']"],
        ["look", "first"],
        ["check", *FIRST],
        ["press", "#send"],
        ["look", "open"],
        ["check", *SIGN],
        ["look", "alarm"],
        ["press", "#send"],
        ["look", "result"],
        viewport={"width": 360, "height": 740},
    )["texts"]

    assert "112" in texts["alarm"]


def test_an_ehr_that_is_away_is_told_in_words(
    drive: Drive,
    ehr: tuple[Emr, str],
) -> None:
    emr, public = ehr
    query = urlencode({"iss": f"{emr.base}x", "launch": "launch-1"})
    found = drive(
        "walk",
        url=f"{public}/smart/launch?{query}",
        ehr=emr.url,
        name="away",
        steps=[["look", "problem"]],
        options={},
        expects=["403 (Forbidden)"],  # what is said there in words
    )

    assert found["found"] == []
    assert "not a result" in found["texts"]["problem"]
