"""What the site decides about the knowledge, as its cards show it."""

from decimal import Decimal
from typing import Any

import pytest

from cds.errors import UsageError
from cds.web.settings import LabLimit, SiteSettings

OURS = LabLimit(
    "potassium", "mmol/L", critical_high=Decimal("5.5"), source="Laboratory handbook, 2026"
)


def _with_potassium(body: Any, value: str) -> Any:
    """A calm patient, adult, with one unflagged value."""
    sent = body("everyday-night-cramp")
    alarming = body("potassium-critical")["prefetch"]["labs"]["entry"][0]["resource"]
    patient = sent["context"]["patientId"]
    lab = {
        **alarming,
        "subject": {"reference": f"Patient/{patient}"},
        "valueQuantity": {
            "value": float(value),
            "unit": "mmol/L",
            "system": "http://unitsofmeasure.org",
            "code": "mmol/L",
        },
    }
    for name in ("interpretation", "referenceRange", "note"):
        lab.pop(name, None)
    sent["prefetch"]["labs"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": lab}],
    }
    return sent


@pytest.mark.parametrize(("value", "critical"), [("5.4", False), ("5.5", True)])
def test_a_limit_of_the_site_makes_a_value_critical(
    serve: Any, body: Any, value: str, critical: bool
) -> None:
    sent = _with_potassium(body, value)

    plain = serve().hook(sent).json()["cards"]
    cards = serve(site=SiteSettings(lab=(OURS,))).hook(sent).json()["cards"]

    assert not any(card["indicator"] == "critical" for card in plain)
    assert any(card["indicator"] == "critical" for card in cards) == critical


def test_a_limit_that_makes_no_sense_ends_the_start(serve: Any) -> None:
    wrong = LabLimit("potasium", "mmol/L", critical_high=Decimal(6), source="x")

    with pytest.raises(UsageError) as caught:
        serve(site=SiteSettings(lab=(wrong,)))

    assert caught.value.where.startswith("[[site.lab]]")
