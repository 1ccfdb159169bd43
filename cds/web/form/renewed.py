"""Answers given to a page of an earlier version: what still is an answer to the form of today.

A page can be older than the service: it lay open, or its draft in the session, while a new version
came. A question that is not what it was is asked again, since "none of these" was said of another
list. What a rule argues with stays in any case: it can only alarm.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cds import wire
from cds.core.conditions import alarms_of
from cds.forms.questionnaire import Item
from cds.web.form.fields import OTHER_PART, place_of
from cds.web.form.messages import is_exclusive
from cds.web.form.offered import Spoken
from cds.web.form.typed import keys_of

_Kept = Mapping[str, Any]
_MARK = 6  # characters: 36 bits tell the questions of a form apart


def page_version(spoken: Spoken) -> str:
    """What a page was made from: form, pack, and a mark of each question."""
    made_from = f"{spoken.engine.form.id} {spoken.engine.pack.hash[7:23]}"
    return f"{made_from} {''.join(_marks(spoken).values())}"


class Renewed(NamedTuple):
    """What is kept of one form, as answers to the form of today; `changed`: some had to go."""

    kept: dict[str, Any]
    changed: bool


def renewed(kept: _Kept, spoken: Spoken) -> Renewed:
    """What is kept, of whatever version the page was that it came from."""
    version, asked = page_version(spoken), kept.get("asked", "")
    if asked == version or not kept.get("draft"):
        return Renewed(dict(kept), changed=False)
    before = asked.rpartition(" ")[2]
    known = {before[at : at + _MARK] for at in range(0, len(before), _MARK)}
    draft = dict(_still(kept.get("draft", {}), known, spoken))
    changed = draft != kept.get("draft", {})
    return Renewed({**kept, "draft": draft, "asked": version}, changed)


def _still(
    draft: Mapping[str, list[str]], known: set[str], spoken: Spoken
) -> Iterator[tuple[str, list[str]]]:
    marks, argued = _marks(spoken), _argued(spoken)
    for name, values in draft.items():
        place, part = place_of(name)
        item = spoken.asked.by_link_id.get(place.link_id)
        if item is None:
            continue
        if marks[item.link_id] in known or part == OTHER_PART:
            yield name, values  # what is only written settles nothing
            continue
        signs = [one for one in values if not part and one in argued.get(item.link_id, ())]
        if signs:
            yield name, signs


def _marks(spoken: Spoken) -> dict[str, str]:
    """By linkId: what tells whether the question is the one that it was; made once."""
    found: dict[str, str] | None = spoken.asked.compiled.get("marks")
    if found is None:
        found = {item.link_id: _mark(item) for item in spoken.asked.by_link_id.values()}
        spoken.asked.compiled["marks"] = found
    return found


def _mark(item: Item) -> str:
    asked = {
        "raw": {key: value for key, value in item.raw.items() if key != "item"},
        "help": [one.text for one in item.children if one.type == "display"],
        "under": [one.text for one in item.ancestors],
    }
    digest = hashlib.sha256(wire.write(asked)).digest()
    return base64.urlsafe_b64encode(digest)[:_MARK].decode()


def _argued(spoken: Spoken) -> dict[str, frozenset[str]]:
    """By linkId: the keys of the options that a rule argues with, but for those that exclude."""
    codes = {pair for one in spoken.engine.scorer.rules.rules for pair in alarms_of(one.when)}
    return {
        item.link_id: frozenset(
            key
            for key, option in zip(keys_of(item), item.options, strict=True)
            if (item.link_id, str(option.get("valueCoding", {}).get("code"))) in codes
            and not is_exclusive(option)
        )
        for item in spoken.asked.by_link_id.values()
    }
