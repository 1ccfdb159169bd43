"""What `validate` counts on the way: the line at its end, and the statistics by rule."""

from collections import Counter
from collections.abc import Iterator

from cds.commands.exits import Causes, Exit
from cds.flows.validate import Validated
from cds.flows.validate_choice import FORMLESS, RuleChoice


class Tally:
    """How many inputs and issues there were; the line at the end is made of it."""

    def __init__(self, judged: str) -> None:
        """`judged`: what an input is called, response or form."""
        self.judged = judged
        self.inputs = self.valid = self.unreadable = self.formless = self.left_out = 0
        self.issues: Counter[str] = Counter()
        self.rules: Counter[tuple[str, str]] = Counter()

    def add(self, result: Validated) -> None:
        """Count one result."""
        self.inputs += 1
        self.valid += result.valid
        self.unreadable += result.fault is not None
        self.formless += any(issue.rule in FORMLESS for issue in result.issues)
        self.left_out += result.left_out
        self.issues.update(issue.severity for issue in result.issues)
        self.rules.update((issue.rule, issue.severity) for issue in result.issues)

    def __str__(self) -> str:
        """`3 responses: 2 valid, 1 with errors (4 errors, 1 warning)`."""
        parts = [f"{self.valid:,} valid"]
        if faulty := self.inputs - self.valid - self.unreadable:
            parts.append(f"{faulty:,} with errors")
        if self.formless:
            parts.append(f"{self.formless:,} judged without a form")
        if self.unreadable:
            parts.append(f"{self.unreadable:,} not readable")
        counts = _plural(self.issues["error"], "error"), _plural(self.issues["warning"], "warning")
        left = f", {_plural(self.left_out, 'issue')} left out as chosen" if self.left_out else ""
        judged = _plural(self.inputs, self.judged)
        return f"{judged}: {', '.join(parts)} ({', '.join(counts)}{left})"

    def statistics(self) -> Iterator[str]:
        """A line for each rule, the most frequent first: count, severity, rule."""
        width = len(f"{max(self.rules.values(), default=0):,}")
        for (rule, severity), count in sorted(
            self.rules.items(), key=lambda found: (-found[1], found[0])
        ):
            yield f"{count:>{width},}  {severity:<11}  {rule}"


def _plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


class IssueHearing:
    """What is heard of the results, what is counted, and what the run ends with."""

    def __init__(
        self, choice: RuleChoice, judged: str, *, fail_on: str, require_form: bool
    ) -> None:
        self._choice = choice
        self._failing = {"error", "fatal"} | ({"warning"} if fail_on == "warning" else set())
        self._require_form = require_form
        self.tally = Tally(judged)
        self.causes = Causes()

    def heard(self, result: Validated) -> Validated:
        """The result with the chosen issues, counted."""
        if self._require_form and any(issue.rule in FORMLESS for issue in result.issues):
            self.causes.add(Exit.FINDINGS)
        chosen = self._choice.of(result)
        self.tally.add(chosen)
        if chosen.fault is not None:
            self.causes.add(Exit.UNREADABLE)
        elif any(issue.severity in self._failing for issue in chosen.issues):
            self.causes.add(Exit.FINDINGS)
        return chosen
