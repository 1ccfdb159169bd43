"""A response read once: the answers that count, and its faults as `assess` weighs them."""

from collections.abc import Callable
from functools import cache

from cds.core.fields import of_fields
from cds.core.model import Answers, Note
from cds.flows.deciding.engine import Engine
from cds.flows.deciding.versions import of_its_version
from cds.forms.answers import answers_after
from cds.forms.given import FAULTY, Read
from cds.forms.issues import Issue
from cds.forms.reader.walk import Walk
from cds.forms.response.canonical import Parsed, proven
from cds.wire import JsonObject

Issues = tuple[Issue, ...]


def read_parsed(
    parsed: Parsed, engine: Engine, *, assumed: bool, where: str
) -> tuple[Parsed, Answers, Issues]:
    """What was parsed, proven, with its answers and issues.

    Raises:
        Unreadable: it was no strict JSON.
    """
    walk = engine.reader.walk(parsed.value)
    if walk is None or not (walk.plain or walk.nests_little()):
        strict = proven(parsed, where)
        if strict.value is not parsed.value:
            walk = engine.reader.walk(strict.value)
        parsed = strict
    answers, issues = _after(walk, parsed.value, engine, assumed=assumed)
    return parsed, answers, issues


def read_answered(response: JsonObject, engine: Engine, *, assumed: bool) -> tuple[Answers, Issues]:
    """Answers and issues of a response. `assumed`: its form was only guessed."""
    walk = engine.reader.walk(response)
    return _after(walk, response, engine, assumed=assumed)


def _after(
    walk: Walk | None, response: JsonObject, engine: Engine, *, assumed: bool
) -> tuple[Answers, Issues]:
    read = answers_after(None if assumed else walk, response, engine.reading, assumed=assumed)
    answers, _, _, spoken, _ = read
    issues: Issues = ()
    if (
        walk is None
        or not walk.plain
        or not (walk.codes or walk.answered)  # nothing is answered: a fault where answers are owed
        or (answers.open and not FAULTY.keys().isdisjoint(answers.open.values()))
    ):
        answers, issues = _weighing()(walk, read, response, engine)
    if spoken:
        text = engine.pack.wording.free_text
        notes = tuple([Note("free-text", link_id, text) for link_id in spoken])
        asked, codes, opened, excused, hidden, blocked, short, _ = answers
        whole = (asked, codes, opened, excused, hidden, blocked, short, notes)
        answers = of_fields(Answers, whole)
    form = response.get("questionnaire")
    if assumed or not isinstance(form, str) or form not in engine.newest:
        answers = of_its_version(response, engine.pack, answers)
    return answers, issues


@cache
def _weighing() -> Callable[[Walk | None, Read, JsonObject, Engine], tuple[Answers, Issues]]:
    """What weighs faults; cached: the import statement costs a microsecond a call."""
    # Most responses never need it, and it is half of all that there is to import.
    from cds.flows.deciding.faults import weighed  # noqa: PLC0415

    return weighed
