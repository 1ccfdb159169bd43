"""Where earlier versions of a form had items that stand elsewhere now."""

from collections.abc import Iterable, Mapping

from cds.forms.form.items import Item


def places_before(
    items: Mapping[str, Item], moved: Iterable[Mapping[str, str]]
) -> dict[str, tuple[Item | None, ...]]:
    """By linkId, the groups of this form that items stood in earlier (None: in none).

    Only a place that can be there once, and by itself: in a repetition, or below an answer, what
    was asked would not be the same.
    """
    found: dict[str, tuple[Item | None, ...]] = {}
    for version in moved:
        for link_id, group in version.items():
            item, place = items.get(link_id), items.get(group)
            if item is None or (group and place is None):
                continue
            above = (*item.ancestors, *((*place.ancestors, place) if place else ()))
            if all(one.type == "group" and not one.repeats for one in above):
                found[link_id] = (*found.get(link_id, ()), place)
    return found
