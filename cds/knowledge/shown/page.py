"""The pack as one HTML page for a clinical reviewer: no script, no request to anywhere."""

from collections.abc import Iterator, Sequence
from html import escape

from cds.core.model import Level, Rule
from cds.core.pack import Pack
from cds.knowledge.shown.page_evidence import (
    Page,
    attributes,
    cases,
    files,
    flag_trails,
    proofs,
    sources,
)
from cds.knowledge.shown.page_parts import STYLE, bullets, picture, table
from cds.knowledge.shown.show import BASIS
from cds.knowledge.shown.words import Words


def page_of(pack: Pack, page: Page) -> str:
    """The whole page."""
    parts = [
        *_top(pack, page),
        *_levels(pack),
        *_safety(pack),
        *_rules(pack, page),
        *_section("flags", *flag_trails(pack, page)),
        *_causes(pack),
        *_advice(pack),
        *_evidence(pack, page),
    ]
    title = escape(f"{pack.title} ({pack.version})")
    version = escape(f"Pack {pack.id} {pack.version}, {pack.hash}")
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            _POLICY,
            '<meta name="referrer" content="no-referrer">',
            f"<title>{title}</title><style>{STYLE}</style></head><body>",
            '<a class="skip" href="#main">Skip to the content</a>',
            *_header(pack),
            '<main id="main" tabindex="-1">',
            *parts,
            "</main>",
            f"<footer><p>{version}</p></footer>",
            "</body></html>",
            "",
        ]
    )


# The browser itself keeps the promise that the page asks nobody for anything.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy"'
    " content=\"default-src 'none'; style-src 'unsafe-inline'\">"
)
_SECTIONS = {
    "use": "What it is for",
    "levels": "Levels",
    "safety": "What must be known first",
    "rules": "Rules",
    "flags": "Red flags apart from the rules",
    "causes": "Causes",
    "advice": "Advice",
    "cases": "Golden cases",
    "proofs": "Proofs",
    "sources": "Sources",
    "attributes": "Source attributes",
}


def _header(pack: Pack) -> Iterator[str]:
    yield f"<header><h1>{escape(pack.title)}</h1>"
    yield '<nav aria-label="Sections"><ul>'
    yield "".join(f'<li><a href="#{key}">{text}</a></li>' for key, text in _SECTIONS.items())
    yield "</ul></nav></header>"


def _section(key: str, *lines: str) -> list[str]:
    head = f'<section aria-labelledby="{key}"><h2 id="{key}">{_SECTIONS[key]}</h2>'
    return [head, *lines, "</section>"]


def _top(pack: Pack, page: Page) -> list[str]:
    about = page.about or {}
    lines = [f'<p class="notice">{escape(pack.wording.intended_use)}</p>']
    names = {
        "intendedUse": "Intended use",
        "intendedUsers": "For whom",
        "intendedPopulation": "About whom",
        "decisionRole": "Role in the decision",
        "validation": "Validation",
        "regulatory": "Regulatory status",
    }
    told = [(text, str(about[key])) for key, text in names.items() if key in about]
    if told:
        pairs = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in told)
        lines.append(f"<dl>{pairs}</dl>")
    for key, text in (("outOfScope", "Not for"), ("knownLimits", "Known limits")):
        listed = about.get(key)
        if isinstance(listed, list):
            lines += [f"<h3>{text}</h3>", bullets(map(str, listed))]
    return _section("use", *lines)


def _levels(pack: Pack) -> list[str]:
    rules = [(level, _leading(pack, level)) for level in pack.rules.levels]
    rows = [
        (
            f"{level.symbol} {level.word}",
            level.display,
            ", ".join(ids) or _default(pack, level),
            level.action,
        )
        for level, ids in rules
    ]
    return _section(
        "levels",
        "<p>A rule can only raise the level. The highest rule that applies decides.</p>",
        picture(rules),
        table(
            "Levels, from the most urgent down",
            ("Word", "Level", "Rules that lead here", "Do"),
            rows,
        ),
    )


def _leading(pack: Pack, level: Level) -> tuple[str, ...]:
    return tuple(rule.id for rule in pack.rules.rules if rule.level == level.code)


def _default(pack: Pack, level: Level) -> str:
    needs = pack.rules.reassurance
    return {
        needs.floor: "none: the safety check is not settled",
        needs.lowest: "none: all is known and no rule applies",
        needs.otherwise: "none: the safety check is settled, the history is not",
    }.get(level.code, "none")


