"""Responses to be validated, by us and by HAPI: to US Core's PRAPARE and to our own form.

HAPI (its FhirInstanceValidator) needs Java and Maven. It is started once for each response, warmed
up, and judges the same JSON over and over; its time is the CPU time of the thread that judges.
"""

import copy
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.peers.mixed import base_responses, questions
from cds import wire
from cds.flows.assess import installed
from cds.forms import validate as forms
from cds.forms.questionnaire import compile_questionnaire
from cds.forms.validate import validate

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
ROUNDS, EACH = 7, 60
WARM_S, MEASURED_S = 15, 10
WRONG = "with a wrong option"
NARRATIVE = '<div xmlns="http://www.w3.org/1999/xhtml"><p>What was <b>answered</b>.</p></div>'


def pairs() -> dict[str, tuple[Json, Json]]:
    """Forms and responses, each also with one fault; PRAPARE only where the corpus is at hand."""
    found = {"our own form": _own()}
    folder = ROOT.parent / "shared/corpus/questionnaire-response/uscore-prapare-example"
    if folder.is_dir():
        names = ("questionnaire.json", "response.json")
        form, response = (json.loads((folder / name).read_bytes()) for name in names)
        found = {"PRAPARE": (form, response), **found}
    form, response = found["our own form"]
    told = {"status": "generated", "div": NARRATIVE}
    narrated = {"our own form, with a narrative": (form, {**response, "text": told})}
    for name, (form, response) in list(found.items()):
        wrong = copy.deepcopy(response)
        coded = next(one for one in questions(wrong) if "valueCoding" in one["answer"][0])
        coded["answer"][0]["valueCoding"]["code"] = "no-such-code"
        found[f"{name} {WRONG}"] = (form, wrong)
    return {**found, **narrated}


def _own() -> tuple[Json, Json]:
    response = base_responses()[0]
    canonical = response["questionnaire"].partition("|")[0]
    forms = [form for pack in installed().packs for form in pack.forms if form.url == canonical]
    return dict(forms[0].raw), response


def _of_bytes(data: bytes, form: Any) -> object:
    """The issues of the response in these bytes; 0.1.0 has them in two steps."""
    if hasattr(forms, "validate_json"):
        return forms.validate_json(data, form)
    return validate(wire.read(data), form)


def measure() -> dict[str, list[float]]:
    """Microseconds a response: of the values read beforehand, and of the bytes."""
    figures = {}
    for name, (form, response) in pairs().items():
        compiled, data = compile_questionnaire(form), wire.write(response)
        alone, whole = [], []
        for _ in range(ROUNDS):
            started = time.process_time()
            for _ in range(EACH):
                validate(response, compiled)
            between = time.process_time()
            for _ in range(EACH):
                _of_bytes(data, compiled)
            alone.append(between - started)
            whole.append(time.process_time() - between)
        figures[name] = [min(alone) / EACH * 1e6, min(whole) / EACH * 1e6]
    return figures


def hapi() -> dict[str, float]:
    """Microseconds that HAPI takes for each.

    Raises:
        NotThere: HAPI cannot be run here.
    """
    from tests.hapi.hapi import libraries, run, write_pairs  # noqa: PLC0415 - not in 0.1.0

    jars = libraries(ROOT / "out/hapi")
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pairs.ndjson"
        for name, pair in pairs().items():
            write_pairs(file, [pair])
            (told,) = run(jars, file, WARM_S, MEASURED_S)
            figures[name] = told["cpu"] * 1e6
    return figures
