"""What can be wrong with a condition of a form, in words for its author."""

from collections.abc import Mapping

from cds.forms.items import ANSWER_TYPES, EnableWhen, Item


def problem_of(condition: EnableWhen, item: Item, known: Mapping[str, Item]) -> str | None:
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
    if condition.operator == "exists" and condition.kind != "boolean":
        return "operator 'exists' needs answerBoolean"
    if condition.operator != "exists" and condition.kind not in _kinds(source):
        kind = f"answer{condition.kind[:1].upper()}{condition.kind[1:]}"
        return f"a question of type {source.type} is compared with {kind}"
    if source.type in {"group", "display"}:
        return f"the condition looks at '{condition.question}', which is a {source.type}"
    return None


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
