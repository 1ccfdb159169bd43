"""A response read once: the answers that count, and its faults as `assess` weighs them."""

from cds.core.model import Answers, Note
from cds.flows.deciding.engine import Engine
from cds.flows.deciding.versions import of_its_version
from cds.forms.answers import answers_after
from cds.forms.given import FAULTY
from cds.forms.issues import Issue
from cds.forms.reader.walk import Walk
from cds.forms.response.canonical import Parsed, proven
from cds.wire import JsonObject


def read_parsed(
    parsed: Parsed, engine: Engine, *, assumed: bool, where: str
) -> tuple[Parsed, Answers, tuple[Issue, ...]]:
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


def read_answered(
    response: JsonObject, engine: Engine, *, assumed: bool
) -> tuple[Answers, tuple[Issue, ...]]:
    """Answers and issues of a response. `assumed`: its form was only guessed."""
    walk = engine.reader.walk(response)
    return _after(walk, response, engine, assumed=assumed)


def _after(
    walk: Walk | None, response: JsonObject, engine: Engine, *, assumed: bool
) -> tuple[Answers, tuple[Issue, ...]]:
    read = answers_after(None if assumed else walk, response, engine.reading, assumed=assumed)
    answers, _, _, spoken, _ = read
    issues: tuple[Issue, ...] = ()
    if (
        walk is None
        or not walk.plain
        or not (walk.codes or walk.answered)  # nothing is answered: a fault where answers are owed
        or (answers.open and not FAULTY.keys().isdisjoint(answers.open.values()))
    ):
        # Most responses never need it, and it is half of all that there is to import.
        from cds.flows.deciding.faults import weighed  # noqa: PLC0415

        answers, issues = weighed(walk, read, response, engine)
    if spoken:
        text = engine.pack.wording.free_text
        notes = tuple(Note("free-text", link_id, text) for link_id in spoken)
        answers = answers._replace(notes=notes)
    form = response.get("questionnaire")
    if assumed or not isinstance(form, str) or form not in engine.newest:
        answers = of_its_version(response, engine.pack, answers)
    return answers, issues
