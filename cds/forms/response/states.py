"""Whether an item is asked, by the truths of its own conditions, and what that hangs on."""

from typing import NamedTuple

from cds.forms.form.items import EnableWhen, Item

ConditionResults = list[
    tuple[EnableWhen, bool | None, bool]
]  # condition, does it hold, is it blank


class EnabledState(NamedTuple):
    """Whether an item is enabled: True, False, or None where that cannot be told.

    `unmet` are its own conditions that do not hold. `unanswered` are the linkIds of controlling
    questions without any answer on which a disabled state hangs: were they answered, it could be
    enabled. It is empty when known answers settle the matter. `because` names the item whose
    conditions decide (an ancestor where that is disabled); `expression` its FHIRPath, if one
    decides.
    """

    enabled: bool | None
    unmet: tuple[EnableWhen, ...] = ()
    unanswered: tuple[str, ...] = ()
    because: str | None = None
    expression: str | None = None

    @property
    def settled(self) -> bool:
        """Disabled for certain: by known answers, not because a controlling question is blank."""
        return self.enabled is False and not self.unanswered


ENABLED = EnabledState(enabled=True)


def judged(item: Item, results: ConditionResults) -> EnabledState:
    """The state of an item by its own conditions: does each hold, is its question blank?"""
    enabled = _decided([truth for _, truth, _ in results], item.enable_behavior)
    if enabled:
        return ENABLED
    unmet = tuple(when for when, truth, _ in results if not truth)
    return EnabledState(
        enabled, unmet, _blanks(results, item.enable_behavior == "all"), item.link_id
    )


def _decided(truths: list[bool | None], behavior: str | None) -> bool | None:
    """Whether conditions hold together; where the form does not say how, only if it is the same."""
    if len(truths) == 1 or behavior in {"any", "all"}:
        return _together(truths, every=behavior == "all")
    one, other = _together(truths, every=False), _together(truths, every=True)
    return one if one is other else None


def _together(truths: list[bool | None], *, every: bool) -> bool | None:
    decisive = not every
    if decisive in truths:
        return decisive
    return None if None in truths else every


def _blanks(results: ConditionResults, every: bool) -> tuple[str, ...]:  # noqa: FBT001
    """The blank controlling questions whose answer could still enable the item.

    With `all`, one condition that a known answer fails settles it; with `any`, every blank one is
    open.
    """
    failed = [(when, blank) for when, truth, blank in results if truth is False]
    if every and any(not blank for _, blank in failed):
        return ()
    return tuple(when.question for when, blank in failed if blank)
