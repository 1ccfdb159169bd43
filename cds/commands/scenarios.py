"""The made-up patients of a pack: which there are, and what each is about."""

from pathlib import Path

import click

from cds.core.pack import Pack
from cds.errors import UsageError
from cds.flows.synthetic.samples import Scenario, scenarios_of
from cds.knowledge.read.pack import find_pack, pack_folders


def list_scenarios(scenarios: dict[str, Scenario]) -> None:
    """Print each scenario with its title."""
    width = max(len(scenario) for scenario in scenarios)
    for one in scenarios.values():
        note = "" if one.valid else " (only when named)"
        click.echo(f"{one.name:<{width}}  {one.title}{note}")


def pack_with_scenarios(
    name: str | None, packs: tuple[Path, ...]
) -> tuple[Pack, dict[str, Scenario]]:
    """The pack of this name (or the first that has any) with its scenarios.

    Raises:
        UsageError: no such pack, or none with scenarios.
    """
    folders = pack_folders(packs)
    for one in [name] if name else sorted(folders):
        pack = find_pack(one, packs)
        found = scenarios_of(folders.get(one, Path(one)), pack)
        if found:
            return pack, found
    hint = "Write a scenarios.toml beside its pack.toml."
    raise UsageError("--pack", "no pack with scenarios is installed.", hint)