def _safety(pack: Pack) -> list[str]:
    words, needs = Words(pack), pack.rules.reassurance
    levels = {level.code: level.display for level in pack.rules.levels}
    return _section(
        "safety",
        f"<p>While one of these is open, never below “{escape(levels[needs.floor])}”:</p>",
        bullets(words.question(item) for item in needs.safety),
        f"<p>“{escape(levels[needs.lowest])}” needs these as well:</p>",
        bullets(words.question(item) for item in needs.history),
        "<h3>The only answers that may lower a level</h3>",
        bullets(
            f"{words.question(one.question)} “{words.answer(one.question, one.code)}”: {one.text}"
            for one in pack.context
        ),
        bullets(
            f"{words.question(settling.question)} Once answered: {settling.text}"
            for settling in pack.settles
        ),
        "<h3>Site options</h3>",
        bullets(
            f"{option.name}, normally {str(option.default).lower()}. If not: {option.text}"
            for option in pack.rules.options
        ),
    )


def _rules(pack: Pack, page: Page) -> list[str]:
    words = Words(pack)
    ordered = sorted(pack.rules.rules, key=lambda rule: -pack.rules.level(rule.level).rank)
    return _section("rules", *(line for rule in ordered for line in _rule(pack, rule, words, page)))


def _rule(pack: Pack, rule: Rule, words: Words, page: Page) -> Iterator[str]:
    level = pack.rules.level(rule.level)
    yield f'<article aria-labelledby="rule-{escape(rule.id)}">'
    yield f'<h3 id="rule-{escape(rule.id)}">{escape(rule.id)}: {escape(rule.title)}</h3>'
    word = escape(f"{level.symbol} {level.word}")
    yield f"<p><strong>{word}</strong>: {escape(level.display)}</p>"
    yield f'<div class="when">{nested(words.lines(rule.when))}</div>'
    yield f"<p>Basis: {escape(BASIS[rule.basis])}.</p>"
    if rule.sources:
        yield bullets(f"[{source}] {pack.sources.claim(source)}" for source in rule.sources)
    if rule.reading:
        yield f"<p>How we read it: {escape(rule.reading)}</p>"
    yield f"<p>Do: {escape(rule.action)}</p>"
    firing = [case.name for case in page.cases if rule.id in case.rules]
    if firing:
        head = f"Golden cases that fire {rule.id} ({len(firing)})"
        yield f"<details><summary>{escape(head)}</summary>"
        yield bullets(firing)
        yield "</details>"
    yield "</article>"


def nested(lines: Sequence[str]) -> str:
    """Indented lines as nested lists."""
    made, depth = [], -1
    for line in lines:
        level = (len(line) - len(line.lstrip())) // 2
        if level > depth:
            made.append("<ul><li>" * (level - depth))
        else:
            made.append("</li>" + "</ul></li>" * (depth - level) + "<li>")
        made.append(escape(line.strip()))
        depth = level
    return "".join([*made, "</li></ul>" * (depth + 1)])


def _causes(pack: Pack) -> list[str]:
    words = Words(pack)
    rows = [
        (
            cause.display,
            "; ".join(" ".join(words.lines(one)).strip() for one in cause.supported_by),
            ", ".join(cause.sources),
        )
        for cause in pack.rules.causes
    ]
    return _section(
        "causes",
        "<p>Answers may support a cause; that is never a diagnosis.</p>",
        f"<p>{escape(pack.wording.cause_remark)}</p>",
        table("Causes", ("Cause", "Supported by", "Sources"), rows),
    )


def _advice(pack: Pack) -> list[str]:
    words = Words(pack)
    rows = [
        (
            one.text,
            " ".join(words.lines(one.when)) if one.when else "always",
            ", ".join(one.levels),
            "; ".join(filter(None, (BASIS[one.basis], one.reading))),
        )
        for one in pack.advice
    ]
    return _section("advice", table("Advice", ("Advice", "When", "Levels", "Basis"), rows))


def _evidence(pack: Pack, page: Page) -> list[str]:
    return [
        *_section("cases", *cases(pack, page)),
        *_section("proofs", *proofs(page)),
        *_section("sources", *sources(pack)),
        *_section("attributes", *attributes(page), *files(page)),
    ]
