"""Attachments of an allowed type and size, and with a size that is that of their data."""

from collections.abc import Iterator

from cds.forms.checks.bounds import not_worked_out, whole_of
from cds.forms.checks.context import Answer, Context
from cds.forms.form import extensions as ext
from cds.forms.issues import Issue
from cds.forms.response.compare import number

MAX_SIZE_DIGITS = 20


def check_attachments(context: Context) -> Iterator[Issue]:
    """Judge every Attachment: mimeType, maxSize (bytes, inclusive), size against data."""
    for answer in context.of("Attachment"):
        yield from _type(answer)
        yield from _size(context, answer)


def _type(answer: Answer) -> Iterator[Issue]:
    allowed = [
        typed[1]
        for extension in answer.item.extensions.get(ext.MIME_TYPE, ())
        if (typed := ext.value_of(extension)) and isinstance(typed[1], str)
    ]
    if not allowed:
        return
    given = answer.value.get("contentType")
    if not isinstance(given, str):
        text = f"contentType is missing; allowed: {', '.join(allowed)}"
        yield answer.issue("invalidAttachmentType", text)
    elif not any(_fits(given, one) for one in allowed):
        text = f"allowed types: {', '.join(allowed)}"
        yield answer.issue("invalidAttachmentType", text, found=given)


def _fits(given: str, allowed: str) -> bool:
    bare, expected = (text.partition(";")[0].strip().lower() for text in (given, allowed))
    if expected in {"*", "*/*"}:
        return True
    return bare.startswith(expected[:-1]) if expected.endswith("/*") else bare == expected


def decoded_length(data: str) -> int | None:
    """How many bytes Base64 text stands for, without decoding it; None if it is not Base64.

    >>> decoded_length("YWI=")
    2
    """
    length = (
        sum(not character.isspace() for character in data)
        if any(map(str.isspace, data))
        else len(data)
    )
    padding = len(data.rstrip()) - len(data.rstrip().rstrip("="))
    if length % 4 or padding > 2:  # noqa: PLR2004 - four characters are three bytes, two may be padding
        return None
    return length // 4 * 3 - padding


def _size(context: Context, answer: Answer) -> Iterator[Issue]:
    data, size = answer.value.get("data"), answer.value.get("size")
    said = (
        int(size)
        if isinstance(size, str)
        and size.isdigit()
        and size.isascii()
        and len(size) < MAX_SIZE_DIGITS
        else number(size)
    )
    actual = decoded_length(data) if isinstance(data, str) else None
    if actual is not None and said is not None and actual != said:
        text = f"size says {said} bytes, the data has {actual}"
        yield answer.issue("attachmentSizeInconsistent", text)
    counted = actual if actual is not None else said
    if counted is None or ext.MAX_SIZE not in answer.item.extensions:
        return
    most = whole_of(context, answer.node, answer.item, ext.MAX_SIZE)
    if most is None:
        yield from not_worked_out(context, answer.item, answer.expression, "maxSize")
    elif counted > most:
        text = f"at most {most} bytes are allowed, {counted} are given"
        yield answer.issue("maxAttachmentSize", text)
