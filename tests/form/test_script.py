"""The page's script decides as the engine does: run by Node here."""

import gzip
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cds.flows.assess import Assessor
from cds.knowledge.proofs.questions import questions_of_form
from cds.web.form.differential import _ENGINE, disagreements, page_and_ours, run_page
from cds.web.form.tree import knowledge_of
from tests.replies import CALM, reply, with_answer
from tests.strategies import pack_of

Json = dict[str, Any]
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
STATIC = Path(_ENGINE).parent
SCRIPTS = ("engine.js", "form.js", "result.js")
PLAIN: Mapping[str, bool] = {}
LAX = {"strict_seed": False, "safety_net": False}

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")


@pytest.mark.parametrize(
    ("name", "short", "settings"),
    [
        ("cramps", False, PLAIN),
        ("cramps", True, PLAIN),
        ("cramps", False, LAX),
        ("boiler", False, PLAIN),
        ("boiler", True, PLAIN),
    ],
)
def test_the_page_decides_as_the_engine_on_random_answers(
    name: str,
    short: bool,
    settings: Mapping[str, bool],
) -> None:
    pack = pack_of(name)
    form = next(form for form in pack.forms if form.short is short)

    compared = page_and_ours(pack, form, 100, seed=7, settings=settings)

    assert compared.worlds == 100, compared.text
    assert compared.disagreements == ()


def said(*responses: Json) -> list[str]:
    assessor = Assessor([pack_of("cramps")])
    knowledge = knowledge_of(assessor.engines[pack_of("cramps").full.url][0])
    theirs = run_page(knowledge, responses)
    assert not isinstance(theirs, str), theirs
    return disagreements(assessor, responses, theirs)


def test_the_page_decides_as_the_engine_on_what_is_open_or_only_written() -> None:
    free = {"valueString": "pickle juice"}
    responses = [
        reply(),
        reply(status="in-progress"),
        reply({"safety.urine": None}),
        reply({"safety.nerve": "unknown"}),
        reply({"safety.consciousness": "unknown"}),
        reply({"history.conditions": None, "history.symptoms": "shaky-sweaty-hungry"}),
        with_answer(reply(), "history.relievers", free),
        with_answer(reply(), "history.symptoms", free, {**free}),
        reply(dict.fromkeys(CALM)),
        reply({"safety.nerve": ["leg-weakness", "unknown"]}),
    ]

    assert said(*responses) == []


def test_each_single_answer_beside_calm_ones_is_decided_as_by_the_engine() -> None:
    pack = pack_of("cramps")
    responses = [
        reply({question.link_id: code})
        for question in questions_of_form(pack.full, pack.unknown, pack.fail_safe)
        if question.link_id in CALM
        for code in question.codes
        if code != "unresponsive-now"
    ]

    assert len(responses) > 80
    assert said(*responses) == []


def test_the_scripts_are_small() -> None:
    together = b"".join((STATIC / name).read_bytes() for name in SCRIPTS)

    assert len(gzip.compress(together, 9)) < 12_000
