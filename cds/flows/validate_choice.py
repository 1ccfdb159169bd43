"""Which issues a caller wants to hear of, and what was left out for it."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from cds.errors import UsageError
from cds.flows.validate import Validated

_SEVERITIES = ("information", "warning", "error", "fatal")  # from the least severe up
FORMLESS = frozenset({"questionnaireNotFound", "questionnaireWrongType"})


class RuleChoice(NamedTuple):
    """Rules to hear of (all, if `select` is empty), rules to leave out, and the least severity."""

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    min_severity: str = "information"

    def of(self, result: Validated) -> Validated:
        """The result with the chosen issues; how many were left out stands in it."""
        if not self.select and not self.ignore and self.min_severity == _SEVERITIES[0]:
            return result
        least = _SEVERITIES.index(self.min_severity)
        kept = tuple(
            issue
            for issue in result.issues
            if (not self.select or issue.rule in self.select)
            and issue.rule not in self.ignore
            and _SEVERITIES.index(issue.severity) >= least
        )
        return result._replace(issues=kept, left_out=len(result.issues) - len(kept))


def choice_of(
    select: Iterable[str], ignore: Iterable[str], min_severity: str, known: Collection[str]
) -> RuleChoice:
    """The choice that these names make.

    Raises:
        UsageError: a name is not a rule, or no severity; the hint lists what there is.
    """
    for option, names in (("--select", select), ("--ignore", ignore)):
        for name in names:
            if name not in known:
                raise UsageError(option, f"there is no rule {name!r}.", _near(name, known))
    if min_severity not in _SEVERITIES:
        listed = ", ".join(_SEVERITIES)
        raise UsageError(
            "min_severity", f"there is no severity {min_severity!r}.", f"Use {listed}."
        )
    return RuleChoice(frozenset(select), frozenset(ignore), min_severity)


def _near(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only for a misspelt name

    near = get_close_matches(name, known, 3)
    return f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(sorted(known))}."


def set_of_forms(forms: Mapping[str, Mapping[str, object]]) -> None:
    """Refuse two forms of one canonical and version that differ: no response could choose.

    `forms` maps the name of a file to its Questionnaire.

    Raises:
        UsageError: two of them are in conflict; both names are told.
    """
    seen: dict[tuple[object, object], str] = {}
    for name, form in forms.items():
        key = form.get("url"), form.get("version")
        if key[0] is None:
            hint = "Give it alone, or give it a url: a response chooses its form by it."
            raise UsageError("--questionnaire", f"{name} has no url, beside other forms.", hint)
        other = seen.setdefault(key, name)
        if forms[other] != form:
            problem = f"{other} and {name} are two forms of one url and version."
            raise UsageError("--questionnaire", problem, "Give one of them, or change its version.")
