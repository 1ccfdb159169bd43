"""Golden cases: sentences a clinician reads, each run through the flow of every decision."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cds.core.model import Answers, Evidence, Fact, Facts, Presence, State
from cds.core.pack import Form, Pack
from cds.core.scoring import score, states
from cds.errors import Fault
from cds.flows.assess import Assessor
from cds.flows.deciding.assessed import Assessed
from cds.flows.deciding.engine import engine_of
from cds.flows.synthetic.responses import response_of
from cds.knowledge.read.tables import Faults, Table, nearest, read_toml

_NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
_STATES = {"open": State.OPEN, "ruled-out": State.RULED_OUT, "fired": State.FLAGGED}


@dataclass(frozen=True, slots=True)
class Expected:
    """What a case asks for; None where it does not ask."""

    level: str
    complete: bool | None = None
    fired: tuple[str, ...] | None = None
    fired_include: tuple[str, ...] = ()
    not_fired: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    ruled_out: tuple[str, ...] = ()
    causes: tuple[str, ...] | None = None
    open_questions: tuple[str, ...] | None = None
    notes: tuple[str, ...] | None = None
    risk_status: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One golden case. `where` is its file and name."""

    name: str
    where: str
    response: Mapping[str, Any]
    facts: Facts
    settings: Mapping[str, bool]
    expected: Expected


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """What a case gave; `faults` is empty if that is what it asks for."""

    case: Case
    faults: tuple[Fault, ...]
    fired: tuple[str, ...]
    level: str


def read_cases(folder: Path, pack: Pack, faults: Faults) -> Iterator[Case]:
    """Every case in `cases/*.toml` of a pack's folder; what cannot be read becomes a fault."""
    tables = _tables(folder, faults)
    bases = _bases(tables)
    seen: set[str] = set()
    for table in tables:
        for entry in table.tables("case", "name"):
            case = _case(entry, pack, bases, faults)
            if case is not None:
                if case.name in seen:
                    faults.add(
                        case.where, "has the name of another case.", "Say what is special here."
                    )
                seen.add(case.name)
                yield case
        table.done()


def read_bases(folder: Path, faults: Faults) -> dict[str, Mapping[str, Any]]:
    """The answers that cases start from, by name."""
    return _bases(_tables(folder, faults))


def _tables(folder: Path, faults: Faults) -> list[Table]:
    return [read_toml(path, faults) for path in sorted((folder / "cases").glob("*.toml"))]


def _bases(tables: Iterable[Table]) -> dict[str, Mapping[str, Any]]:
    bases: dict[str, Mapping[str, Any]] = {}
    for table in tables:
        for base in table.each("base", "name"):
            bases[base.text("name")] = base.table("given").raw
    return bases


def _case(
    entry: Table, pack: Pack, bases: Mapping[str, Mapping[str, Any]], faults: Faults
) -> Case | None:
    given: dict[str, Any] = {}
    base = entry.optional("base")
    if base is not None:
        if base not in bases:
            entry.fault("base", f"there is no base {base!r}.", nearest(base, bases))
        given |= bases.get(base, {})
    given |= entry.table("given").raw if entry.has("given") else {}
    given = {link_id: answer for link_id, answer in given.items() if answer not in ("", [])}
    form = _form(entry, pack)
    status = entry.text("status", "completed")
    facts = facts_in(entry, "facts", pack)
    settings = dict(entry.table("options").raw) if entry.has("options") else {}
    expected = _expected(entry.table("expect"), pack, faults)
    name = entry.text("name")
    entry.done()
    try:
        response = response_of(form, given, status=status)
    except KeyError as error:
        faults.add(
            f"{entry.where}: given", f"{error.args[0]!r} is not a linkId or option of {form.id!r}."
        )
        return None
    return Case(name, entry.where, response, facts, settings, expected)


def _form(entry: Table, pack: Pack) -> Form:
    wanted = entry.text("questionnaire", "full")
    for form in pack.forms:
        if wanted in {form.id, "short" if form.short else "full"}:
            return form
    entry.fault("questionnaire", f"there is no form {wanted!r}.", "Write full or short.")
    return pack.full


def facts_in(entry: Table, key: str, pack: Pack) -> Facts:
    """Facts as the record would give them, each with one made-up piece of evidence."""
    if not entry.has(key):
        return Facts()
    found = {}
    for name, presence in entry.table(key).raw.items():
        if name not in pack.facts:
            entry.fault(key, f"{name!r} is not a fact of record.toml.", nearest(name, pack.facts))
        elif presence not in [one.value for one in Presence]:
            entry.fault(f"{key}: {name}", "must be present, absent, unknown or unusable.")
        else:
            evidence = (Evidence(f"Observation/{name.replace('.', '-')}"),)
            found[name] = Fact(name, Presence(presence), evidence if presence == "present" else ())
    return Facts(found)


