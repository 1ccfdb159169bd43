"""Each answer has one value, of the type that its item asks for.

Written as FHIR writes that type.
"""

from collections.abc import Iterator

from cds.forms.checks.context import Answer, Context, issue
from cds.forms.form.items import ANSWERED_BY, CHOICES
from cds.forms.issues import Issue
from cds.forms.questionnaire import Item
from cds.forms.response.tree import Node, kind_of, value_key
from cds.forms.values.primitives import well_formed
from cds.wire import JsonObject


def allowed(item: Item) -> frozenset[str]:
    """The answer types that an item takes.

    Empty if its type is unknown, and then nothing is judged.
    """
    kinds = ANSWERED_BY.get(item.type, frozenset())
    if item.type in CHOICES and item.options:
        listed = {
            kind_of(key) for option in item.options for key in option if key.startswith("value")
        }
        kinds = (frozenset(listed) or kinds) | (
            {"string"} if item.type == "open-choice" else frozenset()
        )
    if item.constraint == "optionsOrString":
        kinds |= {"string"}
    return kinds


def check_types(context: Context) -> Iterator[Issue]:
    """Judge every live answer; the ones that pass are what the later checks look at."""
    context.answers.clear()
    context.by_kind.clear()
    known: dict[str, frozenset[str]] = context.questionnaire.compiled.setdefault("types", {})
    for node in context.timed(context.live):
        item = node.item
        if item is None or item.type in {"group", "display", "question"}:
            continue
        if item.link_id not in known:
            known[item.link_id] = allowed(item)
        kinds = known[item.link_id]
        for index, answer in enumerate(node.answers):
            key = value_key(answer)
            if key is None or not kinds or _is_unclear(answer):
                continue
            kind, value = kind_of(key), answer[key]
            if kind not in kinds:
                yield _wrong_type(node, item, index, kind, kinds)
            elif well_formed(kind, value):
                one = Answer(node, item, index, kind, value)
                context.answers.append(one)
                context.by_kind.setdefault(kind, []).append(one)


def _is_unclear(answer: JsonObject) -> bool:
    """Whether a modifier, or a second value, leaves open what is meant: that is told elsewhere."""
    if len(answer) == 1:
        return False
    values = sum(key.startswith("value") for key in answer)
    return values > 1 or bool(answer.get("modifierExtension"))


def _wrong_type(node: Node, item: Item, index: int, kind: str, kinds: frozenset[str]) -> Issue:
    expected = " or ".join(f"value{kind[:1].upper()}{kind[1:]}" for kind in sorted(kinds))
    here = f"{node.expression}.answer[{index}].value.ofType({kind})"
    given = f"value{kind[:1].upper()}{kind[1:]}"[:60]
    return issue(
        "invalidAnswerType",
        here,
        f"{expected} is expected for type {item.type}, but {given} was given",
        item=item,
    )
