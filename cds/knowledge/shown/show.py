"""A pack as text for a clinician: levels, questions, rules in sentences, sources, advice."""

from collections.abc import Iterator
from textwrap import wrap

from cds.core.model import Cause, Rule
from cds.core.pack import Pack
from cds.knowledge.shown.words import Words

WIDTH = 96
BASIS = {
    "seed": "the source text names it",
    "external": "another source names it",
    "engineering": "our own decision",
}


def show_lines(pack: Pack) -> Iterator[str]:
    """The lines of the page."""
    words = Words(pack)
    yield pack.title
    yield f"Pack {pack.id}, version {pack.version}, {pack.hash}"
    yield from _wrapped("", pack.wording.intended_use)
    yield from _head("Levels, from the most urgent down")
    for level in pack.rules.levels:
        yield f"  {level.symbol:<3}{level.word}: {level.display}  [{level.code}]"
        yield from _wrapped("     ", level.action)
    yield from _safety(pack, words)
    yield from _head("Rules")
    yield "A rule can only raise the level. The highest rule that applies decides."
    for rule in sorted(pack.rules.rules, key=lambda one: -pack.rules.level(one.level).rank):
        yield ""
        yield from _rule(rule, pack, words)
    yield from _head("Causes that answers may support (never a diagnosis)")
    for cause in pack.rules.causes:
        yield from _cause(cause, words)
    yield from _wrapped("  ", pack.wording.cause_remark)
    yield from _rest(pack, words)


def _safety(pack: Pack, words: Words) -> Iterator[str]:
    yield from _head("Safety questions, always asked")
    for link_id in pack.rules.reassurance.safety:
        yield from _wrapped("  - ", words.question(link_id))
    needs = pack.rules.reassurance
    levels = {level.code: level.display for level in pack.rules.levels}
    yield from _wrapped(
        "",
        f"While one of them is open, the level is not below “{levels[needs.floor]}”. "
        f"“{levels[needs.lowest]}” is given only when all of these are answered as well:",
    )
    for link_id in needs.history:
        yield from _wrapped("  - ", words.question(link_id))
    yield from _head("The only answers that may lower a level")
    for context in pack.context:
        shown = (
            f"{words.question(context.question)} “{words.answer(context.question, context.code)}”"
        )
        yield from _wrapped("  - ", f"{shown}: {context.text}")
    for settling in pack.settles:
        yield from _wrapped(
            "  - ", f"{words.question(settling.question)} Once answered: {settling.text}"
        )
    for option in pack.rules.options:
        usual = str(option.default).lower()
        shown = f"Site option {option.name}, normally {usual}. If not: {option.text}"
        yield from _wrapped("  - ", shown)


def _rule(rule: Rule, pack: Pack, words: Words) -> Iterator[str]:
    level = pack.rules.level(rule.level)
    yield f"{rule.id}  {rule.title}"
    yield f"    Level: {level.display}"
    yield "    When"
    for line in words.lines(rule.when, 3):
        indent = line[: len(line) - len(line.lstrip())]
        yield from _wrapped(indent, line.lstrip())
    yield from _wrapped("    ", f"Basis: {BASIS[rule.basis]}.{_cited(rule.sources, pack)}")
    if rule.reading:
        yield from _wrapped("    ", f"How we read it: {rule.reading}")
    if rule.switch is not None:
        effect = (
            "off" if rule.switch.off else pack.rules.level(rule.switch.level or rule.level).display
        )
        value = str(rule.switch.value).lower()
        yield from _wrapped("    ", f"With the site option {rule.switch.name} = {value}: {effect}.")
    yield from _wrapped("    ", f"Do: {rule.action}")


def _cited(sources: tuple[str, ...], pack: Pack) -> str:
    return "".join(f" [{source}] {pack.sources.claim(source)}" for source in sources[:3]) + (
        f" and {', '.join(sources[3:])}" if len(sources) > 3 else ""  # noqa: PLR2004 - three are told in full
    )


def _cause(cause: Cause, words: Words) -> Iterator[str]:
    shown = f"{cause.display} [{', '.join(cause.sources)}; {BASIS[cause.basis]}]"
    yield from _wrapped("  ", shown)
    for condition in cause.supported_by:
        for line in words.lines(condition, 3):
            indent = line[: len(line) - len(line.lstrip())]
            yield from _wrapped(indent, line.lstrip())


def _rest(pack: Pack, words: Words) -> Iterator[str]:
    yield from _head("Advice, with the calmer levels only")
    for advice in pack.advice:
        yield from _wrapped(
            "  - ", f"{advice.text} [{BASIS[advice.basis]}: {', '.join(advice.sources)}]"
        )
        if advice.when is not None:
            for line in words.lines(advice.when, 3):
                indent = line[: len(line) - len(line.lstrip())]
                yield from _wrapped(indent, line.lstrip())
    yield from _head("Complications that the sources name")
    for complication in pack.complications:
        yield f"  - {complication.display} [{', '.join(complication.sources)}]"
    yield from _head("Sources")
    for document in pack.sources.documents:
        yield from _wrapped(
            "  ",
            f"[{document.id}] {document.title}, {document.publisher},"
            f" reviewed {document.reviewed}.",
        )
    for citation in pack.sources.citations.values():
        yield from _wrapped("  ", f"[{citation.id}] {citation.text}")


def _head(text: str) -> list[str]:
    return ["", text, "─" * len(text)]


def _wrapped(indent: str, text: str) -> list[str]:
    hanging = " " * len(indent) + ("  " if not indent.endswith("- ") and indent else "")
    return wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=hanging, break_on_hyphens=False
    )
