"""What a browser posts: its fields, whole and within bounds, and whether our own page sent it."""

import asyncio
import base64
import hmac
import re
from collections.abc import Mapping
from email import policy
from email.parser import BytesParser
from urllib.parse import parse_qsl, urlsplit

from cds.errors import RequestError
from cds.web.config import is_loopback
from cds.web.form.fields import first_of
from cds.web.routes.endpoint import Call

_SECONDS = 10.0
MOST_FIELDS = 2000
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
Fields = dict[str, list[str]]


async def fields_of(call: Call, most: int) -> Fields:
    """The fields of a posted form; a file as a `data:` text.

    Raises:
        RequestError: 413, 415, 408 or 400.
    """
    kind = (call.header(b"content-type") or "").partition(";")[0].strip().lower()
    if kind not in {URLENCODED, MULTIPART}:
        raise RequestError(415, "content-type", "is not a posted form.", code="not-supported")
    body = await _body(call, most)
    if kind == MULTIPART:
        return _multipart(call.header(b"content-type") or "", body)
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            max_num_fields=MOST_FIELDS,
            errors="strict",
        )
    except ValueError:
        raise RequestError(400, "body", "is not a posted form.") from None
    fields: Fields = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(_clean(value))
    return fields


_CONTROLS = {code: None for code in range(ord(" ")) if chr(code) not in "\n\t"}


def _clean(text: str) -> str:
    """The text with line ends as FHIR has them, and without what no person types."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return plain.translate(_CONTROLS)


async def _body(call: Call, most: int) -> bytes:
    declared = call.header(b"content-length")
    if declared is not None and (not declared.isdigit() or int(declared) > most):
        raise _too_long(most)
    parts: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(_SECONDS):
            while True:
                message = await call.receive()
                if message["type"] != "http.request":
                    raise RequestError(400, "body", "ended early.")
                parts.append(message.get("body", b""))
                length += len(parts[-1])
                if length > most:
                    raise _too_long(most)
                if not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError:
        raise RequestError(408, "body", "did not arrive in time.", code="timeout") from None


def _too_long(most: int) -> RequestError:
    return RequestError(413, "body", f"is longer than {most} bytes.", "Send less.", code="too-long")


def _multipart(content_type: str, body: bytes) -> Fields:
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1")
    message = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    fields: Fields = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            continue
        if len(fields) >= MOST_FIELDS:
            raise RequestError(400, "body", "has too many fields.")
        file = part.get_filename()
        if file is None:
            fields.setdefault(name, []).append(_clean(content.decode("utf-8", "replace")))
        elif content:
            # What is newly chosen stands for what was chosen before.
            fields[name] = [_data(part.get_content_type(), file, content)]
    return fields


def _data(media_type: str, name: str, content: bytes) -> str:
    kind = media_type if _TYPE.fullmatch(media_type) else "application/octet-stream"
    safe = re.sub(r"[;,\x00-\x1f]", "_", name)[:200]
    return f"data:{kind};name={safe};base64,{base64.b64encode(content).decode()}"


# ── Did our own page send it? ──


def token_of(cookie: str) -> str:
    """What a page of this session sends along: nobody else can make it."""
    return hmac.digest(cookie.encode(), b"cramp-cds form token", "sha256").hex()


def is_of_our_page(call: Call, public_url: str) -> bool:
    """Whether the browser says that a page of this service sent it."""
    origin = call.header(b"origin")
    if origin is None or origin == "null":
        # Browsers name no origin for some plain posts; then they say at least where it is from.
        site = call.header(b"sec-fetch-site")
        return site in {"same-origin", "none"} if site is not None else origin is None
    own, theirs = urlsplit(public_url), urlsplit(origin)
    if (own.scheme, own.netloc) == (theirs.scheme, theirs.netloc):
        return True
    loopback = is_loopback(own.hostname or "") and is_loopback(theirs.hostname or "")
    return loopback and own.port == theirs.port


def has_token(fields: Mapping[str, list[str]], cookie: str) -> bool:
    """Whether the page that sent it belongs to this session."""
    return hmac.compare_digest(first_of(fields, "token").encode(), token_of(cookie).encode())


def cookies_of(call: Call) -> dict[str, str]:
    """The cookies of a request."""
    found: dict[str, str] = {}
    for part in (call.header(b"cookie") or "").split(";"):
        name, _, value = part.strip().partition("=")
        found.setdefault(name, value)
    return found
