"""FHIRPath in one process for many threads: each gets its own answers; waiting costs nothing."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cds.forms.fhirpath import client
from cds.forms.issues import Issue
from cds.forms.validate import validate

Json = dict[str, Any]
URL = "http://example.org/q"
THREADS = 16


def _validated(value: int, wanted: int) -> list[str]:
    """The rules of one response to a form of its own, two of whose constraints ask for a number."""
    parts: list[Json] = [
        {"url": "key", "valueId": "k"},
        {"url": "severity", "valueCode": "error"},
        {"url": "expression", "valueString": f"%resource.item.answer.value.first() = {wanted}"},
        {"url": "human", "valueString": "Must hold"},
    ]
    constraint = {
        "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-constraint",
        "extension": parts,
    }
    item = {"linkId": "q", "type": "integer", "extension": [constraint]}
    form = {
        "resourceType": "Questionnaire",
        "url": URL,
        "status": "active",
        "extension": [constraint],
        "item": [item],
    }
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": URL,
        "status": "completed",
        "item": [{"linkId": "q", "answer": [{"valueInteger": value}]}],
    }
    return [found.rule for found in validate(response, form) if found.severity != "information"]


@settings(max_examples=5)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=THREADS, max_size=40))
def test_sixteen_threads_each_get_the_answers_to_their_own_expressions(
    pairs: list[tuple[int, int]],
) -> None:
    together = threading.Barrier(THREADS)

    def one(place: int) -> list[str]:
        if place < THREADS:
            together.wait(10)
        return _validated(*pairs[place])

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(one, range(len(pairs))))

    assert found == [[] if value == wanted else ["invariant"] * 2 for value, wanted in pairs]


def test_the_process_holds_nothing_of_a_response_that_was_judged() -> None:
    _validated(1, 1)

    assert client._process is not None
    assert client._process.held == set()


def test_a_process_that_gets_no_processor_for_a_while_is_waited_for() -> None:
    _validated(1, 1)
    process = client._process
    assert process is not None
    pid = process._popen.pid
    os.kill(pid, signal.SIGSTOP)
    wake = threading.Timer(1.5, os.kill, (pid, signal.SIGCONT))
    wake.start()

    assert _validated(1, 1) == []
    wake.join()
    assert client._process is process


def test_a_runaway_ends_no_other_validation() -> None:
    runaway = "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'.matches('^(a+)+$')"
    parts: list[Json] = [
        {"url": "key", "valueId": "k"},
        {"url": "expression", "valueString": runaway},
    ]
    form = {
        "resourceType": "Questionnaire",
        "url": URL,
        "status": "active",
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-constraint",
                "extension": parts,
            }
        ],
        "item": [],
    }
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": URL,
        "status": "completed",
    }

    def run(place: int) -> list[str]:
        if place % 4:
            return _validated(place, place)
        issues: list[Issue] = validate(response, form)
        return [found.rule for found in issues if found.severity != "information"]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(run, range(8)))

    assert found == [["invariantExecution"] if not place % 4 else [] for place in range(8)]
