"""The page's own decision beside the engine's, on random answers: the third way to run the rules.

The rules of the page run in Node here; `tests/form` runs the same comparison in a real browser.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cds import wire
from cds.core.pack import Form, Pack
from cds.flows.assess import Assessor
from cds.flows.packs.differential import FIXED_NOW, RESPONSE_COUNT, Comparison, valid_responses
from cds.flows.packs.node import NodeError, run_node
from cds.web.form.tree import knowledge_of

_ENGINE = Path(__file__).parent / "static" / "engine.js"
# A decision document for each response; see `run_node`.
SCRIPT = """
const fs = require('fs');
require(process.argv[1]);
const knowledge = JSON.parse(fs.readFileSync('given.json', 'utf8'));
const lines = fs.readFileSync('responses.ndjson', 'utf8').trim().split('\\n').map(line =>
  JSON.stringify(globalThis.crampCds.engine.decide(knowledge, JSON.parse(line))));
fs.writeFileSync('found.ndjson', lines.join('\\n') + '\\n');
"""


def pages_and_ours(pack: Pack) -> Iterator[Comparison]:
    """The comparison for every form of a pack."""
    for form in pack.forms:
        yield page_and_ours(pack, form)


def page_and_ours(
    pack: Pack,
    form: Form,
    count: int = RESPONSE_COUNT,
    seed: int = 0,
    settings: Mapping[str, bool] | None = None,
) -> Comparison:
    """The decisions of the page's script, run by Node, and ours, document for document."""
    name = f"the page's script (Node) and {form.id}"
    responses = valid_responses(pack, form, count, seed)
    assessor = Assessor([pack], settings)
    knowledge = knowledge_of(assessor.engines[form.url][0])
    theirs = run_page(knowledge, responses)
    if isinstance(theirs, str):
        return Comparison(name, None, (), theirs)
    wrong = disagreements(assessor, responses, theirs)
    return Comparison(name, count, tuple(wrong))


def disagreements(
    assessor: Assessor, responses: Sequence[Mapping[str, Any]], theirs: Sequence[Any]
) -> list[str]:
    """The responses on which a decision of the page is not ours. Issues are the server's alone."""
    wrong = []
    for response, page in zip(responses, theirs, strict=True):
        ours = {**assessor.assess(dict(response), now=FIXED_NOW).document(), "issues": []}
        if wire.write(ours, sort_keys=True) != wire.write(page, sort_keys=True):
            parts = [key for key in ours if ours[key] != page.get(key)]
            wrong.append(f"{', '.join(parts)}: {wire.write(dict(response)).decode()}")
    return wrong


def run_page(
    knowledge: Mapping[str, Any], responses: Sequence[Mapping[str, Any]]
) -> list[Any] | str:
    """The decision documents of the page's script, or why they could not be had."""
    try:
        return run_node(SCRIPT, dict(knowledge), responses, str(_ENGINE))
    except NodeError as error:
        return f"the script did not run: {str(error)[-300:]}"
