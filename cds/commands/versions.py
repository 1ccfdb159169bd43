"""Another version of the pack, for who compares: `assess --against`."""

from collections.abc import Callable, Iterator
from pathlib import Path

from cds.commands.decision import headline
from cds.commands.layout import Style
from cds.commands.output import visible
from cds.errors import UsageError
from cds.flows.assess import Assessor
from cds.flows.deciding.assessed import Assessed
from cds.flows.explaining.against import Against, Versions
from cds.knowledge.read.installed import every_folder
from cds.knowledge.read.pack import load_pack

MOVED = {"higher": "more urgent", "lower": "less urgent", "same": "the same level"}


def other_version(
    assessor: Assessor, version: str, packs: tuple[Path, ...]
) -> Callable[[Assessed], Assessor]:
    """What judges the same input by this version (or the pack in this folder) of what decided.

    The function raises UsageError where the pack that decided has no such version.
    """
    if (Path(version) / "pack.toml").is_file():
        pack = load_pack(Path(version))
        alone = assessor.alone(pack)

        def in_folder(assessed: Assessed) -> Assessor:
            if assessed.pack.id != pack.id:
                problem = f"{version} is a version of {pack.id}, not of {assessed.pack.id}."
                raise UsageError("--against", problem, "Only versions of one pack are compared.")
            return alone

        return in_folder
    versions = Versions(assessor, every_folder(packs))
    return lambda assessed: versions.beside(assessed.pack.id, version)


def comparison_lines(against: Against, style: Style) -> Iterator[str]:
    """A comparison in words: both levels, which is more urgent, and why."""
    decided, other = against
    for assessed in against:
        yield f"{assessed.pack.version:<8}{headline(assessed.level, style)}"
    yield f"{decided.pack.version} decides; beside {other.pack.version}: {MOVED[against.moved]}"
    why = against.why()
    if why:
        yield from ("", style.paint("Why", bold=True))
    for one in why:
        yield from style.hanging("  ", visible(one), deeper=4)
    yield ""
    yield from style.hanging("", f"Intended use: {decided.pack.wording.intended_use}")
