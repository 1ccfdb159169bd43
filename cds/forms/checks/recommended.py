"""What hangs on no answer.

The state of the form; what a response should say of itself: about whom, by whom, when.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cds.forms.checks.context import COMPLETE, issue
from cds.forms.issues import Issue
from cds.forms.response.tree import ROOT


def state_of(form: Mapping[str, Any]) -> Iterator[Issue]:
    """Warn of a form that is not in use."""
    status, here = form.get("status"), f"{ROOT}.questionnaire"
    if status == "draft":
        yield issue("questionnaireDraft", here, "the form is a draft", source="questionnaire")
    elif status == "retired":
        yield issue("questionnaireRetired", here, "the form is retired", source="questionnaire")


def recommended(response: Mapping[str, Any]) -> Iterator[Issue]:
    """Tell, as information, what is missing."""
    if response.get("subject") is None:
        yield issue("subject", ROOT, "the response has no subject")
    status = response.get("status")
    if isinstance(status, str) and status in COMPLETE:
        missing = [name for name in ("authored", "author") if response.get(name) is None]
        if missing:
            text = f"{' and '.join(missing)} should be present once it is {status}"
            yield issue("authored", ROOT, text)
