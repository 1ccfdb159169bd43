"""record.toml → RecordRules, or every fault of it at once with its place."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from cds.core.account import CONDITION, MEDICINE, PROCEDURE, RESULT
from cds.core.model import Fact, Presence
from cds.errors import Fault, PackError
from cds.record.compile_labs import analytes_of, policy_of, signs_of, systems_of, tests_of
from cds.record.compile_site import SITE_LAB, SiteLab, with_site
from cds.record.interest import Interest, displays, interest_of
from cds.record.patient import too_young_of
from cds.record.rules import (
    Analyte,
    CodesOfSystems,
    Contradiction,
    Disorders,
    Hint,
    KnownCodes,
    LabPolicy,
    Medicine,
    Nothing,
    Prefill,
    RecordRules,
    Status,
)
from cds.record.systems import Addresses
from cds.record.tables import TableReader

_STATES = {"present": Presence.PRESENT, "absent": Presence.ABSENT}
_SYSTEMS = ("loinc", "snomed", "icd10cm", "rxnorm", "atc", "ucum", "flags")
MORE_SYSTEMS = ("icd10", "sections")  # a pack may do without
_CODED = ("snomed", "icd10cm", "icd10")  # the systems of conditions and procedures


def compile_record(record: Mapping[str, Any], site_labs: Sequence[SiteLab] = ()) -> RecordRules:
    """The rules of the record, with the site's limits in the place of the pack's.

    Raises:
        PackError: record.toml, or a limit of the site, has faults.
    """
    reader = TableReader("record.toml", [])
    rules = _compile(record, site_labs, reader)
    if reader.faults:
        of_site = all(fault.where.startswith(SITE_LAB) for fault in reader.faults)
        raise PackError(SITE_LAB if of_site else "record.toml", tuple(reader.faults))
    return rules


def record_faults(
    record: Mapping[str, Any], site_labs: Sequence[SiteLab] = ()
) -> tuple[Fault, ...]:
    """Every fault of record.toml; none means that it compiles."""
    try:
        compile_record(record, site_labs)
    except PackError as error:
        return error.faults
    return ()


def _compile(
    record: Mapping[str, Any], site_labs: Sequence[SiteLab], reader: TableReader
) -> RecordRules:
    words = {
        key: text for key, text in reader.table(record, "facts").items() if isinstance(text, str)
    }
    systems = reader.table(record, "systems")
    wanted = (*_SYSTEMS, *(name for name in MORE_SYSTEMS if name in systems))
    named = {name: Addresses(reader.texts(systems, name, "systems"), name) for name in wanted}
    policy = policy_of(reader.table(record, "labs"), named, reader)
    site = with_site(analytes_of(record, reader), site_labs, reader)
    analytes = site.analytes
    medicines = reader.table(record, "medicines")
    conditions = reader.table(record, "conditions")
    procedures = reader.table(record, "procedures")
    entries = [*reader.tables(record, "condition"), *reader.tables(record, "procedure")]
    prefill = tuple(_prefill(one, where, reader) for where, one in reader.tables(record, "prefill"))
    conflicts = tuple(
        _conflict(one, where, reader) for where, one in reader.tables(record, "conflict")
    )
    rules = RecordRules(
        words=words,
        unknown={fact: Fact(fact, Presence.UNKNOWN) for fact in words},
        kinds=_kinds(record, analytes.values(), policy, reader),
        labs=policy,
        too_young=too_young_of(record, reader),
        analytes=analytes,
        analyte_systems=systems_of(record, named, reader),
        tests=tests_of(record, policy, reader),
        disorders=_disorders(record, named, reader),
        site_limits=site.limits,
        loinc=named["loinc"],
        ucum=named["ucum"],
        flag_systems=named["flags"],
        units=_units(analytes.values()),
        medicines=tuple(
            _medicine(one, where, reader) for where, one in reader.tables(record, "medicine")
        ),
        rxnorm=named["rxnorm"],
        atc=named["atc"],
        medicine_active=frozenset(reader.texts(medicines, "active", "medicines")),
        medicine_not_intents=frozenset(reader.texts(medicines, "not_intents", "medicines")),
        no_medicines=_nothing(medicines, "medicines", reader),
        conditions=CodesOfSystems(_codes(reader.tables(record, "condition"), named, reader)),
        condition_names=_names(record, CONDITION, reader),
        no_conditions=_nothing(conditions, "conditions", reader),
        condition_active=frozenset(reader.texts(conditions, "active", "conditions")),
        condition_not_verification=frozenset(
            reader.texts(conditions, "not_verification", "conditions")
        ),
        procedures=CodesOfSystems(_codes(reader.tables(record, "procedure"), named, reader)),
        procedure_names=_names(record, PROCEDURE, reader),
        procedure_done=frozenset(reader.texts(procedures, "done", "procedures")),
        not_elsewhere=frozenset(
            str(one.get("fact")) for _, one in entries if one.get("elsewhere") is False
        ),
        displays={str(one.get("fact")): str(one.get("display")) for _, one in entries},
        snomed=named["snomed"],
        statuses=dict(_statuses(record, reader)),
        prefill=prefill,
        hints=tuple(
            Hint(reader.text(one, "question", where), reader.texts(one, "facts", where))
            for where, one in reader.tables(record, "hint")
        ),
        conflicts=conflicts,
        contradicting=frozenset(
            (*(one.fact for one in prefill), *(fact for one in conflicts for fact in one.facts))
        ),
    )
    _check_facts(rules, reader)
    return rules


def _kinds(
    record: Mapping[str, Any], analytes: Iterable[Analyte], policy: LabPolicy, reader: TableReader
) -> Mapping[str, tuple[str, ...]]:
    """The facts that a result, a medicine, a condition or a procedure may support."""
    results = [fact for analyte in analytes for fact in analyte.facts]
    listed = {
        kind: [str(one.get("fact")) for _, one in reader.tables(record, kind)]
        for kind in (MEDICINE, CONDITION, PROCEDURE, "status")
    }
    results += [policy.other_critical, policy.other_repeat, *listed.pop("status")]
    return {
        kind: tuple(dict.fromkeys(every)) for kind, every in {RESULT: results, **listed}.items()
    }


def _names(record: Mapping[str, Any], kind: str, reader: TableReader) -> Interest:
    """What the conditions or procedures are called that are asked for."""
    named: list[tuple[str, tuple[str, ...]]] = []
    for where, one in reader.tables(record, kind):
        keys = (*_CODED, *(f"{system}_category" for system in _CODED))
        called = (str(one.get("display")), *displays(one, keys))
        more = reader.texts(one, "names", where) if "names" in one else ()
        named += [(name, (str(one.get("fact")),)) for name in (*called, *more)]
    return interest_of(named)


def _disorders(
    record: Mapping[str, Any], named: Mapping[str, Addresses], reader: TableReader
) -> Disorders:
    """The diagnoses that speak of a test, each with the facts of that test."""
    table = reader.table(record, "labs")
    words: list[tuple[str, tuple[str, ...]]] = []
    codes: dict[str, dict[str, tuple[str, ...]]] = {system: {} for system in _CODED}
    for where, one in reader.tables(record, "analyte"):
        facts = tuple(f"{one.get('id')}.{sign}" for sign in signs_of(one))
        listed = one.get("disorders")
        if not isinstance(listed, Mapping):
            continue
        place = f"{where}: disorders"
        for system, found in codes.items():
            for code in reader.codes(listed, system, place):
                found[code] = (*found.get(code, ()), *facts)
        called = (*displays(listed, _CODED), *reader.texts(listed, "names", place))
        words += [(name, facts) for name in called]
    known = (KnownCodes(named[one], codes[one], {}, ()) for one in _CODED if one in named)
    never = reader.texts(table, "other_disorders", "labs") if "other_disorders" in table else ()
    return Disorders(interest_of(words, never), tuple(known))


def _nothing(table: Mapping[str, Any], where: str, reader: TableReader) -> Nothing:
    words = reader.texts(table, "none_words", where) if "none_words" in table else ()
    return Nothing(
        frozenset(reader.codes(table, "none", where)),
        frozenset(reader.codes(table, "no_information", where)),
        frozenset(word.casefold() for word in words),
    )


def _units(analytes: Iterable[Analyte]) -> dict[str, tuple[str, ...]]:
    """The facts of all that is measured in a unit, by each of its spellings in lower case."""
    found: dict[str, dict[str, None]] = {}
    for analyte in analytes:
        for spelling in (one for limits in analyte.limits for one in limits.spellings):
            found.setdefault(spelling.casefold(), {}).update(dict.fromkeys(analyte.facts))
    return {spelling: tuple(facts) for spelling, facts in found.items()}


def _medicine(one: Mapping[str, Any], where: str, reader: TableReader) -> Medicine:
    names = tuple(name.casefold() for name in reader.texts(one, "names", where))
    for name in names:
        if not re.fullmatch(r"[\w -]+", name):
            reader.fault(
                f"{where}: names", f"{name!r} is not a name.", "Use letters, digits, - and spaces."
            )
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    either = "|".join(re.escape(name) for name in longest_first) or r"(?!)"
    return Medicine(
        fact=reader.text(one, "fact", where),
        display=reader.text(one, "display", where),
        codes=frozenset(reader.codes(one, "rxnorm", where)),
        substances=frozenset(reader.codes(one, "snomed", where)),
        prefixes=tuple(reader.codes(one, "atc", where)),
        words=names,
        names=re.compile(rf"(?<!\w)(?:{either})(?!\w)"),
    )


def _codes(
    entries: list[tuple[str, Mapping[str, Any]]],
    named: Mapping[str, Addresses],
    reader: TableReader,
) -> Iterator[KnownCodes]:
    for system in _CODED:
        exact: dict[str, tuple[str, ...]] = {}
        categories: dict[str, tuple[str, ...]] = {}
        for where, one in entries:
            fact = reader.text(one, "fact", where)
            for key, found in ((system, exact), (f"{system}_category", categories)):
                for code in reader.codes(one, key, where):
                    found[code] = (*found.get(code, ()), fact)
        lengths = tuple(sorted({len(code) for code in categories}))
        if system in named:
            yield KnownCodes(named[system], exact, categories, lengths)
        elif exact or categories:
            reader.fault("record.toml: systems", f"{system} is missing.", "Codes of it are listed.")


def _statuses(record: Mapping[str, Any], reader: TableReader) -> Iterator[tuple[str, Status]]:
    for where, one in reader.tables(record, "status"):
        codes = reader.codes(one, "loinc", where)
        status = Status(
            fact=reader.text(one, "fact", where),
            display=reader.text(one, "display", where),
            codes=frozenset(codes),
            present=frozenset(reader.codes(one, "present", where)),
            absent=frozenset(reader.codes(one, "absent", where)),
            window=timedelta(days=reader.number(one, "days", where)),
        )
        yield from ((code, status) for code in codes)


def _prefill(one: Mapping[str, Any], where: str, reader: TableReader) -> Prefill:
    return Prefill(
        reader.text(one, "fact", where),
        reader.text(one, "question", where),
        reader.text(one, "answer", where),
    )


def _conflict(one: Mapping[str, Any], where: str, reader: TableReader) -> Contradiction:
    written = one.get("state", "present")
    state = _STATES.get(str(written))
    if state is None:
        problem = f"{written!r} is not known."
        reader.fault(f"{where}: state", problem, 'It is "present" or "absent".')
    question = reader.text(one, "question", where)
    answers, facts = reader.texts(one, "answers", where), reader.texts(one, "facts", where)
    return Contradiction(question, frozenset(answers), facts, state or Presence.PRESENT)


def _check_facts(rules: RecordRules, reader: TableReader) -> None:
    """Every fact that is found has its words, and every fact with words can be found."""
    made = {fact for analyte in rules.analytes.values() for fact in analyte.facts}
    made |= {rules.labs.other_critical, rules.labs.other_repeat, rules.labs.unusable}
    made |= {one.fact for one in rules.medicines} | {one.fact for one in rules.statuses.values()}
    made |= set(rules.displays)
    made |= {rules.too_young.fact} if rules.too_young else set()
    for fact in sorted(made - set(rules.words)):
        reader.fault("record.toml: facts", f"{fact!r} is found but not declared.", "Add its words.")
    for fact in sorted(set(rules.words) - made):
        reader.fault(
            "record.toml: facts", f"nothing finds {fact!r}.", "Remove it, or say how it is found."
        )
    used = [("prefill", one.fact) for one in rules.prefill]
    used += [("hint", fact) for one in rules.hints for fact in one.facts]
    used += [("conflict", fact) for conflict in rules.conflicts for fact in conflict.facts]
    for table, fact in used:
        if fact not in rules.words:
            hint = reader.nearest(fact, rules.words)
            reader.fault(f"record.toml: {table}", f"{fact!r} is not a declared fact.", hint)
