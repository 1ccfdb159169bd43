"""HL7's definitions of every element, read from the tables in `data/` and compiled on demand.

The datatypes and QuestionnaireResponse are one small file a version; the other resources, which
only a contained one needs, another.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from cds.forms.elements.grammars import GRAMMARS
from cds.forms.values.primitives import PRIMITIVES, Test

RESPONSE = "QuestionnaireResponse"
_FEW = 12  # codes that are read out
DATA = Path(__file__).parent / "data"
_FILES = {"4.0": "r4", "4.3": "r4b", "5.0": "r5"}
# Profiles that stand for a type: how FHIRPath spells the type.
_SPELLED = {"SimpleQuantity": "Quantity", "MoneyQuantity": "Quantity"}


class Element(NamedTuple):
    """One element under one JSON key: `valueCoding` is the element `value` of type Coding.

    `most` is None where it repeats without end; `allowed` tells whether a code is of a required
    value set; `systems` are the codes of one by system, for what is more than a code.
    """

    name: str
    type: str
    many: bool
    most: int | None
    targets: frozenset[str]
    allowed: Test | None
    systems: Mapping[str, list[str]] | None
    value_set: str
    choice: bool

    @property
    def primitive(self) -> bool:
        """Whether a `_sibling` may stand beside it."""
        return self.type in PRIMITIVES

    def place(self, above: str) -> str:
        """The FHIRPath of this element below another."""
        spelled = _SPELLED.get(self.type, self.type)
        return f"{above}.{self.name}.ofType({spelled})" if self.choice else f"{above}.{self.name}"


class Type(NamedTuple):
    """A datatype, a resource, or a part of one (`QuestionnaireResponse.item`).

    `needed` are the elements that must be there, each with the keys that it may stand under;
    `choices` those of which only one key may be; `rules` the keys of its invariants.
    """

    name: str
    elements: Mapping[str, Element]
    needed: tuple[tuple[str, tuple[str, ...]], ...]
    choices: tuple[tuple[str, frozenset[str]], ...]
    rules: frozenset[str]
    resource: bool

    @property
    def short(self) -> str:
        """The name as it is said: `item` for `QuestionnaireResponse.item`."""
        return self.name.rpartition(".")[2]


class Definitions:
    """The definitions of one version of FHIR."""

    def __init__(self, name: str) -> None:
        """Read the datatypes; the other resources are read when one is asked for."""
        self._name = name
        self._types, self._codes = _read(f"{name}-types.json")
        self._all = False
        self._made: dict[str, Type] = {}

    def type(self, name: str) -> Type | None:
        """A type by name; None if this version of FHIR has none."""
        if name not in self._made:
            if name not in self._types:
                self._load()
            if name not in self._types:
                return None
            self._made[name] = self._compile(name)
        return self._made[name]

    def resource(self, name: str) -> Type | None:
        """A resource by its type, which no part of one and no datatype is."""
        found = None if "." in name or name in PRIMITIVES else self.type(name)
        return found if found is not None and found.resource else None

    def rules(self) -> Mapping[str, str]:
        """The keys of the invariants of each datatype, as the definitions have them."""
        types, _ = _read(f"{self._name}-types.json")
        return {name: table[""] for name, table in types.items() if table.get("")}

    def offered(self, value_set: str) -> str | None:
        """What to do where a code is not of a required value set: its codes, where they are few."""
        codes = [code for group in (self._codes.get(value_set) or {}).values() for code in group]
        return f"Use one of: {', '.join(codes)}." if 0 < len(codes) <= _FEW else None

    def _load(self) -> None:
        if not self._all:
            types, codes = _read(f"{self._name}-resources.json")
            self._types, self._codes = {**self._types, **types}, {**codes, **self._codes}
            self._all = True

    def _compile(self, name: str) -> Type:
        table: dict[str, str] = self._types[name]
        elements: dict[str, Element] = {}
        needed, choices = [], []
        for spelled, said in table.items():
            if not spelled:
                continue
            made = dict(self._elements(spelled, said))
            elements.update(made)
            if said[0] != "0":
                needed.append((spelled.removesuffix("[x]"), tuple(made)))
            if len(made) > 1:
                choices.append((spelled.removesuffix("[x]"), frozenset(made)))
        resource = "meta" in elements and "implicitRules" in elements
        if resource:
            elements["id"] = elements["id"]._replace(type="id")
        rules = frozenset(table.get("", "").split())
        return Type(name, elements, tuple(needed), tuple(choices), rules, resource)

    def _elements(self, spelled: str, said: str) -> list[tuple[str, Element]]:
        counts, _, rest = said.partition(" ")
        kinds, _, value_set = rest.partition(" = ")
        upper = counts.partition("..")[2]
        most = None if upper == "*" else int(upper)
        name = spelled.removesuffix("[x]")
        found = []
        for kind in kinds.split("|"):
            type_, _, targets = kind.partition("(")
            key = f"{name}{type_[:1].upper()}{type_[1:]}" if name != spelled else name
            key = _key(key, type_)
            allowed, systems = self._bound(type_, value_set)
            many = most != 1
            listed = frozenset(targets.rstrip(")").split(",")) - {""}
            element = Element(
                name, type_, many, most, listed, allowed, systems, value_set, name != spelled
            )
            found.append((key, element))
        return found

    def _bound(
        self, type_: str, value_set: str
    ) -> tuple[Test | None, Mapping[str, list[str]] | None]:
        if not value_set:
            return None, None
        if value_set in GRAMMARS:
            return GRAMMARS[value_set], None
        codes = self._codes.get(value_set)
        if codes is None:
            return None, None
        if type_ not in PRIMITIVES:
            return None, codes
        listed = frozenset(code for group in codes.values() for code in group)
        return lambda value: isinstance(value, str) and value in listed, None


def _key(key: str, type_: str) -> str:
    spelled = _SPELLED.get(type_)
    return key.removesuffix(type_) + spelled if spelled and key.endswith(type_) else key


def _read(name: str) -> tuple[dict[str, dict[str, str]], dict[str, Any]]:
    read = json.loads((DATA / name).read_bytes())
    return read["types"], read["codes"]


@lru_cache(maxsize=3)
def definitions(fhir_version: str) -> Definitions:
    """The definitions of a version, as `4.0`, `4.3` or `5.0` (longer ones are cut)."""
    return Definitions(_FILES.get(fhir_version[:3], "r4"))
