"""The resource types of R4, R4B and R5."""

import json

from cds.forms.elements.definitions import DATA

RESOURCE_TYPES = frozenset(json.loads((DATA / "resource-types.json").read_bytes())["types"])
