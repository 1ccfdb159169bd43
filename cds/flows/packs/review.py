"""The questions to a clinician as one page of Markdown: to be read and answered in an hour."""

from collections.abc import Iterator

from cds.core.pack import Pack
from cds.flows.packs.questions import (
    HeardTooCalmly,
    Limit,
    PossibleReading,
    Questions,
    UndecidedQuestion,
)
from cds.knowledge.shown.review import AGREED_LINE, goes_beyond_source, rules_to_confirm

HOUR = """\
The two readings of each question stand beside one person, with the level that each reading leads
to; the levels are worked out by the rules. The louder reading is what the rules do until a
clinician says otherwise. Parts 1 and 3 take most of the hour; in part 4 it is enough to mark what
is wrong."""


def review(pack: Pack, questions: Questions) -> Iterator[str]:
    """The whole page."""
    yield f"# Questions to a clinician: {pack.title}"
    yield ""
    yield "**No clinician has reviewed this pack.** Nothing in it was tested in a clinical study."
    yield ""
    yield f"Written by `pack review {pack.id}` from version {pack.version}; nobody has answered."
    yield HOUR
    levels = {level.code: level.display for level in pack.rules.levels}
    yield from ("", "## 1. Two readings, and who is affected")
    for number, one in enumerate(questions.asked, start=1):
        yield from _question(number, one, levels)
    if questions.limits:
        yield from _limits(questions.limits)
    if questions.unheard:
        yield from _unheard(questions.unheard, levels)
    yield from ("", "## 4. What is ours, rule by rule")
    yield from rules_to_confirm(pack)
    yield from _sources(pack, questions)


def _question(number: int, one: UndecidedQuestion, levels: dict[str, str]) -> Iterator[str]:
    yield ""
    yield f"### Question {number}: {one.asks}"
    yield ""
    yield f"> {one.person}"
    yield ""
    yield "| Reading | Level of this person | Rules |"
    yield "|---|---|---|"
    for said, reading in (("As the rules are: ", one.now), ("Otherwise: ", one.other)):
        yield f"| {said}{_cell(reading.says)} | {levels[reading.level]} | {_rules(reading)} |"
    yield ""
    yield f"- Who is affected: {one.affected}"
    yield f"- What the other reading could miss: {one.risk}"
    yield f"- Sources: {', '.join(one.sources) or 'none; ours'}"
    yield f"- {AGREED_LINE}"


def _rules(reading: PossibleReading) -> str:
    return ", ".join(reading.rules) or "none"


def _limits(limits: tuple[Limit, ...]) -> Iterator[str]:
    yield from ("", "## 2. Limits of other lists", "")
    yield "Critical limits of ours that other published lists set earlier. What lies between is"
    yield "urgent or a visit, not an emergency. A site may set its own limits in its file."
    yield ""
    yield "| Test | Side | Ours | Others | Sources |"
    yield "|---|---|---|---|---|"
    for limit in limits:
        cells = (
            limit.test,
            limit.side,
            f"{limit.ours} {limit.unit}",
            limit.others,
            ", ".join(limit.sources),
        )
        yield f"| {' | '.join(map(_cell, cells))} |"
    yield ""
    yield f"- {AGREED_LINE}"


def _unheard(unheard: tuple[HeardTooCalmly, ...], levels: dict[str, str]) -> Iterator[str]:
    yield from ("", "## 3. Whom the form hears too calmly", "")
    yield "Made-up people with a dangerous cause, answered as the form asks. It lacks the question"
    yield "that matters, so the rules say less than is owed. Should it ask, and what?"
    yield ""
    yield "| Person | What the rules say | Owed, as we judge it | What the form lacks |"
    yield "|---|---|---|---|"
    for one in unheard:
        now = f"{levels[one.level]} ({', '.join(one.rules) or 'no rule'})"
        yield f"| {' | '.join(map(_cell, (one.person, now, levels[one.wants], one.lacks)))} |"
    yield ""
    yield f"- {AGREED_LINE}"


def _sources(pack: Pack, questions: Questions) -> Iterator[str]:
    """What each source says that is named above, once."""
    rules = (rule for rule in pack.rules.rules if goes_beyond_source(rule))
    ours = {source: pack.sources.claim(source) for rule in rules for source in rule.sources}
    yield from ("", "## Sources, in our words", "")
    for name, claim in sorted({**ours, **questions.claims}.items()):
        yield f"- {name}: {claim}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
