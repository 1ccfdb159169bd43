"""What a card says of one verdict: its headline, its bullets, and its last lines."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from cds.core.model import Deviation, Finding, OpenQuestion
from cds.core.remember import remember
from cds.flows.hooks import Verdict
from cds.forms.given import is_finished
from cds.phrases.say import Say
from cds.web.cards.detail import Bullet, enumerated, paragraph, summary_of
from cds.web.cards.markdown import escaped, ours, shortened
from cds.web.cards.stationery import Stationery
from cds.web.cards.words import CardWords, Measured, day_of
from cds.wire import JsonObject

CRITICAL, WARNING, INFO = "critical", "warning", "info"
_UNFINISHED = " (unfinished)"
_MOST_KEPT = 512  # bullets of a pack
_MOST_NAMED = 130
_LEAST_NAMED = 40
_MOST_SAID = 390  # of a whole card: the blank line and what is escaped need the rest
_own_summary = lru_cache(maxsize=1024)(summary_of)  # of the pack's own words: never a patient's
_WHY_OPEN: Mapping[str, str] = {
    "unanswered": "Not answered",
    "unknown": "Not sure",
    "unreadable": "Not readable",
    "duplicate": "Answered twice",
    "free-text": "Only in free text",
}


class Texts:
    """The words for one verdict; what comes from outside is escaped here."""

    def __init__(self, verdict: Verdict, printed: Stationery) -> None:
        """Sort the findings by the card that they belong on, and the open questions."""
        self.verdict = verdict
        self.words = printed.words
        self.input = printed.input
        self._kept = printed.bullets
        # Without a response, nothing is open.
        self.finished = verdict.response is None or is_finished(verdict.response)
        self.say = verdict.pack.say
        self.assessment = verdict.assessed.assessment if verdict.assessed else None
        self._tests: Mapping[str, str] | None = None  # looked up for the first measured value
        self.by: dict[str, list[Finding]] = {CRITICAL: [], WARNING: [], INFO: []}
        for finding in self.assessment.findings if self.assessment else ():
            self.by[finding.level.indicator].append(finding)
        # Without a response everything is open, and the card about the due assessment says so.
        asked = self.assessment.open if self.assessment and verdict.response else ()
        self.safety = [one for one in asked if one.link_id in printed.safety]
        # What of the record is open has a card of its own.
        self.others = [one for one in asked if one.link_id and one.link_id not in printed.safety]

    # ── Headlines ──

    def headline(self, findings: Sequence[Finding]) -> str:
        """What to do and the patient's own sign; a measured value leads with itself."""
        say = self.say
        tail = "" if self.finished else say(_UNFINISHED)
        level = self.assessment.level if self.assessment else None
        findings = [one for one in findings if one.level == level]
        display = level.display if level else self.verdict.pack.title
        bullets = [self._ours(one) for one in findings]
        in_own_words = all(bullets)
        values = [] if in_own_words else [one for each in findings for one in self._measured(each)]
        if values:
            more = len({(one.name, one.value) for one in values}) - 1
            others = say(" and {count} more", count=more) if more else ""
            return summary_of(values[0].headline, (), f"{others}{tail}")
        signs: list[str] = []
        for finding, bullet in zip(findings, bullets, strict=True):
            signs += bullet.signs if bullet else map(self.words.sign, finding.because)
        summary = _own_summary if in_own_words else summary_of
        return summary(display, tuple(dict.fromkeys(signs)), tail)

    def open_summary(self) -> str:
        """Which safety questions are open."""
        tail = "" if self.finished else self.say(_UNFINISHED)
        names = [self.words.question(one.link_id) for one in self.safety]
        head = self.say("Emergency not excluded. Open: ")
        most = 80 - len(head) - len(tail)
        return summary_of(f"{head}{enumerated(names, most, self.say)}", (), tail)

    # ── Bullets ──

    def bullets(self, findings: Sequence[Finding]) -> list[Bullet]:
        """A bullet per finding: of the deciding level first, then those with a measured value."""
        if len(findings) > 1:
            findings = sorted(findings, key=lambda one: (-one.level.rank, not self._measured(one)))
        return [self._ours(one) or self._bullet(one) for one in findings]

    @staticmethod
    def of_findings(words: CardWords, findings: Sequence[Finding]) -> list[Bullet]:
        """A bullet per finding of answers that were not assessed beside the record."""
        return [
            Bullet(words.title(one.rule), tuple(map(words.sign, one.because)), one.rule.id)
            for one in findings
        ]

    def _ours(self, finding: Finding) -> Bullet | None:
        """The bullet of a finding in the pack's own words; what a record says is not remembered."""
        key = (finding.rule.id, finding.because)
        kept = self._kept.get(key)
        if kept is None and all(one.fact is None is one.evidence for one in finding.because):
            kept = remember(self._kept, key, self._bullet(finding).drawn(), _MOST_KEPT)
        return kept

    def _bullet(self, finding: Finding) -> Bullet:
        signs = [
            self.words.sign(one)
            for one in finding.because
            if one.evidence is None or isinstance(one.evidence.value, str | None)
        ]
        values = self._measured(finding)
        if not values:
            title = self.words.title(finding.rule)
            return Bullet(title, tuple(dict.fromkeys(signs)), finding.rule.id)
        first = values[0]
        day = f" ({first.day})" if first.day else ""
        others = [f"{one.name} {one.value} ({one.day})" for one in values[1:]]
        said = (*first.marks, *others, *signs)
        return Bullet(
            f"{first.name} {first.value}{day}", tuple(dict.fromkeys(said)), finding.rule.id
        )

    def _measured(self, finding: Finding) -> tuple[Measured, ...]:
        for one in finding.because:
            if one.evidence is not None:
                break
        else:
            return ()
        if self._tests is None:
            self._tests = self._tests_named()
        return self.words.measured(finding, self._tests, self.verdict.visit.now)

    def _tests_named(self) -> Mapping[str, str]:
        """The tests of the record that the pack does not name, as the record names them."""
        found: dict[str, str] = {}
        for one in self.verdict.visit.record:
            if one.get("resourceType") == "Observation" and isinstance(one.get("id"), str):
                name = _code_name(one.get("code"))
                if name:
                    found[f"Observation/{one['id']}"] = name
        return found

    # ── Last lines ──

    def closing(self, shown: Sequence[str]) -> Iterable[str]:
        """What the site changed, how old the answers are, what this is, and which rules."""
        return self._closed(), self._faults(), self._deviations(), self._last(shown)

    def closing_of_open(self, _: Sequence[str]) -> Iterable[str]:
        """Which safety questions are open, and why; what else leaves it unsettled."""
        return (*self._open(), *self._reasons(), self._faults(), self._when_and_what())

    def of_orders(self, _: Sequence[str]) -> Iterable[str]:
        """The orders that touch the problem."""
        orders = [shortened(one, 60) for one in self.verdict.orders if one]
        text = self.verdict.pack.cards.order_text or ""
        room = _MOST_SAID - len(self.input)
        if orders:  # the pack's own words are said whole: they tell what to do
            ordered = "Being ordered: {orders}."
            left = room - len(self.say(ordered, orders="")) - len(text) - 1
            listed = enumerated(orders, min(_MOST_NAMED, max(_LEAST_NAMED, left)), self.say)
            text = f"{self.say(ordered, orders=listed)} {text}"
        return paragraph(shortened(text, room)), self.input

    def _last(self, shown: Sequence[str]) -> str:
        count = len(self.assessment.findings) if self.assessment else 0
        said = self._when_and_what()
        return f"{said} {_rules_named(tuple(shown), count, self.say)}" if count else said

    def _when_and_what(self) -> str:
        response, say = self.verdict.response, self.say
        if response is None:
            return f"{say('From the record alone.')} {self.input}"
        authored = response.get("authored")
        day = day_of(
            authored if isinstance(authored, str) else None,
            self.verdict.visit.now,
            whole=True,
            say=say,
        )
        said = say("Answered {day}", day=day) if day else say("Answers without a date")
        return f"{said}{'' if self.finished else say(', unfinished')}. {self.input}"

    def _open(self) -> Iterable[str]:
        groups: dict[str, list[OpenQuestion]] = {}
        for one in self.safety:
            groups.setdefault(one.why, []).append(one)
        said = [
            f"{self.say(_WHY_OPEN.get(why, why))}: "
            + enumerated(
                [self.words.question(one.link_id) for one in listed], _MOST_NAMED, self.say
            )
            for why, listed in groups.items()
        ]
        if said:
            head = self.say("An emergency is not excluded.")
            yield paragraph(f"{head} {'. '.join(said)}.")
        if self.others:
            single = "{count} further question is open."
            many = "{count} further questions are open."
            count = len(self.others)
            yield paragraph(self.say(many if count > 1 else single, count=count))

    def _reasons(self) -> Iterable[str]:
        assessed, wording = self.verdict.assessed, self.verdict.pack.wording
        if assessed is not None and not self.safety:
            if assessed.context.answers is not None and assessed.context.answers.short:
                yield paragraph(wording.short_form)
            elif not self.finished:
                yield paragraph(wording.unfinished)

    def _closed(self) -> str:
        """An emergency of earlier answers; what is no alarm itself has a card about it."""
        judged = self.verdict.counted.closed
        if judged is None or not self.by[CRITICAL]:
            return ""
        authored = judged.response.get("authored")
        day = day_of(
            authored if isinstance(authored, str) else None,
            self.verdict.visit.now,
            say=self.say,
        )
        day = f" ({escaped(day)})" if day else ""
        return self.say("Earlier answers{day} named an emergency too.", day=day)

    def _faults(self) -> str:
        issues = self.verdict.assessed.issues if self.verdict.assessed else ()
        errors = sum([issue.severity in {"fatal", "error"} for issue in issues]) if issues else 0
        if not errors:
            return ""
        word = self.say("an error" if errors == 1 else "{count} errors", count=errors)
        text = "The response has {errors}; the answers concerned are treated as unknown."
        return self.say(text, errors=word)

    def _deviations(self) -> str:
        deviations = self.assessment.deviations if self.assessment else ()
        if not deviations:
            return ""
        names = enumerated([_deviation(one) for one in deviations], 60, self.say)
        return paragraph(self.say("This site's own settings apply here: {names}.", names=names))


@lru_cache(maxsize=1024)  # the same rules fire for many
def _rules_named(shown: tuple[str, ...], count: int, say: Say) -> str:
    """`Rules E3 and 2 more.`: those that are shown of so many."""
    more = count - len(shown)
    *others, last = [*shown, say("{count} more", count=more)] if more else shown
    rules = f"{', '.join(others)}{say(' and ')}{last}" if others else last
    return f"{say('Rule' if count == 1 else 'Rules')} {ours(rules)}."


def _deviation(one: Deviation) -> str:
    """The name of the setting; of a number, the number as well."""
    return one.option if isinstance(one.value, bool) else f"{one.option} = {one.value}"


def _code_name(concept: object) -> str:
    """What a CodeableConcept calls itself, without the specimen in brackets."""
    if not isinstance(concept, dict):
        return ""
    codings = concept.get("coding")
    listed = [one for one in codings if isinstance(one, dict)] if isinstance(codings, list) else []
    names: list[JsonObject | str | None] = [concept.get("text")]
    names += [one.get("display") for one in listed] + [one.get("code") for one in listed]
    found = next((one for one in names if isinstance(one, str) and one.strip()), "")
    return shortened(found.partition(" [")[0], 40)
