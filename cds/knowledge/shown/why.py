"""The page that a card links to: rule by rule what it says, when, and on whose word.

Made of the pack alone: nothing of a patient is in it, and it asks nobody for anything.
"""

import base64
import hashlib
from collections.abc import Iterator
from html import escape

from cds.core.model import Cause, Rule
from cds.core.pack import Pack
from cds.knowledge.shown.page import nested
from cds.knowledge.shown.page_parts import STYLE, bullets
from cds.knowledge.shown.show import BASIS
from cds.knowledge.shown.words import Words

_STYLE = f"{STYLE}:target{{outline:3px solid var(--link);outline-offset:2px}}"
# The hash lets this style be used and no other; nothing else may be loaded, run, sent or framed.
POLICY = (
    "default-src 'none'; style-src 'sha256-"
    f"{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEAD = (
    "A rule can only raise the level; the highest one that applies decides."
    " This page holds nothing about a patient."
)


def why_page(pack: Pack) -> str:
    """The page as HTML; each rule stands under its id, so that `#E3` leads to E3."""
    words = Words(pack)
    title = escape(f"{pack.title} ({pack.version}): why, and on whose word")
    links = "".join(
        f'<li><a href="#{escape(rule.id)}">{escape(rule.id)}</a></li>' for rule in _ordered(pack)
    )
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title><style>{_STYLE}</style></head><body>",
            '<a class="skip" href="#main">Skip to the content</a>',
            f"<header><h1>{title}</h1>",
            f'<p class="notice">{escape(pack.wording.intended_use)}</p>',
            f'<nav aria-label="Rules"><ul>{links}</ul></nav></header>',
            '<main id="main" tabindex="-1">',
            f"<p>{_HEAD}</p>",
            *(line for rule in _ordered(pack) for line in _rule(pack, rule, words)),
            *_causes(pack),
            "</main>",
            f"<footer><p>{escape(f'{pack.id} {pack.version}, {pack.hash}')}</p></footer>",
            "</body></html>",
            "",
        ]
    )


def _ordered(pack: Pack) -> list[Rule]:
    """The rules, the most urgent first."""
    return sorted(pack.rules.rules, key=lambda rule: -pack.rules.level(rule.level).rank)


def _rule(pack: Pack, rule: Rule, words: Words) -> Iterator[str]:
    level = pack.rules.level(rule.level)
    name = escape(rule.id)
    yield f'<article id="{name}" aria-labelledby="{name}-title">'
    yield f'<h2 id="{name}-title">{name}: {escape(rule.title)}</h2>'
    word = escape(f"{level.symbol} {level.word}")
    yield f"<p><strong>{word}</strong>: {escape(level.display)}</p>"
    yield f"<p>Do: {escape(rule.action or level.action)}</p>"
    yield f'<h3>When</h3><div class="when">{nested(words.lines(rule.when))}</div>'
    yield f"<h3>On whose word</h3><p>{escape(BASIS[rule.basis])}.</p>"
    if rule.sources:
        yield bullets(f"[{source}] {pack.sources.claim(source)}" for source in rule.sources)
    if rule.reading:
        yield f"<p>How it is read: {escape(rule.reading)}</p>"
    yield "</article>"


def _causes(pack: Pack) -> Iterator[str]:
    if pack.rules.causes:
        yield '<section aria-labelledby="causes"><h2 id="causes">Causes</h2>'
        yield "<p>Answers may support a cause; that is never a diagnosis.</p>"
        yield bullets(_cause(pack, cause) for cause in pack.rules.causes)
        yield "</section>"


def _cause(pack: Pack, cause: Cause) -> str:
    claims = "; ".join(pack.sources.claim(source).rstrip(".") for source in cause.sources)
    return f"{cause.display}: {claims or BASIS[cause.basis]}."
