"""`--language`: in which words a decision is told. It is decided in the pack's own."""

from collections.abc import Callable
from pathlib import Path

import click

from cds.commands.site import Site
from cds.flows.deciding.assessed import Assessed


def in_words(
    site: Site, language: str | None, packs: tuple[Path, ...]
) -> Callable[[Assessed], Assessed]:
    """What puts a decision into this language; nothing where none is asked for.

    Raises:
        click.BadParameter: no pack is there in it, or the site does not list it.
    """
    if language is None:
        return lambda assessed: assessed
    from cds.flows.deciding.translator import Translators
    from cds.knowledge.read.installed import every_folder
    from cds.knowledge.read.pack import load_pack

    folders = {load_pack(folder).hash: folder for folder in every_folder(packs)}
    translators = Translators(site.assessor.packs, folders)
    there = {code for pack in site.assessor.packs for code in translators.languages(pack)}
    offered = sorted(there & set(site.languages) if site.languages else there)
    wanted = next((one for one in (language, language.partition("-")[0]) if one in offered), None)
    if wanted is None:
        message = f"no pack offers {language!r} here. Known: {', '.join(offered)}."
        raise click.BadParameter(message, param_hint="--language")

    def told(assessed: Assessed) -> Assessed:
        translator = translators.translator(assessed.pack, wanted)
        if translator is None:
            own = translators.languages(assessed.pack)[0]
            text = f"{assessed.pack.id} is not there in {wanted}; it is told in {own}."
            click.echo(f"cramp-cds: {text}", err=True)
            return assessed
        return translator.assessed(assessed)

    return told
