"""What stands beside the responses of one patient: looked through once, for all of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from cds.core.account import Missing
from cds.flows.deciding.record import OneRecord
from cds.record.shapes import as_object, text_at
from cds.wire import JsonObject


class Beside(OneRecord):
    """A record, and what the rows of the decisions beside it tell of it.

    `births`: every date of birth in it. `managing`: who manages the patient.
    """

    def __init__(self, resources: Iterable[JsonObject], missing: Iterable[Missing] = ()) -> None:
        """`resources` may be entries of a Bundle. `missing` is what of the record did not come."""
        super().__init__(resources, missing)
        self.births: set[str] = set()
        self.managing: str | None = None
        self._visits: dict[str, str | None] = {}
        for one in self.resources:
            inside = one.get("resource")
            resource = inside if isinstance(inside, dict) else one
            kind = resource.get("resourceType")
            if kind == "Patient":
                self.births.add(str(resource.get("birthDate")))
                self.managing = _reference(resource, "managingOrganization")
            elif kind == "Encounter":
                provider = _reference(resource, "serviceProvider") or self.managing
                self._visits.setdefault(f"Encounter/{resource.get('id')}", provider)

    def site(self, response: Mapping[str, Any]) -> str | None:
        """Where the visit of a response was; else the organisation that manages the patient."""
        visit = _reference(response, "encounter")
        return self.managing if visit is None else self._visits.get(visit, self.managing)


def _reference(resource: Mapping[str, Any], name: str) -> str | None:
    return text_at(as_object(resource.get(name)), "reference")
