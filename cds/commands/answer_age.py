"""How old the answers are: they are judged as of their own time, and that is said."""

from datetime import datetime, timedelta

from cds.flows.deciding.assessed import Assessed


def answer_age(assessed: Assessed) -> str | None:
    """What to say of answers that are older than the pack lets a hook act on; None of others."""
    hours, authored = assessed.pack.answers_valid_hours, assessed.context.response.get("authored")
    if hours is None or not isinstance(authored, str):
        return None
    try:
        answered = datetime.fromisoformat(authored)
        age = datetime.fromisoformat(assessed.context.now) - answered
    except (ValueError, TypeError, OverflowError):  # no instant: a mere date, or nothing readable
        return None
    if age <= timedelta(hours=hours):
        return None
    text = "The answers are of {day}, {days} days old, and were judged as of then."
    return assessed.pack.say(text, day=f"{answered:%Y-%m-%d}", days=age.days)
