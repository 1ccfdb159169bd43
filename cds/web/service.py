"""All that one process of the service holds: settings, knowledge, keys, ways out, counters."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cds import wire
from cds.core.pack import Pack
from cds.errors import PackError, StoreError, UsageError
from cds.flows.assess import Assessor
from cds.flows.deciding.record import reads_records, rules_for
from cds.knowledge.read.pack import pack_folders
from cds.record.rules import RecordRules
from cds.web.config import check_options
from cds.web.contract.capability import capability
from cds.web.contract.published import Published, publish
from cds.web.contract.services import HookService, discovery, services_of
from cds.web.operating.ledger import Ledger
from cds.web.operating.logs import event
from cds.web.operating.metrics import Metrics
from cds.web.settings import Config
from cds.web.trust.auth import Door, OnceInMemory
from cds.web.trust.cors import origins
from cds.web.trust.ehr import Ehr
from cds.web.trust.keys import Keys
from cds.web.trust.outbound import Resolve, resolve
from cds.web.trust.throttle import Throttle


def utc_now() -> datetime:
    """The clock of the shell."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Service:
    """One process. `intact` says whether the knowledge on disk is still the knowledge in use."""

    config: Config
    packs: Mapping[str, Pack]
    services: Mapping[str, HookService]
    discovery: bytes
    base: str
    public_url: str
    assessor: Assessor
    records: Mapping[str, RecordRules]
    published: Published
    capability: bytes
    keys: Keys
    door: Door
    ehr: Ehr
    throttle: Throttle
    metrics: Metrics
    origins: Callable[[str], bool]
    ledger: Ledger | None
    clock: Callable[[], datetime]
    intact: Callable[[], bool]
    folders: Mapping[str, Path]
    log_requests: bool = True

    async def close(self) -> None:
        """Give back what was opened."""
        await self.ehr.close()
        await self.keys.close()
        if self.ledger is not None:
            self.ledger.close()


def build(
    config: Config,
    packs: Mapping[str, Pack],
    clock: Callable[[], datetime] = utc_now,
    resolve: Resolve = resolve,
    intact: Callable[[], bool] = lambda: True,
    *,
    folders: Mapping[str, Path] | None = None,
    log_requests: bool = True,
) -> Service:
    """Everything, ready to serve. `folders`: where the files of each pack lie, by its id.

    Raises:
        UsageError: a setting, a key file, a laboratory limit or an option that makes no sense.
    """
    check_options(config.site, {one.name for pack in packs.values() for one in pack.rules.options})
    metrics = Metrics()
    ledger = None
    if config.store.enabled:
        ledger = Ledger(config.store, clock, metrics.store_failure)
        try:
            ledger.open()
        except StoreError as error:
            event("decision log away at start", error=error)
    else:
        event("no decision log", {"why": "store.enabled = false"})
    keys = Keys(config, time.monotonic, resolve)
    services = services_of(packs.values())
    records = _records(config, packs)
    places = pack_folders() if folders is None else folders
    published = publish(packs.values(), places, records, config.public_url)
    bases = [pack.identity.base for pack in packs.values()]
    return Service(
        config=config,
        packs=packs,
        services=services,
        discovery=discovery(services.values()),
        base=bases[0] if bases else "",
        public_url=config.public_url,
        assessor=_assessor(config, packs),
        records=records,
        published=published,
        capability=wire.write(capability(list(packs.values()), published, clock())),
        keys=keys,
        door=Door(config, keys, ledger.use_once if ledger else OnceInMemory(clock), clock),
        ehr=Ehr(config, resolve),
        throttle=Throttle(config.limits.requests_per_minute, time.monotonic),
        metrics=metrics,
        origins=origins(config.cors.origins),
        ledger=ledger,
        clock=clock,
        intact=intact,
        folders=places,
        log_requests=log_requests,
    )


def _records(config: Config, packs: Mapping[str, Pack]) -> dict[str, RecordRules]:
    """How each pack reads a record. Its own part is checked when it is loaded; here the site's."""
    try:
        return {
            name: rules_for(pack, config.site.lab)
            for name, pack in packs.items()
            if reads_records(pack)
        }
    except PackError as error:
        first = error.faults[0]
        raise UsageError(f"[[site.lab]] {first.where}", first.problem, first.hint) from error


def _assessor(config: Config, packs: Mapping[str, Pack]) -> Assessor:
    site = config.site
    return Assessor(
        packs.values(),
        site.options,
        recipient={"reference": site.recipient} if site.recipient else None,
        communicate_urgent=site.communicate_urgent,
        site_labs=site.lab,
    )
