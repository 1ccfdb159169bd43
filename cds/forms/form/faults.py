"""What is wrong with a form, or asked of nobody here to judge, in words for its author."""

from collections.abc import Iterator, Mapping

from cds.forms.form import extensions as ext
from cds.forms.form.items import ANSWER_TYPES, ORDERLESS, ORDERS, EnableWhen, Item
from cds.forms.issues import Issue

# Elements whose value a form may leave to an expression, which is not worked out here.
_BY_EXPRESSION = ("_required", "_repeats", "_readOnly", "_maxLength", "_answerValueSet")
_NOT_JUDGED: Mapping[str, tuple[str, str]] = {
    ext.SUB_QUESTIONNAIRE: (
        "another form stands for this item, and is not at hand; its items were not judged",
        "Give that form with --support, or the whole as $assemble makes it.",
    ),
    ext.OPTIONS_TOGGLE: (
        "an expression switches options on and off, and was not evaluated",
        "Not checked: whether the chosen option was on offer.",
    ),
    ext.ANSWER_EXPRESSION: (
        "an expression gives the options, and was not evaluated",
        "Not checked: whether the answer was on offer.",
    ),
}


def fault(  # noqa: PLR0917 - the fields of an Issue, in its order
    code: str, rule: str, path: str, link_id: str | None, text: str, help_: str
) -> Issue:
    """A warning about the form itself, with the linkId of its item before the text."""
    said = text if link_id is None else f"{link_id}: {text}"
    return Issue("warning", code, rule, path, link_id, said, help=help_, source="questionnaire")


def not_judged(item: Item) -> Iterator[Issue]:
    """What the form asks of an answer to this item that is not judged here."""
    for url, (text, help_) in _NOT_JUDGED.items():
        if url in item.extensions:
            yield _not_checked(item, text, help_)
    for key in _BY_EXPRESSION:
        if key in item.raw and ext.calculation(item.raw[key]) is not None:
            text = f"an expression gives '{key[1:]}', and was not evaluated"
            yield _not_checked(item, text, f"Not checked: what follows from '{key[1:]}'.")


def _not_checked(item: Item, text: str, help_: str) -> Issue:
    kind = ("not-supported", "expressionNotChecked")
    return fault(*kind, item.path, item.link_id, text, help_)


def condition_problem(condition: EnableWhen, item: Item, known: Mapping[str, Item]) -> str | None:
    """Why a condition of the form makes no sense, or None."""
    if not condition.question:
        return None
    if condition.question not in known:
        return f"the condition names question '{condition.question}', which the form does not have"
    if condition.question == item.link_id:
        return "the condition looks at the item itself"
    source = known[condition.question]
    if item in source.ancestors:
        return f"the condition looks at '{condition.question}', which lies inside the item itself"
    return _problem_of_types(condition, source)


def is_mistaken(condition: EnableWhen, known: Mapping[str, Item]) -> bool:
    """Whether an answer is compared with what it can never be, such as a number with a text."""
    source = known.get(condition.question)
    return (
        source is not None
        and condition.operator != "exists"
        and condition.kind not in _kinds(source)
    )


def _problem_of_types(condition: EnableWhen, source: Item) -> str | None:
    """Why the operator, its value and the type of the question do not go together, or None."""
    operator, kind = condition.operator, condition.kind
    if operator == "exists":
        problem = "operator 'exists' needs answerBoolean" if kind != "boolean" else None
    elif kind not in _kinds(source):
        given = f"answer{kind[:1].upper()}{kind[1:]}"
        problem = f"a question of type {source.type} is compared with {given}"
    elif operator in ORDERS and kind in ORDERLESS:
        problem = f"operator '{operator}' has no meaning for a {kind}"
    else:
        problem = None
    if problem is None and source.type in {"group", "display"}:
        return f"the condition looks at '{condition.question}', which is a {source.type}"
    return problem


_COMPARABLE: Mapping[str, frozenset[str]] = {
    "text": frozenset({"string"}),
    "url": frozenset({"string"}),
    "quantity": frozenset({"Quantity"}),
    "reference": frozenset({"Reference"}),
    "decimal": frozenset({"decimal", "integer"}),
    "integer": frozenset({"integer", "decimal"}),
    "date": frozenset({"date", "dateTime"}),
    "dateTime": frozenset({"dateTime", "date"}),
}


def _kinds(source: Item) -> frozenset[str]:
    """The answer types that a condition on this question may carry."""
    if source.type in {"choice", "open-choice", "coding", "question", ""} or source.options:
        return frozenset(ANSWER_TYPES)
    return _COMPARABLE.get(source.type, frozenset({source.type}))
