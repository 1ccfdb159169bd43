"""What `serve --check-config` looks at: the file, the packs, the keys, as a start would."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from cds.core.pack import Pack
from cds.knowledge.read.pack import load_pack, pack_folders
from cds.web.server import Order, configuration, log_place
from cds.web.service import build
from cds.web.settings import Client


def check_site(order: Order) -> Iterator[str]:
    """Read all that a start would read, and say what there is; nothing is opened or sent.

    Raises:
        UsageError: the configuration, or a key file.
        PackError: a pack with faults.
    """
    config = configuration(order, os.environ)
    packs = [load_pack(one) for one in pack_folders([Path(one) for one in order.packs]).values()]
    silent = replace(config, store=replace(config.store, enabled=False))
    service = build(silent, {pack.id: pack for pack in packs}, log_requests=False)
    asyncio.run(service.close())
    yield f"Would serve {config.public_url}/cds-services"
    yield from map(_pack, packs)
    yield from map(_client, config.clients)
    yield log_place(config)


def _pack(pack: Pack) -> str:
    return f"Pack {pack.id} {pack.version} {pack.hash}"


def _client(client: Client) -> str:
    keys = client.jwks_file or client.jwks_url or "no keys"
    return f"Client {client.name}: iss {client.iss or '(none)'}, keys {keys}"
