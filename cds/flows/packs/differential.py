"""Law f: several ways to run the same rules must agree on random answers.

The compiled function against the tree interpreter on any worlds; and what is published (FHIRPath)
against our findings on valid responses, run by an engine that is not ours (npm `fhirpath`), if Node
and the engine are there.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from cds import wire
from cds.core.interpret import truth_of
from cds.core.model import State
from cds.core.pack import Form, Pack
from cds.core.scorer import Scorer
from cds.core.scoring import states
from cds.flows.assess import Assessor
from cds.flows.packs.node import NodeError, run_node
from cds.flows.packs.publishing.plan import plan_definition
from cds.knowledge.proofs.questions import questions_of_form
from cds.knowledge.proofs.random_answers import any_world, valid_answers
from cds.knowledge.proofs.witness import _response

FIXED_NOW = datetime(2026, 1, 2, tzinfo=UTC)
RESPONSE_COUNT = 1_000
_STATES = {True: State.FLAGGED, None: State.OPEN, False: State.RULED_OUT}
# A line of fired rule ids for each response; see `run_node`.
_ENGINE = """
const fhirpath = require('fhirpath'), r4 = require('fhirpath/fhir-context/r4'), fs = require('fs');
const rules = JSON.parse(fs.readFileSync('given.json', 'utf8'));
const run = rules.map(([id, text]) => [id, fhirpath.compile(text, r4)]);
const lines = fs.readFileSync('responses.ndjson', 'utf8').trim().split('\\n').map(one => {
  const resource = JSON.parse(one);
  const fired = run.filter(([, holds]) => holds(resource)[0] === true);
  return JSON.stringify(fired.map(([id]) => id));
});
fs.writeFileSync('found.ndjson', lines.join('\\n') + '\\n');
"""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one comparison ended. `worlds` is None where it could not be run, and `text` says why."""

    name: str
    worlds: int | None
    disagreements: tuple[str, ...]
    text: str = ""

    @property
    def agrees(self) -> bool:
        """Whether nothing disagreed."""
        return not self.disagreements

    def __str__(self) -> str:
        """A line, and the first disagreements."""
        if self.worlds is None:
            return f"  f  {self.name}: not run ({self.text})"
        state = "agree" if self.agrees else f"DISAGREE {len(self.disagreements)} times"
        lines = [f"  f  {self.name}: {state} on {self.worlds:,} random worlds"]
        return "\n".join([*lines, *(f"     {one}" for one in self.disagreements[:3])])


def differential(
    pack: Pack, *, worlds: int, responses: int = RESPONSE_COUNT, seed: int = 0
) -> Iterator[Comparison]:
    """Run the comparisons, one after the other."""
    yield compiled_and_tree(pack, worlds, seed)
    for form in pack.forms:
        yield published_and_ours(pack, form, responses, seed)


def compiled_and_tree(pack: Pack, worlds: int, seed: int = 0) -> Comparison:
    """The compiled function and the tree interpreter, rule by rule."""
    chance = Random(seed)  # noqa: S311 - chosen worlds, nothing secret
    questions = questions_of_form(pack.full, pack.unknown, pack.fail_safe)
    facts = sorted(pack.facts)
    scorer = Scorer(pack.rules)
    wrong = []
    for _ in range(worlds):
        answers, known = any_world(questions, facts, chance)
        found = states(scorer, answers, known)
        wrong += [
            f"{rule.id}: {found[rule.id].value}; {dict(answers.codes)}"
            for rule in pack.rules.rules
            if found[rule.id] is not _STATES[truth_of(rule.when, answers, known)]
        ]
    return Comparison("compiled rules and tree", worlds, tuple(wrong))


def published_and_ours(pack: Pack, form: Form, count: int, seed: int = 0) -> Comparison:
    """The PlanDefinition's conditions, run by fhirpath.js, and our findings."""
    name = f"published FHIRPath (fhirpath.js) and {form.id}"
    responses = valid_responses(pack, form, count, seed)
    expressions = [
        [action["prefix"], action["condition"][0]["expression"]["expression"]]
        for action in plan_definition(pack)["action"]
        if "prefix" in action  # the first one is no rule: it says that they ran
    ]
    fired = run_engine(expressions, responses)
    if isinstance(fired, str):
        return Comparison(name, None, (), fired)
    assessor = Assessor([pack])
    wrong = []
    for one, theirs in zip(responses, fired, strict=True):
        assessed = assessor.assess(one, now=FIXED_NOW)
        ours = {finding.rule.id for finding in assessed.findings}
        if assessed.invalid:
            wrong.append(f"not a valid response: {assessed.issues}")
        elif ours != set(theirs):
            wrong.append(
                f"ours {sorted(ours)}, published {sorted(theirs)}: {wire.write(one).decode()}"
            )
    return Comparison(name, count, tuple(wrong))


def valid_responses(pack: Pack, form: Form, count: int, seed: int) -> list[dict[str, Any]]:
    """Random valid responses to a form."""
    chance = Random(seed)  # noqa: S311 - chosen worlds, nothing secret
    questions = questions_of_form(form, pack.unknown, pack.fail_safe)
    return [_response(form, valid_answers(questions, chance)) for _ in range(count)]


def run_engine(
    expressions: Sequence[Sequence[str]], responses: Sequence[dict[str, Any]]
) -> list[list[str]] | str:
    """The ids whose expression is true, per response; or why the engine could not be run."""
    modules = {"NODE_PATH": os.pathsep.join(_module_folders())}
    try:
        return run_node(_ENGINE, list(expressions), responses, environment=modules)
    except NodeError as error:
        if "Cannot find module 'fhirpath" in str(error):
            return "npm package fhirpath not found; name its node_modules folder in NODE_PATH"
        return f"the engine did not run: {str(error)[-300:]}"


def _module_folders() -> list[str]:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    tools = os.environ.get("CRAMP_CDS_ORACLE_HOME") or str(cache / "cramp-cds-oracle")
    named = os.environ.get("NODE_PATH", "")
    return [*named.split(os.pathsep), str(Path("node_modules").resolve()), f"{tools}/node_modules"]
