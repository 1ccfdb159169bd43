from collections.abc import Callable

from cds.core.account import Account
from cds.core.model import Answers
from cds.core.pack import Form
from cds.fhir.context import TRANSACTION, EmissionContext
from cds.forms.validate import NOT_A_RESPONSE


def _told(context: EmissionContext) -> dict[str, object]:
    """All that a context says."""
    names = [name for name in dir(context) if not name.startswith("_")]
    return {name: getattr(context, name) for name in names if name != "as_transaction"}


def test_as_a_transaction_it_is_the_same_but_for_its_kind(
    make_context: Callable[..., EmissionContext], hand_answers: Answers
) -> None:
    context = make_context(
        answers=hand_answers,
        issues=(NOT_A_RESPONSE,),
        blocked=True,
        used=("Observation/1",),
        record="0" * 64,
        account=Account(looked_at=1),
        problem="Condition/1",
        subject={"reference": "Patient/1"},
        recipient={"reference": "Group/on-call"},
        user={"reference": "Practitioner/1"},
        practitioners=({"reference": "Practitioner/2"},),
        communicate_urgent=True,
        draft=True,
    )

    made = context.as_transaction()

    usual = _told(EmissionContext({}, "", "", "", Form("", "", "", "", short=True, raw={})))
    assert [name for name, value in _told(context).items() if value == usual[name]] == ["bundle"]
    assert _told(made) == {**_told(context), "bundle": TRANSACTION}
