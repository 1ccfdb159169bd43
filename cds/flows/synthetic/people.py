"""Made-up people: patients, practitioners, organisations, in the shape of US Core and the IPS."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from cds.fhir.primitives import xml
from cds.flows.synthetic.draw import Draw, Weighted
from cds.wire import JsonObject

US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
TERMS = "http://terminology.hl7.org/CodeSystem/"
# "test health data": what every resource of a made-up population is labelled with.
TEST_DATA = {
    "system": f"{TERMS}v3-ActReason",
    "code": "HTEST",
    "display": "test health data",
}
_PRACTITIONERS, ORGANIZATIONS = 24, 6
_LANGUAGES = "urn:ietf:bcp:47"
_YEAR = 365
_OTHER = 10  # of 1,000, whose gender is neither


@dataclass(frozen=True, slots=True)
class Region:
    """Where people come from, with what they are called there."""

    language: str
    language_name: str
    country: str
    given: dict[str, tuple[str, ...]]
    family: tuple[str, ...]
    cities: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class People:
    """people.toml."""

    ages: Weighted[tuple[int, int]]
    regions: Weighted[Region]
    streets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Who someone is; `gender` as a FHIR record has it, `age` in whole years."""

    given: str
    family: str
    gender: str
    age: int
    born: date
    region: Region


@cache
def people() -> People:
    """The names that are drawn from."""
    import tomli  # noqa: PLC0415 - only those who make people need it

    table = tomli.loads((Path(__file__).parent / "people.toml").read_text("utf-8"))
    regions = [
        (
            Region(
                one["language"],
                one["language-name"],
                one["country"],
                {
                    "female": tuple(one["female"]),
                    "male": tuple(one["male"]),
                    "other": (*one["female"], *one["male"]),
                },
                tuple(one["family"]),
                tuple((name, state, code) for name, state, code in one["cities"]),
            ),
            one["share"],
        )
        for one in table["region"]
    ]
    ages = [((low, high), share) for low, high, share in table["ages"]]
    return People(Weighted(ages), Weighted(regions), tuple(table["streets"]))


def person(draw: Draw, ages: tuple[int, int], sex: str | None, today: date) -> Person:
    """Someone of these ages (years, both included) and this sex (None: any)."""
    known = people()
    low, high = draw.weighted(known.ages)
    low, high = max(low, ages[0]), min(high, ages[1])
    if low > high:
        low, high = ages
    age = draw.between(low, high)
    gender = sex or draw.pick(("female", "male"))
    if sex is None and draw.chance(_OTHER):
        gender = "other"
    region = draw.weighted(known.regions)
    return Person(
        draw.pick(region.given[gender]),
        draw.pick(region.family),
        gender,
        age,
        _birthday(today, age, draw.between(0, _YEAR - 1)),
        region,
    )


def _birthday(today: date, age: int, since: int) -> date:
    """The birth of someone who is `age` years old today, and had a birthday `since` days ago."""
    last = today - timedelta(days=since)
    if (last.month, last.day) == (2, 29):
        last -= timedelta(days=1)
    return last.replace(year=last.year - age)


def codeable(system: str, code: str, **more: str) -> JsonObject:
    """A CodeableConcept of one code; `more` stands in its coding, too."""
    return {"coding": [{"system": system, "code": code, **more}]}


def stamped(kind: str, identifier: str, profile: str | None, said: str) -> JsonObject:
    """The head of a resource: what it is, that it is test data, and that again in words."""
    meta: JsonObject = {"security": [TEST_DATA]}
    if profile:
        meta["profile"] = [US_CORE + profile]
    return {
        "resourceType": kind,
        "id": identifier,
        "meta": meta,
        "text": {
            "status": "generated",
            "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>Synthetic test data, no real '
            f"person: {xml(said)}.</p></div>",
        },
    }


def labelled(resource: JsonObject) -> JsonObject:
    """The resource with the label of test data, and with words that say so where it has none."""
    kind = resource["resourceType"]
    head = stamped(kind, resource["id"], None, f"a {kind}")
    meta = {**head["meta"], **resource.get("meta", {})}
    return {**head, **resource, "meta": meta}


def patient(who: Person, identifier: str, base: str, draw: Draw) -> JsonObject:
    """The Patient resource."""
    known = people()
    city, state, code = draw.pick(who.region.cities)
    line = f"{draw.between(1, 199)} {draw.pick(known.streets)}"
    made = stamped("Patient", identifier, "patient", f"{who.given} {who.family}")
    made["identifier"] = [
        {
            "use": "usual",
            "type": codeable(f"{TERMS}v2-0203", "MR", display="Medical record number"),
            "system": f"{base}/sample-patients",
            "value": identifier,
        }
    ]
    made["active"] = True
    made["name"] = [{"use": "official", "family": who.family, "given": [who.given]}]
    made["telecom"] = [
        {"system": "phone", "value": f"555-01{draw.between(0, 99):02}", "use": "home"}
    ]
    made["gender"] = who.gender
    made["birthDate"] = who.born.isoformat()
    made["address"] = [
        {
            "use": "home",
            "line": [line],
            "city": city,
            "state": state,
            "postalCode": f"{code}{draw.between(0, 99):02}",
            "country": who.region.country,
        }
    ]
    language = codeable(_LANGUAGES, who.region.language, display=who.region.language_name)
    made["communication"] = [{"language": language, "preferred": True}]
    return made


def organizations(seed: int, base: str) -> list[JsonObject]:
    """Where a population is treated: the same for every patient of a seed."""
    made = []
    for number in range(ORGANIZATIONS):
        draw = Draw(f"organization/{seed}/{number}")
        city, state, code = draw.pick(draw.weighted(people().regions).cities)
        name = f"{city} Example Clinic {number + 1}"
        one = stamped("Organization", f"org-{seed}-{number}", "organization", name)
        one["identifier"] = [{"system": f"{base}/sample-organizations", "value": one["id"]}]
        one["active"] = True
        one["name"] = name
        one["telecom"] = [{"system": "phone", "value": f"555-01{draw.between(0, 99):02}"}]
        one["address"] = [
            {"line": ["1 Example Street"], "city": city, "state": state, "postalCode": f"{code}01"}
        ]
        made.append(one)
    return made


def practitioners(seed: int, base: str) -> list[JsonObject]:
    """Who treats a population: the same for every patient of a seed."""
    made = []
    for number in range(_PRACTITIONERS):
        draw = Draw(f"practitioner/{seed}/{number}")
        who = person(draw, (28, 66), None, date(2026, 1, 1))
        said = f"{who.given} {who.family}, clinician"
        one = stamped("Practitioner", f"prac-{seed}-{number}", "practitioner", said)
        one["identifier"] = [{"system": f"{base}/sample-practitioners", "value": one["id"]}]
        one["active"] = True
        one["name"] = [{"use": "official", "family": who.family, "given": [who.given]}]
        made.append(one)
    return made
