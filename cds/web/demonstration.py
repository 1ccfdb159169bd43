"""What a demonstration does otherwise: this machine only, no tokens, a log that is not kept."""

from dataclasses import replace

from cds.errors import UsageError
from cds.web.config import is_loopback
from cds.web.settings import Config

LOCALHOST = ("http://localhost:*", "http://127.0.0.1:*")
# Nobody's chart waits for a demonstration: under load it waits for its log, rather than answer one
# call with "Not recorded" and the next one without.
DEMO_STORE_MS = 5_000


def demonstration(config: Config, store: str) -> Config:
    """The configuration as a demonstration has it; `store`: where its log is, if not as configured.

    Raises:
        UsageError: it would listen to other machines.
    """
    if not is_loopback(config.server.host):
        raise UsageError("--demo", "listens on loopback only.", "Leave out --host.")
    return replace(
        config,
        demo=True,
        auth=replace(config.auth, required=False),
        server=replace(config.server, docs=True, metrics_port=0),
        cors=replace(config.cors, origins=(*config.cors.origins, *LOCALHOST)),
        store=replace(config.store, url=store or config.store.url),
        limits=replace(
            config.limits,
            requests_per_minute=0,
            store_ms=max(config.limits.store_ms, DEMO_STORE_MS),
        ),
        form=replace(config.form, enabled=True, languages=("en", "es", "de")),
    )
