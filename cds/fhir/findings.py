"""A finding in words, for each of the places that tell of it."""

from typing import Final

from cds.core.model import Because, Finding
from cds.core.remember import remember
from cds.fhir.prepared import Prepared, Said
from cds.wire import written

_MAX_KEPT: Final = 512


def said_of(findings: tuple[Finding, ...], parts: Prepared) -> list[Said]:
    """Every finding in words, in the same order."""
    kept, result = parts.said, []
    for finding in findings:
        rule, _, because = finding
        result.append(kept.get((rule.id, because)) or _said(finding, parts))
    return result


def _said(finding: Finding, parts: Prepared) -> Said:
    rule = parts.rules[finding.rule.id]
    phrase = parts.labels.phrase_of(finding)
    said = Said(
        rule,
        written(f"{rule.before}{phrase.full}{rule.after}"),
        phrase.short,
        f"{rule.html}{phrase.html}{rule.html_after}",
    )
    if all(map(_is_ours, finding.because)):
        remember(parts.said, (finding.rule.id, finding.because), said, _MAX_KEPT)
    return said


def _is_ours(because: Because) -> bool:
    """Whether a reason is in the pack's own words; what a record says is not to be remembered."""
    return because.fact is None and because.evidence is None
