"""Every change to a valid pair of form and response, and the rule that it must break, if any."""

import copy
from collections.abc import Iterator

from tests.corpus.at_answers import AT_ANSWERS, empty_answer
from tests.corpus.at_items import AT_ITEMS, constraint, modified, text_mismatch
from tests.corpus.at_pairs import WHOLE
from tests.corpus.sites import Change, Json, Site, definitions, sites

# These have no effect on what other items ask.
HARMLESS = (text_mismatch, constraint, modified, empty_answer)


def changes(form: Json, response: Json) -> Iterator[Change]:
    """Every change of every kind to a pair."""
    for mutation in (*AT_ITEMS, *AT_ANSWERS):
        for site in sites(form, response):
            if mutation in AT_ANSWERS and not site.node.get("answer"):
                continue
            if mutation not in HARMLESS and _steers(site):
                continue
            yield from mutation(site)
    for whole in WHOLE:
        yield from whole(copy.deepcopy(form), copy.deepcopy(response))


def _steers(site: Site) -> bool:
    """Whether what another item asks hangs on this one: a change would have two effects."""
    listed = definitions(site.form["item"])
    whens = [when for one in listed.values() for when in one.get("enableWhen", ())]
    return "nable" in str([one.get("extension") for one in listed.values()]) or any(
        when["question"] == site.node["linkId"] for when in whens
    )
