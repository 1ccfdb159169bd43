"""A response with some answers changed, read again: what its sender would have sent instead."""

from typing import Any

from cds.core.model import Answers, Facts
from cds.core.scorer import Scorer
from cds.core.scoring import score
from cds.core.why import Alternative, AnswerChange
from cds.flows.deciding.engine import Engine
from cds.flows.deciding.reading import read_answered
from cds.flows.deciding.versions import of_its_version
from cds.forms.answers import answers_after
from cds.forms.given import FAULTY
from cds.forms.issues import BLOCKING
from cds.forms.questionnaire import Item, Questionnaire
from cds.forms.reader.reader import reader_of
from cds.forms.reading import controls
from cds.forms.response.enablement import Enablement
from cds.forms.response.tree import read_tree
from cds.wire import JsonObject


class Again:
    """One response, to be read with other answers. Everything else in it stays, its faults too."""

    def __init__(self, response: JsonObject, engine: Engine) -> None:
        self._response = response
        self._engine = engine
        self._form = engine.reading.questionnaire
        self._assumed = not isinstance(response.get("questionnaire"), str)
        _, issues = read_answered(response, engine, assumed=self._assumed)
        self._blocking = {issue.link_id for issue in issues if issue.severity in BLOCKING}
        self.asked = self._asked(response, engine.reading.asked)  # the questions that the form asks

    def read(self, changes: AnswerChange) -> Answers:
        """The answers that count, with these questions answered so (no code: not answered)."""
        response = self.changed(changes)
        walk = None if self._assumed else reader_of(self._form).walk(response)
        read = answers_after(walk, response, self._engine.reading, assumed=self._assumed)
        answers = of_its_version(response, self._engine.pack, read.answers)
        faulty = not FAULTY.keys().isdisjoint(read.answers.open.values())
        if walk is not None and walk.plain and not faulty:
            return answers
        # A sound answer mends the faults of its question; every other fault stays. Judging the
        # whole response again for each of hundreds of changes would take seconds.
        blocked = (
            answers.blocked
            or bool(read.contradicted)
            or not self._blocking.issubset(changes)
            or faulty
        )
        return answers._replace(blocked=blocked)

    def holds(self, alternative: Alternative, scorer: Scorer, facts: Facts) -> bool:
        """Whether the changed response, judged whole, leads where the alternative says."""
        response = self.changed(dict(alternative.changes))
        answers, _ = read_answered(response, self._engine, assumed=self._assumed)
        return score(scorer, answers, facts).level == alternative.level

    def changed(self, changes: AnswerChange) -> JsonObject:
        """The response with the changes; what the form no longer asks goes, as a form would do."""
        if not changes:
            return self._response
        items = _without(self._response.get("item"), frozenset(changes))
        for link_id, codes in changes.items():
            if codes:
                _put(items, self._form, link_id, codes)
        response = {**self._response, "item": items}
        following = self._following(changes)
        while following:
            # What was answered although not asked stays, unless it is among the changes.
            gone = {one for one in following if one in self.asked or one in changes}
            gone -= self._asked(response, gone)
            if not gone:
                break
            response["item"] = _without(response["item"], frozenset(gone))
            following -= gone
        return response

    def _following(self, changes: AnswerChange) -> set[str]:
        """The changed questions, and those that are asked because of one of them, or are not."""
        affected = set(changes)
        while True:
            more = {
                one
                for one in self._engine.reading.asked
                if one not in affected
                and not affected.isdisjoint(controls(self._form.by_link_id[one]))
            }
            if not more:
                return affected
            affected |= more

    def _asked(self, response: JsonObject, questions: tuple[str, ...] | set[str]) -> set[str]:
        """Those of the questions that the form asks, given these answers."""
        tree = read_tree(response, self._form)
        enablement = Enablement(tree)
        return {
            link_id
            for link_id in questions
            for item in (self._form.by_link_id[link_id],)
            if enablement.at(item, tree.around(item)).enabled is not False
        }


def _without(items: object, gone: frozenset[str]) -> list[Any]:
    """A copy without these questions, wherever they stand, and without groups that they emptied."""
    kept = []
    for entry in items if isinstance(items, list) else ():
        if not isinstance(entry, dict):
            kept.append(entry)
            continue
        link_id = entry.get("linkId")
        if isinstance(link_id, str) and link_id in gone:
            continue
        copied = dict(entry)
        if isinstance(entry.get("item"), list):
            copied["item"] = _without(entry["item"], gone)
            if entry["item"] and not copied["item"] and "answer" not in entry:
                continue
        if isinstance(entry.get("answer"), list):
            copied["answer"] = [
                {**answer, "item": _without(answer["item"], gone)}
                if isinstance(answer, dict) and isinstance(answer.get("item"), list)
                else answer
                for answer in entry["answer"]
            ]
        kept.append(copied)
    return kept


def _put(items: list[Any], form: Questionnaire, link_id: str, codes: tuple[str, ...]) -> None:
    """Answer a question where the form has it, in its order."""
    item = form.by_link_id[link_id]
    siblings = form.items
    for group in item.ancestors:
        found = next(
            (one for one in items if isinstance(one, dict) and one.get("linkId") == group.link_id),
            None,
        )
        if found is None:
            found = {"linkId": group.link_id}
            _insert(items, found, group, siblings)
        if not isinstance(found.get("item"), list):
            found["item"] = []
        items, siblings = found["item"], group.children
    answers = [
        {"valueCoding": {key: coding[key] for key in ("system", "code") if key in coding}}
        for code in codes
        for coding in (item.codes[code]["valueCoding"],)
    ]
    _insert(items, {"linkId": item.link_id, "answer": answers}, item, siblings)


def _insert(items: list[Any], entry: JsonObject, item: Item, siblings: tuple[Item, ...]) -> None:
    """Put an entry before the first that comes later in the form."""
    later = [sibling.link_id for sibling in siblings if sibling.order > item.order]
    for place, other in enumerate(items):
        # A list, not a set: what stands there as a linkId may be anything.
        if isinstance(other, dict) and other.get("linkId") in later:
            items.insert(place, entry)
            return
    items.append(entry)
