"""All that one process of the service holds: settings, knowledge, keys, ways out, counters."""

import hashlib
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from cds import wire
from cds.core.pack import Pack
from cds.errors import PackError, UsageError
from cds.flows.assess import Assessor
from cds.flows.deciding.record import reads_records, rules_for
from cds.flows.deciding.translator import Translators
from cds.flows.explaining.against import Versions
from cds.knowledge.read.pack import pack_folders
from cds.record.rules import RecordRules
from cds.web.config import check_switches
from cds.web.contract.capability import capability
from cds.web.contract.published import Published, publish_installed
from cds.web.contract.services import HookService, discovery, services_of
from cds.web.operating.answers import AnswersSeen
from cds.web.operating.aside import Aside
from cds.web.operating.clerks import Clerks
from cds.web.operating.lanes import Lane
from cds.web.operating.ledger import Ledger, Times
from cds.web.operating.logs import event
from cds.web.operating.metrics import Metrics
from cds.web.operating.patience import Patience
from cds.web.operating.used import OnceInMemory, Used
from cds.web.settings import Config
from cds.web.trust.auth import Door, UseOnce
from cds.web.trust.bodies import Bodies
from cds.web.trust.claims import SKEW_S, longest
from cds.web.trust.cors import origins
from cds.web.trust.ehr import Ehr
from cds.web.trust.keys import Keys
from cds.web.trust.outbound import Resolve, resolve
from cds.web.trust.peers import peers
from cds.web.trust.throttle import SharedThrottle, Throttle