def _expected(table: Table, pack: Pack, faults: Faults) -> Expected:
    def listed(key: str) -> tuple[str, ...] | None:
        return table.texts(key) if table.has(key) else None

    expected = Expected(
        level=table.text("level"),
        complete=table.flag("complete") if table.has("complete") else None,
        fired=listed("fired"),
        fired_include=table.texts("fired-include"),
        not_fired=table.texts("not-fired"),
        open=table.texts("open"),
        ruled_out=table.texts("ruled-out"),
        causes=listed("causes"),
        open_questions=listed("open-questions"),
        notes=listed("notes"),
        risk_status=table.optional("risk-status"),
    )
    table.done()
    rules = {rule.id for rule in pack.rules.rules}
    named = (*(expected.fired or ()), *expected.fired_include, *expected.not_fired)
    for rule in (*named, *expected.open, *expected.ruled_out):
        if rule not in rules:
            faults.add(table.where, f"{rule!r} is not a rule.", nearest(rule, rules))
    return expected


def run_cases(cases: Iterable[Case], pack: Pack) -> Iterator[CaseOutcome]:
    """Run each case; every difference between what it asks for and what came out is a fault."""
    assessors: dict[tuple[tuple[str, bool], ...], Assessor] = {}
    for case in cases:
        key = tuple(sorted(case.settings.items()))
        if key not in assessors:
            assessors[key] = Assessor([pack], dict(key))
        yield run_case(case, assessors[key])


def run_case(case: Case, assessor: Assessor) -> CaseOutcome:
    """Run one case."""
    assessed = assessor.assess(dict(case.response), now=_NOW)
    engine = engine_of(assessed.context.form, assessor.engines)
    answers = assessed.context.answers or Answers((), {})
    # The facts of a case are given as facts: how a record becomes facts is tested in its own room.
    assessment = score(engine.scorer, answers, case.facts)
    judged = assessed._replace(assessment=assessment, facts=case.facts)
    found = states(engine.scorer, answers, case.facts)
    fired = tuple(finding.rule.id for finding in assessment.findings)
    problems = tuple(
        Fault(case.where, problem) for problem in _differences(case.expected, judged, found)
    )
    return CaseOutcome(case, problems, fired, assessment.level.code)


def _differences(
    expected: Expected, assessed: Assessed, found: Mapping[str, State]
) -> Iterator[str]:
    """Everything that came out otherwise than the case asks for, in words."""
    yield from _of_level(expected, assessed)
    yield from _of_rules(expected, assessed, found)
    assessment = assessed.assessment
    causes = {cause.cause.id for cause in assessment.causes}
    if expected.causes is not None and causes != set(expected.causes):
        yield f"causes {_list(causes)}, expected {_list(expected.causes)}."
    questions = {one.link_id for one in assessment.open if one.link_id}
    yield from _missing("open questions", expected.open_questions, questions)
    notes = {note["code"] for note in assessed.document()["notes"]}
    yield from _missing("notes", expected.notes, notes)


def _of_level(expected: Expected, assessed: Assessed) -> Iterator[str]:
    assessment = assessed.assessment
    level = assessment.level.code
    if level != expected.level:
        fired = _list(finding.rule.id for finding in assessment.findings)
        yield f"level is {level}, expected {expected.level} (fired: {fired})."
    if expected.complete is not None and assessment.complete is not expected.complete:
        yield f"complete is {str(assessment.complete).lower()}."
    if expected.risk_status is not None:
        status = assessed.to_fhir()["entry"][0]["resource"]["status"]
        if status != expected.risk_status:
            yield f"RiskAssessment.status is {status}, expected {expected.risk_status}."


def _of_rules(expected: Expected, assessed: Assessed, found: Mapping[str, State]) -> Iterator[str]:
    fired = {finding.rule.id for finding in assessed.assessment.findings}
    if expected.fired is not None and fired != set(expected.fired):
        yield f"fired {_list(fired)}, expected {_list(expected.fired)}."
    if missing := set(expected.fired_include) - fired:
        yield f"did not fire: {_list(missing)}."
    if extra := set(expected.not_fired) & fired:
        yield f"fired: {_list(extra)}."
    for wanted, state in ((expected.open, State.OPEN), (expected.ruled_out, State.RULED_OUT)):
        for rule in wanted:
            if found.get(rule) is not state:
                shown = found[rule].value if rule in found else "switched off"
                yield f"{rule} is {shown}, expected {state.value}."


def _missing(what: str, expected: tuple[str, ...] | None, found: set[str]) -> Iterator[str]:
    if expected is not None and not set(expected) <= found:
        yield f"{what} {_list(found)}, expected at least {_list(expected)}."


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
