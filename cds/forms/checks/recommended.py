"""What hangs on no answer.

The state of the form; what a response should say of itself: about whom, by whom, when.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cds.forms.checks.context import issue
from cds.forms.form.items import Item
from cds.forms.issues import Issue
from cds.forms.questionnaire import Questionnaire
from cds.forms.reading import FINISHED
from cds.forms.response.tree import ROOT, value_key


def form_state(form: Mapping[str, Any]) -> Iterator[Issue]:
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
    if isinstance(status, str) and status in FINISHED:
        missing = [name for name in ("authored", "author") if response.get(name) is None]
        if missing:
            text = f"{' and '.join(missing)} should be present once it is {status}"
            yield issue("authored", ROOT, text)


def unanswered(response: Mapping[str, Any], form: Questionnaire) -> Iterator[Issue]:
    """Warn where nothing is answered although the form requires answers.

    Where its group is absent, no question is demanded (SDC), and some form fillers call any form
    completed: without this, such a response would look as good as an answered one.
    """
    status = response.get("status")
    if (
        isinstance(status, str)
        and status in FINISHED
        and any(map(_is_asked_of_all, form.by_link_id.values()))
        and says_nothing(response)
    ):
        text = f"the response is {status}, but no question is answered"
        yield issue("unanswered", ROOT, text)


def _is_asked_of_all(item: Item) -> bool:
    """Whether everybody must answer it: it is shown, unconditional, and in groups alone."""
    if not item.required or item.type in {"group", "display"}:
        return False
    return all(
        not (one.hidden or one.enable_when or one.enable_expression)
        and (one is item or one.type == "group")
        for one in (item, *item.ancestors)
    )


def says_nothing(response: Mapping[str, Any]) -> bool:
    """Whether nothing in it has a value: `"answer": []` is no answer, nor is an empty group.

    Where something else stands than items and answers, that is its fault, and not that it is empty.

    >>> says_nothing({"item": [{"linkId": "a", "answer": []}]})
    True
    """
    waiting = [response]
    while waiting:
        above = waiting.pop()
        for name in ("item", "answer"):
            inside = above.get(name, [])
            if not isinstance(inside, list) or not all(isinstance(one, dict) for one in inside):
                return False
            if name == "answer" and any(value_key(one) is not None for one in inside):
                return False
            waiting += inside
    return True
