"""The results of `validate` as text, JSON, OperationOutcome, SARIF and JUnit.

Written as they come.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO

from cds import wire
from cds.commands.output import visible
from cds.errors import Unreadable
from cds.fhir.outcome import issue_text, outcome_of, outcome_of_error
from cds.flows.validate import Validated
from cds.forms.checks.rules import RULES, IssueRule
from cds.forms.issues import Issue
from cds.version import VERSION

_SYMBOLS = {"fatal": "✖", "error": "✖", "warning": "▲", "information": "●"}
_COLOURS = {"fatal": "31", "error": "31", "warning": "33", "information": "36"}
SARIF_LEVELS = {"fatal": "error", "error": "error", "warning": "warning", "information": "note"}
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
UNREAD = IssueRule("error", "structure", "Not readable", "Give a QuestionnaireResponse as JSON.")
HOME = "https://cramp-cds.example"


class _Streamed:
    """What every output format has: `begin`, then its own `add` for each result, then `end`."""

    def __init__(self, out: BinaryIO, *, show_values: bool = False, colour: bool = False) -> None:
        self.out = out
        self.show_values = show_values
        self.colour = colour

    def begin(self) -> None:
        """Write what comes before the first result."""

    def end(self) -> None:
        """Write what comes after the last result."""


class TextReport(_Streamed):
    """As a linter: file:line:column, severity, rule, words; below, the place and what to do."""

    def add(self, result: Validated) -> None:
        """Write a line for each issue; nothing for a response without any."""
        if result.fault is not None:
            fault = result.fault
            where = f"{result.where}:{fault.line or 1}:{fault.column or 1}"
            self._line(where, "fatal", "unreadable", f"{fault.problem} {fault.hint}".strip())
        for issue in sorted(result.issues, key=lambda one: (one.line or 0, one.column or 0)):
            where = f"{result.where}:{issue.line}:{issue.column}" if issue.line else result.where
            self._line(where, issue.severity, issue.rule, issue.text)
            self._note("at", issue.expression)
            if self.show_values and issue.found is not None:
                self._note("found", issue.found)
            if issue.help:
                self._note("help", issue.help)

    def _line(self, where: str, severity: str, rule: str, text: str) -> None:
        label = f"{_SYMBOLS[severity]} {severity}"
        if self.colour:
            label = f"\x1b[{_COLOURS[severity]}m{label}\x1b[0m"
        self.out.write(f"{visible(where)}: {label} [{rule}] {visible(text)}\n".encode())

    def _note(self, name: str, text: str) -> None:
        self.out.write(f"    {name}: {visible(text)}\n".encode())


class JsonReport(_Streamed):
    """One document per response and line."""

    def add(self, result: Validated) -> None:
        """Write the issues with all their fields."""
        document = {
            "schema": "cramp-cds/validation/1",
            "input": result.where,
            "line": result.line,
            "id": result.id,
            "valid": result.valid,
            "leftOut": result.left_out or None,
            "unreadable": None if result.fault is None else _fault(result.fault),
            "issues": [self._issue(issue) for issue in result.issues],
        }
        self.out.write(wire.write(_known(document)) + b"\n")

    def _issue(self, issue: Issue) -> dict[str, Any]:
        fields = {
            "severity": issue.severity,
            "code": issue.code,
            "rule": issue.rule,
            "expression": issue.expression,
            "linkId": issue.link_id,
            "text": issue.text,
            "found": issue.found if self.show_values else None,
            "diagnostics": issue.diagnostics,
            "line": issue.line,
            "column": issue.column,
            "help": issue.help,
            "source": issue.source,
        }
        return _known(fields)


class IssueLines(JsonReport):
    """One issue a line, with the input that it is of: for what reads a stream."""

    def add(self, result: Validated) -> None:
        """Write a line for each issue; nothing for a response without any."""
        of = _known({"input": result.where, "inputLine": result.line, "id": result.id})
        lines = [self._issue(issue) for issue in result.issues]
        if result.fault is not None:
            lines = [{"severity": "fatal", "rule": "unreadable", **_fault(result.fault)}]
        for line in lines:
            self.out.write(wire.write(of | line) + b"\n")


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _fault(fault: Unreadable) -> dict[str, Any]:
    return {
        "problem": fault.problem,
        "help": fault.hint,
        "line": fault.line,
        "column": fault.column,
    }


class OutcomeReport(_Streamed):
    """One FHIR OperationOutcome per response and line."""

    def add(self, result: Validated) -> None:
        """Write the OperationOutcome; one without issues says “All OK”."""
        if result.fault is not None:
            document = outcome_of_error(result.fault)
        else:
            document = outcome_of(result.issues, show_values=self.show_values, titled=True)
        self.out.write(wire.write(document) + b"\n")


class SarifReport(_Streamed):
    """SARIF 2.1.0, as code hosts read it: one run, the results streamed into it."""

    def begin(self) -> None:
        """Write the tool and its rules.

        Every rule is listed, so that results can come one by one.
        """
        rules = [
            {
                "id": name,
                "shortDescription": {"text": rule.title},
                "help": {"text": rule.help or "No action needed."},
                "defaultConfiguration": {"level": SARIF_LEVELS[rule.severity]},
            }
            for name, rule in {**RULES, "unreadable": UNREAD}.items()
        ]
        driver = {"name": "cramp-cds", "version": VERSION, "informationUri": HOME, "rules": rules}
        head = {"$schema": SARIF_SCHEMA, "version": "2.1.0"}
        self.out.write(wire.write(head)[:-1] + b',"runs":[{"tool":')
        self.out.write(wire.write({"driver": driver}) + b',"columnKind":"unicodeCodePoints"')
        self.out.write(b',"results":[')
        self._first = True

    def add(self, result: Validated) -> None:
        """Write one result for each issue."""
        for found in self._results(result):
            self.out.write((b"" if self._first else b",") + wire.write(found))
            self._first = False

    def _results(self, result: Validated) -> Iterator[dict[str, Any]]:
        if result.fault is not None:
            fault = result.fault
            text = f"{fault.problem} {fault.hint}".strip()
            yield _sarif(result.where, "unreadable", "error", text, fault.line, fault.column, None)
        for issue in result.issues:
            text = issue_text(issue, show_values=self.show_values)
            level = SARIF_LEVELS[issue.severity]
            yield _sarif(
                result.where, issue.rule, level, text, issue.line, issue.column, issue.expression
            )

    def end(self) -> None:
        """Close the run."""
        self.out.write(b"]}]}\n")


def _sarif(
    where: str,
    rule: str,
    level: str,
    text: str,
    line: int | None,
    column: int | None,
    expression: str | None,
) -> dict[str, Any]:
    from urllib.parse import quote

    uri = quote(where.partition("#")[0].replace("\\", "/"))
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if line is not None:
        physical["region"] = {"startLine": line, "startColumn": column or 1}
    location: dict[str, Any] = {"physicalLocation": physical}
    if expression:
        location["logicalLocations"] = [{"fullyQualifiedName": expression, "kind": "element"}]
    return {"ruleId": rule, "level": level, "message": {"text": text}, "locations": [location]}


class JunitReport(_Streamed):
    """JUnit XML: a test case a response; errors fail it, warnings stand in its output."""

    def begin(self) -> None:
        """Keep the cases aside: their count comes first in the file."""
        import tempfile

        self._cases = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `end`
        self._counts: Counter[str] = Counter()
        self._named: Counter[str] = Counter()

    def add(self, result: Validated) -> None:
        """Write one test case."""
        self._counts["tests"] += 1
        name = _attribute(self._name(result))
        body = ""
        if result.fault is not None:
            self._counts["errors"] += 1
            text = f"{result.fault.problem} {result.fault.hint}".strip()
            body = f"<error type={_attribute('unreadable')} message={_attribute(text)}/>"
        elif not result.valid:
            self._counts["failures"] += 1
            wrong = [issue for issue in result.issues if issue.severity in {"error", "fatal"}]
            kind, text = _attribute(wrong[0].rule), _attribute(wrong[0].text)
            body = f"<failure type={kind} message={text}>{self._text(wrong)}</failure>"
        rest = [issue for issue in result.issues if issue.severity not in {"error", "fatal"}]
        if rest:
            body += f"<system-out>{self._text(rest)}</system-out>"
        case = f'  <testcase classname="QuestionnaireResponse" name={name}>{body}</testcase>\n'
        self._cases.write(case.encode())

    def _name(self, result: Validated) -> str:
        """The input, with the line where it is one of many; one that comes again is numbered."""
        if result.line is not None:
            return f"{result.where}:{result.line}"
        self._named[result.where] += 1
        again = self._named[result.where]
        return result.where if again == 1 else f"{result.where} ({again})"

    def _text(self, issues: list[Issue]) -> str:
        lines = (
            f"{issue.severity} [{issue.rule}] {issue.expression}: "
            + issue_text(issue, show_values=self.show_values)
            for issue in issues
        )
        return _escaped("\n".join(_xml(line) for line in lines), quote=False)

    def end(self) -> None:
        """Write the head with its counts, then the cases."""
        counts = " ".join(
            f'{name}="{self._counts[name]}"' for name in ("tests", "failures", "errors")
        )
        self.out.write(b'<?xml version="1.0" encoding="UTF-8"?>\n')
        self.out.write(
            f'<testsuites {counts}>\n<testsuite name="cramp-cds validate" {counts}>\n'.encode()
        )
        self._cases.seek(0)
        while chunk := self._cases.read(1 << 16):
            self.out.write(chunk)
        self._cases.close()
        self.out.write(b"</testsuite>\n</testsuites>\n")


def _escaped(text: str, *, quote: bool) -> str:
    from html import escape  # its table of entities is large, and only JUnit needs it

    return escape(text, quote=quote)


def _attribute(text: str) -> str:
    return f'"{_escaped(_xml(text), quote=True)}"'


def _xml(text: str) -> str:
    """The text without what XML has no place for: control characters and two that are none."""
    return visible(text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


Report = TextReport | JsonReport | OutcomeReport | SarifReport | JunitReport
REPORTS: dict[str, type[Report]] = {
    "text": TextReport,
    "json": JsonReport,
    "jsonl": IssueLines,
    "operation-outcome": OutcomeReport,
    "sarif": SarifReport,
    "junit": JunitReport,
}
