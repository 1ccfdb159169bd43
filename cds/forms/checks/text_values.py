"""Texts within their length, in their format, on one line where the item is one line."""

from collections.abc import Iterator
from decimal import Decimal

from cds.forms.checks.bounds import not_worked_out, whole_of
from cds.forms.checks.context import Answer, Context, clip
from cds.forms.form import extensions as ext
from cds.forms.issues import Issue
from cds.forms.values.patterns import MAX_TEXT, Pattern, compile_pattern

SIMPLE = ("string", "uri", "integer", "decimal", "date", "dateTime", "time")


def check_texts(context: Context) -> Iterator[Issue]:
    """Judge the simple answers: maxLength, minLength, regex, line breaks."""
    patterns = context.questionnaire.compiled.setdefault("patterns", {})
    refused: set[str] = set()
    for answer in context.of(*SIMPLE):
        text = literal(answer.value)
        yield from _longest(answer, text)
        if ext.MIN_LENGTH in answer.item.extensions:
            yield from _shortest(context, answer, text)
        if (
            answer.item.type == "string"
            and answer.kind == "string"
            and ("\n" in text or "\r" in text)
        ):
            yield answer.issue("invalidNewLine", "a line break in an item of one line")
        expected = ext.first_value(answer.item.extensions, ext.REGEX)
        if isinstance(expected, str):
            if expected not in patterns:
                patterns[expected] = compile_pattern(expected)
            yield from _format(answer, text, patterns[expected], refused, context)


def literal(value: object) -> str:
    """The value as it is written in JSON, without quotes."""
    if isinstance(value, Decimal):
        return format(value, "f") if abs(value.adjusted()) < 40 else str(value)  # noqa: PLR2004 - as wire reads them
    if isinstance(value, int):
        return str(value) if value.bit_length() < 1000 else "?"  # noqa: PLR2004 - str() of huge integers is slow
    return str(value)


def _longest(answer: Answer, text: str) -> Iterator[Issue]:
    longest = answer.item.raw.get("maxLength")
    if (
        isinstance(longest, int)
        and not isinstance(longest, bool)
        and longest > 0
        and len(text) > longest
    ):
        said = f"at most {longest} characters are allowed, {len(text)} are given"
        yield answer.wrong("maxLength", said)


def _shortest(context: Context, answer: Answer, text: str) -> Iterator[Issue]:
    shortest = whole_of(context, answer.node, answer.item, ext.MIN_LENGTH)
    if shortest is None:
        yield from not_worked_out(context, answer.item, answer.expression, "minLength")
    elif len(text) < shortest:
        said = f"at least {shortest} characters are needed, {len(text)} are given"
        yield answer.wrong("minLength", said)


def _format(
    answer: Answer, text: str, pattern: Pattern, refused: set[str], context: Context
) -> Iterator[Issue]:
    item = answer.item
    if pattern.matches is None:
        if item.link_id not in refused:
            refused.add(item.link_id)
            said = f"the pattern is not supported ({pattern.problem})"
            yield answer.issue("regexNotChecked", said, diagnostics=pattern.source)
        return
    if len(text) > MAX_TEXT or not context.clock.has_time:
        said = "the text is too long to be matched in time"
        yield answer.issue("regexNotChecked", said, help_="Not checked.")
    elif not pattern.matches(text):
        form = ext.first_value(item.extensions, ext.ENTRY_FORMAT)
        expected = (
            f"the format {clip(form, 80)} is expected"
            if isinstance(form, str)
            else "the text does not have the expected format"
        )
        yield answer.wrong("regex", expected, diagnostics=pattern.source)
