"""What `assess` says of each input, and what it counts on the way."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click

from cds import wire
from cds.commands.decision import decision_lines
from cds.commands.exits import Causes, Exit
from cds.commands.inputs import Input
from cds.commands.layout import Style
from cds.commands.output import visible
from cds.errors import CdsError, ResponseError, Unreadable
from cds.flows.deciding.assessed import Assessed

FAULT = "cramp-cds/fault/1"


class Told:
    """Renders decisions and refusals in one format; keeps the exit code and the totals."""

    def __init__(
        self, form: str, style: Style, fail_on: str, in_words: Callable[[Assessed], Assessed]
    ) -> None:
        """`in_words`: the decision in the language in which it is to be told."""
        self._form, self._style, self._fail_on = form, style, fail_on
        self._in_words = in_words
        self.causes = Causes()
        self._inputs = self._refused = self._unfinished = 0
        self._levels: Counter[tuple[int, str]] = Counter()  # by rank, for the order
        self._rules: Counter[str] = Counter()
        self._moved: Counter[str] = Counter()  # beside another version

    def decision(
        self,
        assessed: Assessed,
        one: Input,
        heading: list[str],
        inputs: Sequence[dict[str, Any]] = (),
        other: Assessed | None = None,
    ) -> bytes:
        """The decision in the wanted format, counted; `inputs` come along in a FHIR Bundle.

        With `other`, what another version concludes, it is their comparison.

        Raises:
            ResponseError: the format needs a subject, and there is none.
        """
        if other is None:
            data = self._rendered(self._in_words(assessed), one, heading, inputs)
        else:
            data = self._compared(assessed, other, one, heading)
        self._inputs += 1
        self._levels[assessed.level.rank, assessed.level.code] += 1
        self._unfinished += not assessed.assessment.complete
        self._rules.update(finding.rule.id for finding in assessed.findings)
        if assessed.invalid or (self._fail_on == "emergency" and assessed.level.alert):
            self.causes.add(Exit.FINDINGS)
        return data

    def _rendered(
        self,
        assessed: Assessed,
        one: Input,
        heading: list[str],
        inputs: Sequence[dict[str, Any]],
    ) -> bytes:
        if self._form == "json":
            return wire.write(_placed(assessed.document(), one, assessed.subject)) + b"\n"
        if self._form == "fhir":
            bundle = assessed.to_bytes() if not inputs else _whole(assessed, inputs)
            _warn(assessed)
            return bundle + b"\n"
        return ("\n".join([*heading, *decision_lines(assessed, self._style)]) + "\n").encode()

    def _compared(
        self, assessed: Assessed, other: Assessed, one: Input, heading: list[str]
    ) -> bytes:
        from cds.commands.versions import comparison_lines as compared_lines
        from cds.flows.explaining.against import Against

        against = Against(assessed, other)
        self._moved[against.moved] += 1
        if self._form == "json":
            return wire.write(_placed(against.document(), one, assessed.subject)) + b"\n"
        return ("\n".join([*heading, *compared_lines(against, self._style)]) + "\n").encode()

    def refusal(self, error: CdsError, one: Input) -> bytes:
        """The error in the place of the result, in the wanted format; for people, on stderr."""
        self._inputs += 1
        self._refused += 1
        self.causes.add(Exit.FINDINGS if _lacks_subject(error) else Exit.UNREADABLE)
        if self._form == "text":
            place = "" if error.where == one.where else f"{visible(one.where)}: "
            click.echo(f"cramp-cds: {place}not assessed. {visible(str(error))}", err=True)
            return b""
        if self._form == "json":
            return wire.write(fault_document(error, one)) + b"\n"
        from cds.fhir.outcome import outcome_of_error

        return wire.write(outcome_of_error(error)) + b"\n"

    def totals(self, *, always: bool) -> Iterator[str]:
        """A line of totals where there were several inputs; with `always` the counts as well."""
        if self._inputs > 1 or always:
            parts = [
                f"{count:,} {code}"
                for (_, code), count in sorted(self._levels.items(), reverse=True)
            ]
            parts += [f"{self._refused:,} not assessed"] if self._refused else []
            open_ = f"; {self._unfinished:,} not complete" if self._unfinished else ""
            several = "response" if self._inputs == 1 else "responses"
            yield f"assess: {self._inputs:,} {several}: {', '.join(parts)}{open_}"
            if self._moved:
                counts = ", ".join(f"{count:,} {moved}" for moved, count in self._moved.items())
                yield f"assess: beside the other version: {counts}"
        if always:
            width = len(f"{max(self._rules.values(), default=0):,}")
            for rule, count in sorted(self._rules.items(), key=lambda one: (-one[1], one[0])):
                yield f"{count:>{width},}  {rule}"


def _placed(document: Mapping[str, Any], one: Input, subject: str | None) -> dict[str, Any]:
    """The decision document with where its input came from and whom it is about."""
    place = {"input": one.file, "line": one.line, "subject": subject}
    known = {key: value for key, value in place.items() if value is not None}
    return {"schema": document["schema"], **known, **document}


def fault_document(error: CdsError, one: Input) -> dict[str, Any]:
    """What a program reads in the place of a decision that could not be made."""
    line = error.line if isinstance(error, Unreadable) and one.line is None else one.line
    found = {
        "schema": FAULT,
        "input": one.file,
        "line": line,
        "text": f"{error.where}: {error.problem}" if error.where != one.file else error.problem,
        "help": error.hint,
    }
    return {key: value for key, value in found.items() if value not in (None, "")}


def _whole(assessed: Assessed, inputs: Sequence[dict[str, Any]]) -> bytes:
    """The Bundle with its inputs; one without an id cannot be found again, so it stays out."""
    from cds.fhir.with_inputs import with_inputs

    for one in inputs:
        if "id" not in one:
            click.echo(
                f"cramp-cds: warning: {one['resourceType']} has no id and was left out.", err=True
            )
    return wire.write(with_inputs(assessed.to_fhir(), inputs, assessed.pack.identity.base))


def _warn(assessed: Assessed) -> None:
    for issue in (*assessed.warnings(), *assessed.issues):
        where = f" ({visible(issue.link_id)})" if issue.link_id else ""
        click.echo(f"cramp-cds: {issue.severity}: {visible(issue.text)}{where}", err=True)


def _lacks_subject(error: CdsError) -> bool:
    """A response without a subject is assessed; only its FHIR form is refused (exit 1)."""
    return isinstance(error, ResponseError) and error.where == "QuestionnaireResponse.subject"
