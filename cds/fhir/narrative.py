"""The text that many systems show instead of the data: XHTML, made here, every word escaped."""

from cds.core.model import Assessment, OpenQuestion
from cds.fhir.prepared import Prepared, Said
from cds.fhir.primitives import xml
from cds.fhir.sentences import Sentence
from cds.wire import JsonObject


def narrative(
    assessment: Assessment,
    parts: Prepared,
    said: list[Said],
    status: str,
    told: list[Sentence],
) -> JsonObject:
    """The decision for a reader: level, action, findings, what is open, what else to know."""
    level, complete, _, still_open, _, _, _ = assessment
    pieces = [parts.levels[level.code].html]
    say = parts.pack.say
    if status != "final":
        whole = "The safety check is complete."
        check = say(whole if complete else "The safety check is not complete.")
        pieces.append(f"<p>{xml(say('Status: {status}.', status=say(status)))} {xml(check)}</p>")
    if said:
        pieces += ("<ul>", *[one.html for one in said], "</ul>")
    if still_open:
        still = "; ".join([_open(one, parts) for one in still_open])
        pieces.append(f"<p>{xml(say('Still open'))}: {xml(still)}.</p>")
    for html, _ in told:
        pieces.append(f"<p>{html}</p>")
    pieces.append(parts.html_footer)
    return {"status": "generated", "div": "".join(pieces)}


def _open(question: OpenQuestion, parts: Prepared) -> str:
    link_id = question.link_id
    what = question.record if link_id is None else parts.labels.short(link_id)
    return f"{what} ({parts.pack.say(question.why)})"


def message_narrative(text: str, parts: Prepared) -> JsonObject:
    """A message for a reader."""
    return {
        "status": "generated",
        "div": f"{parts.html_opening}<p>{xml(text)}</p>{parts.html_footer}",
    }
