"""population.toml of a pack: who is in a made-up population, read once with every fault told."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from cds.core.pack import Pack
from cds.errors import PackError, UsageError
from cds.flows.synthetic.draw import Weighted
from cds.flows.synthetic.habits import HABITS
from cds.flows.synthetic.samples import ANY_AGE, Scenario, ages_of
from cds.forms.form.every_item import every_item
from cds.forms.values.ucum import UCUM
from cds.knowledge.read.tables import Faults, Table, nearest, read_toml
from cds.wire import JsonObject

POPULATION_FILE = "population.toml"
_RANGE = 2  # low and high


@dataclass(frozen=True, slots=True)
class Mix:
    """How often each scenario comes, and how often (of 1,000 records) each habit."""

    name: str
    title: str
    scenarios: Weighted[str]
    habits: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class LabReporting:
    """How a laboratory reports a test. `ranges`: name → the decimals that are drawn between."""

    code: str
    display: str
    unit: str
    reference: tuple[Decimal, Decimal]
    printed: JsonObject  # the reference range as an Observation has it
    ranges: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Series:
    """Results of one test over time, every so many days; `then`: a second one, hours later."""

    ways: tuple[LabReporting, ...]
    range: str
    every: int
    over: int
    then: str | None
    hours: int
    unless: str | None


@dataclass(frozen=True, slots=True)
class Background:
    """What a person has besides the complaint; the raw tables are those of the file."""

    name: str
    share: int
    ages: tuple[int, int]
    sex: str | None
    answers: tuple[tuple[str, str], ...]
    conditions: tuple[JsonObject, ...]
    medicines: tuple[JsonObject, ...]
    one_medicine: bool
    procedures: tuple[JsonObject, ...]
    statuses: tuple[JsonObject, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class PopulationPlan:
    """All of population.toml."""

    mixes: Mapping[str, Mix]
    backgrounds: tuple[Background, ...]

    def mix(self, name: str) -> Mix:
        """The mix of this name.

        Raises:
            UsageError: there is none.
        """
        if name not in self.mixes:
            problem = f"there is no mix {name!r}."
            raise UsageError("--mix", problem, nearest(name, self.mixes))
        return self.mixes[name]


def plan_of(folder: Path, pack: Pack, scenarios: Mapping[str, Scenario]) -> PopulationPlan | None:
    """The plan of a pack; None if it has no population.toml.

    Raises:
        PackError: the file has faults.
    """
    path = folder / POPULATION_FILE
    if not path.is_file():
        return None
    faults = Faults()
    table = read_toml(path, faults)
    tests = {one.text("id"): _test(one) for one in table.tables("test")}
    plan = PopulationPlan(
        {one.text("name"): _mix(one, scenarios) for one in table.tables("mix", "name")},
        tuple(_background(one, pack, tests) for one in table.tables("background", "name")),
    )
    table.done()
    if faults.found:
        raise PackError(folder.name, tuple(faults.found))
    return plan


def _mix(table: Table, scenarios: Mapping[str, Scenario]) -> Mix:
    shares = table.table("scenarios").raw
    habits = table.table("habits").raw if table.has("habits") else {}
    for name in shares:
        if name not in scenarios:
            table.fault("scenarios", f"there is no scenario {name!r}.", nearest(name, scenarios))
    for name in habits:
        if name not in HABITS:
            table.fault("habits", f"there is no habit {name!r}.", nearest(name, HABITS))
    for name, value in (*shares.items(), *habits.items()):
        if not isinstance(value, int) or value < 1:
            table.fault(name, "must be a whole number from 1 on.", "It is a share of 1,000.")
    made = Mix(
        table.text("name"),
        table.text("title"),
        Weighted([(name, _whole(share)) for name, share in shares.items()] or [("", 1)]),
        tuple((name, _whole(share)) for name, share in habits.items()),
    )
    table.done()
    return made


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 1


def _test(table: Table) -> tuple[LabReporting, ...]:
    ways = []
    for one in table.tables("way", "code"):
        reference = one.texts("reference", None)
        ranges = {name: tuple(pair) for name, pair in one.table("ranges").raw.items()}
        if len(reference) != _RANGE or any(len(pair) != _RANGE for pair in ranges.values()):
            one.fault("reference", "and each of ranges must be two decimals in quotes.")
            continue
        unit = one.text("unit")
        ways.append(
            LabReporting(
                one.text("code"),
                one.text("display"),
                unit,
                (Decimal(reference[0]), Decimal(reference[1])),
                {"low": lab_quantity(reference[0], unit), "high": lab_quantity(reference[1], unit)},
                {name: (pair[0], pair[1]) for name, pair in ranges.items()},
            )
        )
        one.done()
    table.done()
    return tuple(ways)


def lab_quantity(text: str, unit: str) -> JsonObject:
    """A measured value with its unit, as a laboratory writes it."""
    return {"value": Decimal(text), "unit": unit, "system": UCUM, "code": unit}


def _background(
    table: Table, pack: Pack, tests: Mapping[str, tuple[LabReporting, ...]]
) -> Background:
    answers = table.table("answers").raw if table.has("answers") else {}
    made = Background(
        name=table.text("name"),
        share=table.raw.get("share", 0),
        ages=ages_of(table) or ANY_AGE,
        sex=table.optional("sex"),
        answers=tuple(answers.items()),
        conditions=tuple(table.raw.get("conditions", ())),
        medicines=tuple(table.raw.get("medicines", ())),
        one_medicine=table.flag("one-medicine", default=False),
        procedures=tuple(table.raw.get("procedures", ())),
        statuses=tuple(table.raw.get("statuses", ())),
        series=tuple(
            made
            for one in table.raw.get("series", ())
            if (made := _series(one, table, tests)) is not None
        ),
    )
    options = {
        (item["linkId"], option.get("valueCoding", {}).get("code", ""))
        for item in every_item(pack.full.raw)
        for option in item.get("answerOption", [])
    }
    for link_id, code in answers.items():
        if (link_id, code) not in options:
            table.fault("answers", f"{link_id} has no option {code!r}.")
    for key in ("share", "title", "conditions", "medicines", "procedures", "statuses", "series"):
        table.has(key)
    table.done()
    return made


def _series(
    one: Mapping[str, Any], table: Table, tests: Mapping[str, tuple[LabReporting, ...]]
) -> Series | None:
    """A series of a background; None, and a fault, where its test or a range is not there."""
    name, wanted = one.get("test", ""), [one.get("range"), one.get("then")]
    if name not in tests:
        table.fault("series", f"there is no test {name!r}.", nearest(name, tests))
        return None
    for kind in filter(None, wanted):
        if any(kind not in way.ranges for way in tests[name]):
            table.fault("series", f"not every way of {name!r} has the range {kind!r}.")
            return None
    inner = Table(one, f"{table.where}: series {name}", table.faults)
    for key in ("test", "every", "over", "hours"):
        inner.has(key)
    made = Series(
        tests[name],
        inner.text("range"),
        _whole(one.get("every")),
        _whole(one.get("over")),
        inner.optional("then"),
        _whole(one.get("hours")),
        inner.optional("unless"),
    )
    inner.done()
    return made