def utc_now() -> datetime:
    """The clock of the shell."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Load:
    """How many requests are being answered."""

    now: int = 0


class Caller(Protocol):
    """What is asked of a call to know where it comes from."""

    @property
    def peer(self) -> str:
        """The address of the connection."""

    def header(self, name: bytes) -> str | None:
        """A header as text, or None."""


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
    versions: Versions
    records: Mapping[str, RecordRules]
    published: Published
    capability: bytes
    keys: Keys
    door: Door
    ehr: Ehr
    throttle: Throttle
    peers: Callable[[str, str | None], str]
    bodies: Bodies
    metrics: Metrics
    answers: AnswersSeen
    origins: Callable[[str], bool]
    ledger: Ledger | None
    clock: Callable[[], datetime]
    intact: Callable[[], bool]
    folders: Mapping[str, Path]
    translators: Translators
    log_requests: bool = True
    load: Load = field(default_factory=Load)
    aside: Aside = field(default_factory=Aside)
    looking: Lane = field(default_factory=partial(Lane, "knowledge"))

    def peer_of(self, call: Caller) -> str:
        """The address that a call comes from, as far as the site trusts who says so."""
        return self.peers(call.peer, call.header(b"x-forwarded-for"))

    def background(self) -> list[Callable[[], Coroutine[None, None, None]]]:
        """What goes on beside the answers, until it is cancelled."""
        going = [self.keys.refresh_forever, self.metrics.hand_over_forever]
        if self.ledger is not None:
            going += self.ledger.background()
        return going

    def without_answers(self) -> list[str]:
        """The clients whose answers are not to be had, by what the site says or as was seen."""
        said = {one.name for one in self.config.clients if one.responses == "unsearchable"}
        return sorted(said | set(self.answers.without()))

    async def close(self) -> None:
        """Give back what was opened."""
        self.door.close()
        self.aside.close()
        self.looking.close()
        await self.ehr.close()
        await self.keys.close()
        if self.ledger is not None:
            self.ledger.close()
        self.metrics.hand_over()


def build(
    config: Config,
    packs: Mapping[str, Pack],
    clock: Callable[[], datetime] = utc_now,
    resolve: Resolve = resolve,
    intact: Callable[[], bool] = lambda: True,
    *,
    folders: Mapping[str, Path] | None = None,
    log_requests: bool = True,
    shared: Path | None = None,
    clerks: Clerks | None = None,
) -> Service:
    """Everything, ready to serve. `folders`: where the files of each pack lie, by its id.

    `shared`: a folder that the workers of this host have in common.

    Raises:
        UsageError: a setting, a key file, a laboratory limit or an option that makes no sense.
    """
    check_switches(config.site, {one.name for pack in packs.values() for one in pack.rules.options})
    metrics = Metrics()
    ledger = None
    if config.store.enabled:
        times = Times(config.limits.store_ms / 1000, _kept_s(config))
        ledger = Ledger(config.store, clock, metrics, times, clerks)
        ledger.start()
    else:
        event("no decision log", {"why": "store.enabled = false"})
    keys = Keys(config, time.monotonic, resolve, metrics.keys)
    services = services_of(packs.values())
    records = _records(config, packs)
    places = pack_folders() if folders is None else folders
    published = publish_installed(packs.values(), places, records, config.public_url)
    assessor = _assessor(config, packs)
    bases = [pack.identity.base for pack in packs.values()]
    return Service(
        config=config,
        packs=packs,
        services=services,
        discovery=discovery(services.values(), answers=_any_answers(config)),
        base=bases[0] if bases else "",
        public_url=config.public_url,
        assessor=assessor,
        versions=Versions(assessor, places.values()),
        records=records,
        published=published,
        capability=wire.write(capability(list(packs.values()), published, clock())),
        keys=keys,
        door=Door(config, keys, _once(config, ledger, clock, shared), clock),
        ehr=Ehr(config, resolve),
        throttle=_throttle(config, shared),
        peers=peers(config.server.trusted_proxies),
        bodies=Bodies(config.limits.body_bytes_in_flight),
        metrics=metrics,
        answers=AnswersSeen(metrics.without_responses),
        origins=origins(config.cors.origins),
        ledger=ledger,
        clock=clock,
        intact=intact,
        folders=places,
        translators=_translators(config, packs, places),
        log_requests=log_requests,
    )


def _translators(
    config: Config, packs: Mapping[str, Pack], folders: Mapping[str, Path]
) -> Translators:
    """The packs in every language of the cards.

    Raises:
        UsageError: the site lists a language that no pack has, or none; a client has another.
    """
    listed = packs.values()
    places = {pack.hash: folders[pack.id] for pack in listed if pack.id in folders}
    made = Translators(listed, places)
    known = {code for pack in listed for code in made.languages(pack)}
    for one in config.cards.languages or ("",):
        if one not in known:
            text = f"No pack is there in {one!r}."
            raise UsageError("[cards] languages", text, f"Known: {', '.join(sorted(known))}.")
    for client in config.clients:
        if client.language and client.language not in config.cards.languages:
            text = f"{client.name}: {client.language!r} is not among [cards] languages."
            raise UsageError("[[client]] language", text, "List it there as well.")
    return made


def _kept_s(config: Config) -> float:
    """How long a used token is remembered, at least: longer than any is good."""
    longest_s = max((longest(config, one) for one in config.clients), default=0)
    return 2.0 * (max(longest_s, config.auth.max_lifetime_s) + 2 * SKEW_S)


def _once(
    config: Config, ledger: Ledger | None, clock: Callable[[], datetime], shared: Path | None
) -> UseOnce:
    """What remembers used tokens; without a log, the workers of this host among themselves."""
    if ledger is not None:
        return ledger.use_once
    if shared is None:
        return OnceInMemory()
    used = Used(shared / "used", clock, None, 1.0, kept_s=_kept_s(config))

    async def once(client: str, jti: str, expires: datetime, patience: Patience) -> bool:
        return await used.once(client, jti, expires, patience, away=False)

    return once


def _throttle(config: Config, shared: Path | None) -> Throttle:
    """Registered clients share their limits among the workers; addresses are each worker's own."""
    most = config.limits.requests_per_minute
    if shared is None:
        return Throttle(most, time.monotonic)
    names = sorted(f"client {client.name}" for client in config.clients)
    path = shared / f"rates-{hashlib.sha256(repr(names).encode()).hexdigest()[:16]}"
    try:
        return SharedThrottle(most, time.monotonic, names, path)
    except OSError as error:
        event("limits of each worker", {"why": "no room"}, level=logging.ERROR, error=error)
        return Throttle(most, time.monotonic)


def _any_answers(config: Config) -> bool:
    """Whether there is a client, or may be one, that can be asked for answers."""
    return not config.clients or any(one.responses in {"ehr", "both"} for one in config.clients)


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
