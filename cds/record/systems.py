"""Code systems by their addresses, however a record spells them.

What is the same address in all but form is the same code system: another scheme, a slash at the
end, a version behind a bar, an edition below it, an OID with or without its prefix, or the short
name that HL7 v2 has for it (table 0396). Any other address is another code system.
"""

from collections.abc import Iterable
from typing import Self

from cds.core.remember import remember

# HL7 table 0396: what messages of version 2, and what was made of them, call a code system.
SHORT_NAMES = {
    "loinc": ("loinc", "ln"),
    "snomed": ("snomed", "sct", "snomed-ct", "snomed ct"),
    "icd10": ("icd-10", "i10"),
    "icd10cm": ("icd-10-cm", "icd10cm", "i10c"),
    "rxnorm": ("rxnorm",),
    "atc": ("atc",),
    "ucum": ("ucum",),
}
MOST_SYSTEMS = 2048  # addresses that are remembered, a record has a dozen
_LONGEST = 500  # no code system has an address as long as that
_named: set[str] = set()  # by packs, without what may differ
_PREFIXES = ("https://", "http://", "urn:oid:", "www.")


def _plain(address: str) -> str:
    """The address without what may differ between spellings of the same one.

    >>> plain("https://LOINC.org/") == plain("http://loinc.org|2.77")
    True
    """
    found = address.strip().casefold().split("|")[0].split("#")[0]
    for prefix in _PREFIXES:
        found = found.removeprefix(prefix)
    return found.rstrip("/")


def may_be_kept(address: str | None) -> bool:
    """Whether an address is one that a pack names; any other may be a patient's words."""
    if address is None:
        return True
    bare = "|" not in address and "#" not in address
    return bare and len(address) <= _LONGEST and _plain(address) in _named


class Addresses(frozenset[str]):
    """The addresses of one code system; `in` finds every spelling of them."""

    plain: frozenset[str]
    _below: tuple[str, ...]  # how an edition of one begins
    _known: dict[str, bool]  # the addresses that were asked for, of which a record has a dozen

    def __new__(cls, addresses: Iterable[str], name: str = "") -> Self:
        """`name` is what the pack calls the system."""
        made = super().__new__(cls, addresses)
        made.plain = frozenset((*map(_plain, made), *SHORT_NAMES.get(name, ())))
        made._below = tuple(f"{one}/" for one in made.plain)
        made._known = {}
        _named.update(made.plain)
        return made

    def __contains__(self, address: object) -> bool:
        """Whether this is a spelling of one of them."""
        if not isinstance(address, str):
            return False
        known = self._known.get(address)
        return self._looked_up(address) if known is None else known

    def _looked_up(self, address: str) -> bool:
        if len(address) > _LONGEST:
            return False
        found = _plain(address)
        known = found in self.plain or found.startswith(self._below)
        if found in _named and may_be_kept(address):
            remember(self._known, address, known, MOST_SYSTEMS)
        return known
