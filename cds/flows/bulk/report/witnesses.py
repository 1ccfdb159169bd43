"""Why two runs differ, where their packs do: what `pack diff` proves of the two versions."""

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from cds.core.pack import Pack
from cds.errors import PackError
from cds.knowledge.compared.diff import difference
from cds.knowledge.read.pack import load_pack
from cds.wire import JsonObject

_MOST = 12


def witnesses(was: JsonObject, now: JsonObject, folders: Iterable[Path]) -> list[str]:
    """One line a kind of changed decision, for each pack of which both versions are at hand.

    Where packs differ and there is no such line, one says so.

    `was` and `now` are the manifests of two runs; `folders` those of the installed packs, below
    which the released versions lie.
    """
    before, after = ({one["hash"] for one in run["packs"]} for run in (was, now))
    known = [pack for pack in _versions(folders) if pack.hash in before ^ after]
    lines = [
        line
        for old in known
        for new in known
        if old.id == new.id and old.hash in before and new.hash in after
        for line in _difference(old, new)
    ]
    if before != after and not lines:
        lines = ["The two versions were not compared: one of them is not installed here."]
    return lines


def _versions(folders: Iterable[Path]) -> Iterator[Pack]:
    for folder in folders:
        for place in (folder, *sorted((folder / "released").glob("*/"))):
            try:
                yield load_pack(place)
            except PackError:
                continue  # a released version that today's software does not read any more


def _difference(old: Pack, new: Pack) -> Iterator[str]:
    named = f"{old.id} {old.version} → {new.version}"
    if find_spec("z3") is None:
        yield f"{named}: not compared, since the solver is not installed (extra `prove`)."
        return
    decisions = difference(old, new, solver=True).decisions or ()
    if not decisions:
        yield f"{named}: no level changes, for any set of answers and facts (pack diff)."
    for one in decisions[:_MOST]:
        yield f"{named}: {one.text} ({one.before.level} → {one.after.level}; pack diff)."
    if len(decisions) > _MOST:
        yield f"{named}: {len(decisions) - _MOST} more kinds of decisions change (pack diff)."
