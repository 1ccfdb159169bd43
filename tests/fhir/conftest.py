"""Fixtures: the toy pack, decisions and contexts of it, the check of what is emitted."""

import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cds.core.conditions import Equals
from cds.core.model import (
    Answers,
    Assessment,
    Because,
    Finding,
    OpenQuestion,
    SupportedCause,
)
from cds.core.pack import Form, Pack
from cds.fhir.context import EmissionContext
from cds.fhir.emit import emit
from cds.fhir.identifiers import fingerprint
from cds.wire import JsonObject
from tests.fhir import conformance as checks
from tests.fhir import toy

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def form() -> Form:
    full: Form = toy.FORM
    return full


@pytest.fixture(scope="session")
def short_form() -> Form:
    short: Form = toy.SHORT_FORM
    return short


@pytest.fixture(scope="session")
def pack() -> Pack:
    made: Pack = toy.toy_pack()
    return made


MakeContext = Callable[..., EmissionContext]
MakeAssessment = Callable[..., Assessment]


@pytest.fixture(scope="session")
def make_context(form: Form) -> MakeContext:
    """A context: its fields, and `response` as changes to the usual one (None: gone)."""

    def make(response: JsonObject | None = None, **fields: Any) -> EmissionContext:
        merged = {**toy.RESPONSE, **(response or {})}
        merged = {key: value for key, value in merged.items() if value is not None}
        name = fields.pop("fingerprint", None) or fingerprint(merged)
        now = fields.pop("now", toy.NOW)
        context = EmissionContext(merged, name, now, "0.1.0", form)
        for field, value in fields.items():
            setattr(context, field, value)
        return context

    return make


@pytest.fixture(scope="session")
def make_assessment() -> MakeAssessment:
    """An assessment in which these rules fired."""

    def make(*fired: str, **fields: Any) -> Assessment:
        levels = {level.code: level for level in toy.LEVELS}
        findings = tuple(
            Finding(rule, levels[rule.level], (Because(rule.when.question, rule.when.codes[0]),))
            for rule in toy.RULES
            if rule.id in fired and isinstance(rule.when, Equals)
        )
        facts: dict[str, Any] = {
            "level": findings[0].level if findings else levels["home"],
            "complete": True,
            "findings": findings,
            "open": (),
            "causes": (),
            "notes": (),
            "deviations": (),
        }
        if isinstance(fields.get("level"), str):
            fields["level"] = levels[fields["level"]]
        return Assessment(**{**facts, **fields})

    return make


@pytest.fixture(scope="session")
def hand_answers() -> Answers:
    return Answers(
        asked=("safety.breath", "safety.face", "where"),
        codes={"safety.breath": ("none",), "safety.face": ("none",), "where": ("hand",)},
    )


@pytest.fixture(scope="session")
def supported_cause(pack: Pack) -> SupportedCause:
    return SupportedCause(pack.rules.causes[0], (Because("where", "hand"),))


@pytest.fixture(scope="session")
def open_face() -> OpenQuestion:
    return OpenQuestion("unanswered", ("S2",), link_id="safety.face")


@pytest.fixture(scope="session")
def conformance() -> ModuleType:
    """The check of emitted FHIR that needs nothing from outside the repository."""
    return checks


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Compare with a golden file, byte for byte; `CRAMP_CDS_REGENERATE=1` writes it instead."""

    def compare(name: str, found: bytes) -> None:
        path = HERE / "golden" / f"{name}.json"
        if os.environ.get("CRAMP_CDS_REGENERATE") == "1":
            path.write_bytes(found)
        assert path.read_bytes() == found, f"{request.node.name}: {path.name} differs"

    return compare


@pytest.fixture
def emitted(
    pack: Pack, make_assessment: MakeAssessment, make_context: MakeContext
) -> Callable[..., dict[str, JsonObject]]:
    """The resources for these rules, with `assessment` and the other arguments as changes."""

    def emitted(
        *fired: str, assessment: JsonObject | None = None, **context: Any
    ) -> dict[str, JsonObject]:
        decision = make_assessment(*fired, **(assessment or {}))
        return toy.resources(emit(decision, pack, make_context(**context)))

    return emitted
