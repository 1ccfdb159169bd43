"""The words inside the cards: why, on whose word, what is open, what was not available."""

from collections.abc import Sequence

from cds.core.model import Finding, OpenQuestion
from cds.flows.hooks import Verdict
from cds.web.cards.markdown import escaped, ours, shortened
from cds.web.cards.stationery import Stationery


class Texts:
    """The words for one verdict, in markdown."""

    def __init__(
        self, verdict: Verdict, printed: Stationery, others: Sequence[OpenQuestion]
    ) -> None:
        """`others`: what is open besides the safety questions."""
        self.verdict = verdict
        self.printed = printed
        self.words = verdict.pack.cards
        self.assessment = verdict.assessed.assessment if verdict.assessed else None
        self.others = others

    def listed(self, findings: Sequence[Finding]) -> str:
        """A bullet per finding."""
        return "\n".join(map(self._finding, findings))

    def _finding(self, finding: Finding) -> str:
        """Kept, if it is in the pack's own words; what the record says is the patient's."""
        key = (finding.rule.id, finding.because)
        bullet = self.printed.bullets.get(key)
        if bullet is None:
            labels = self.printed.labels
            phrase = labels.phrase_of(finding)
            known = all((one.link_id, one.answer) in labels.phrases for one in finding.because)
            before, after = self.printed.rules[finding.rule.id]
            bullet = f"{before}{ours(phrase.full) if known else escaped(phrase.full)}{after}"
            if known:
                self.printed.keep(key, bullet)
        return bullet

    def open_ones(self, questions: Sequence[OpenQuestion]) -> str:
        """A bullet per question, with why it is open."""
        return "\n".join(
            f"- {escaped(self._question(one))}: {escaped(one.why)}" for one in questions
        )

    def _question(self, question: OpenQuestion) -> str:
        return (
            self.printed.labels.short(question.link_id)
            if question.link_id
            else question.record or "record"
        )

    def still_open(self) -> str:
        """What is open besides the safety questions."""
        return f"Still open:\n\n{self.open_ones(self.others)}" if self.others else ""

    def deviations(self) -> list[str]:
        """The site options that changed something here."""
        return [escaped(one.text) for one in self.assessment.deviations] if self.assessment else []

    def issues(self) -> list[str]:
        """How many faults the response has."""
        issues = self.verdict.assessed.issues if self.verdict.assessed else ()
        errors = sum(issue.severity in {"fatal", "error"} for issue in issues)
        if not errors:
            return []
        count = "1 error" if errors == 1 else f"{errors} errors"
        return [f"The response has {count}; the answers concerned are treated as unknown."]

    def unavailable(self) -> str:
        """What could not be had, and why."""
        missing = self.verdict.visit.missing
        if not missing:
            return ""
        named = "; ".join(f"{escaped(key)} ({escaped(why)})" for key, why in missing.items())
        return f"Not available, so not taken into account: {named}."

    def orders(self) -> str:
        """The orders that touch the problem."""
        named = ", ".join(
            filter(None, (escaped(shortened(one, 120)) for one in self.verdict.orders))
        )
        text = ours(self.words.order_text or "")
        return f"Being ordered: {named}. {text}" if named else text

    def when(self) -> str:
        """Of when the answers are, what this is for, and which knowledge."""
        response = self.verdict.response
        authored = response.get("authored") if response else None
        said = f"Answers of {escaped(authored)}. " if isinstance(authored, str) else ""
        return f"{said}{self.printed.fine_print}"
