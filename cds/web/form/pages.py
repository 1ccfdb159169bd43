"""Templates and files of the form: rendered with every value escaped, sent with a strict policy."""

import gzip
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cds.web.form.language import PageWords
from cds.web.refusals import HTML, Reply

HERE = Path(__file__).parent
_TYPES = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
}
ASSETS = ("form.css", "result.js", "icon.svg")
PLACE = "/forms/assets/"
# A year: the name holds the hash of the content.
FILE_HEADERS = (
    (b"cache-control", b"public, max-age=31536000, immutable"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
VARY = (b"vary", b"accept-encoding")

environment = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def render(template: str, words: PageWords, title: str, values: Mapping[str, object]) -> str:
    """A page; what a template needs and does not get is an error, never a blank."""
    return environment.get_template(template).render(
        values, words=words, language=words.language, direction=words.direction, title=title
    )


class Asset(NamedTuple):
    """One file under its name with the hash in it, packed once."""

    name: str
    body: bytes
    packed: bytes
    media_type: str

    def reply(self, accepts: str | None) -> Reply:
        """The file, packed for who takes it so."""
        if "gzip" in (accepts or ""):
            headers = (*FILE_HEADERS, (b"content-encoding", b"gzip"), VARY)
            return Reply(200, self.packed, self.media_type, headers)
        return Reply(200, self.body, self.media_type, (*FILE_HEADERS, VARY))


def asset(name: str, body: bytes) -> Asset:
    """A file of the page."""
    stem, _, ending = name.rpartition(".")
    digest = hashlib.sha256(body).hexdigest()[:16]
    packed = gzip.compress(body, 9, mtime=0)
    return Asset(f"{stem}.{digest}.{ending}", body, packed, _TYPES.get(ending, "application/json"))


def static(name: str) -> str:
    """A file of the page as it lies here."""
    return (HERE / "static" / name).read_text(encoding="utf-8")


def own_assets() -> dict[str, Asset]:
    """What is the same for every form, by its plain name."""
    return {name: asset(name, static(name).encode()) for name in ASSETS}


def policy(frame_ancestors: tuple[str, ...]) -> tuple[tuple[bytes, bytes], ...]:
    """The headers of a page: own files, nothing inline, framed only by whom the site names."""
    framed = " ".join(frame_ancestors) or "'none'"
    rules = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        f"frame-ancestors {framed}",
    )
    headers = [
        (b"x-content-type-options", b"nosniff"),
        # Not `no-referrer`: a browser would then name no origin when the form is posted.
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"content-security-policy", "; ".join(rules).encode()),
        (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=()"),
        (b"cross-origin-opener-policy", b"same-origin"),
    ]
    if not frame_ancestors:
        headers.append((b"x-frame-options", b"DENY"))
    return tuple(headers)


def page_reply(
    status: int,
    html: str,
    security: tuple[tuple[bytes, bytes], ...],
    headers: tuple[tuple[bytes, bytes], ...] = (),
    accepts: str | None = None,
) -> Reply:
    """A page as an answer."""
    body = html.encode()
    if "gzip" in (accepts or ""):
        body = gzip.compress(body, 6, mtime=0)
        headers = (*headers, (b"content-encoding", b"gzip"), VARY)
    return Reply(status, body, HTML, (*security, *headers))
