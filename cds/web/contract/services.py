"""The CDS services: one per pack and hook, each under an id of its own.

The specification lets hooks share an id, but the reference client then calls only the last one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cds import wire
from cds.core.pack import Pack
from cds.web.contract.prefetch import RESPONSES, templates

# Of CDS Hooks itself (3.0 ballot, D-13). A 2.0 client ignores the field.
SPECIFICATION = "2.0"

_WHEN: Mapping[str, tuple[str, str]] = {
    "patient-view": ("when a record is opened", "1.0"),
    "encounter-start": ("when a visit begins", "1.0"),
    "encounter-discharge": ("before a discharge", "1.0"),
    "order-select": ("while an order is chosen", "1.0"),
    "order-sign": ("before orders are signed", "1.0"),
}
HOOKS = tuple(_WHEN)


@dataclass(frozen=True, slots=True)
class HookService:
    """One entry of the discovery."""

    id: str
    hook: str
    pack: Pack
    prefetch: Mapping[str, str]

    def entry(self) -> wire.JsonObject:
        """As the discovery lists it."""
        when, version = _WHEN[self.hook]
        return {
            "hook": self.hook,
            "title": f"{self.pack.title} ({self.hook})",
            "description": (
                f"{self.pack.title}: shows {when} what the answers to the questionnaire and the"
                f" record say. {self.pack.wording.intended_use}"
            ),
            "id": self.id,
            "prefetch": dict(self.prefetch),
            "usageRequirements": (
                "No prefetch key is required. What is missing is fetched from the registered FHIR"
                " server when a token is sent; what cannot be fetched is named in a card."
            ),
            "version": SPECIFICATION,
            "hookVersion": version,
        }


def services_of(packs: Iterable[Pack]) -> dict[str, HookService]:
    """Every service by its id."""
    found: dict[str, HookService] = {}
    for pack in packs:
        prefetch = templates(pack)
        for hook in HOOKS:
            name = f"{pack.id}-{hook}"
            found[name] = HookService(name, hook, pack, prefetch)
    return found


def discovery(services: Iterable[HookService], *, answers: bool = True) -> bytes:
    """The body of `GET /cds-services`; `answers` is false where no client can be asked for them."""
    entries = [service.entry() for service in services]
    if not answers:
        for entry in entries:
            del entry["prefetch"][RESPONSES]
            entry["usageRequirements"] += " Answers are not asked for: no client here has them."
    return wire.write({"services": entries})
