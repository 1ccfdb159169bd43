"""The site's options for a command: the packs and the settings that assess with them."""

import os
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cds.flows.assess import Assessor, installed
from cds.knowledge.read.installed import every_pack

_PREFIX = "CRAMP_CDS_SITE__"


class Site(NamedTuple):
    """What a command assesses with. `languages`: those that the site offers; none named: all."""

    assessor: Assessor
    languages: tuple[str, ...] = ()


@cache
def site_of(config: str | None, packs: tuple[Path, ...] = ()) -> Site:
    """The packs that are installed (and those in `packs`) under the site options of `config`.

    Raises:
        UsageError: the file cannot be read, or names what does not exist.
        PackError: a pack has faults.
    """
    if config is None and not any(name.startswith(_PREFIX) for name in os.environ):
        return Site(installed((), packs))
    # Reading a configuration loads what `serve` needs; a plain `assess` must not pay for it.
    from cds.web.config import load

    settings = load(config, os.environ)
    site = settings.site
    return Site(
        Assessor(
            every_pack(packs),
            site.options,
            recipient={"reference": site.recipient} if site.recipient else None,
            communicate_urgent=site.communicate_urgent,
            site_labs=site.lab,
        ),
        settings.languages if config is not None else (),
    )
