"""Starts the service: one process, or several workers behind one socket, until SIGTERM or Ctrl-C.

On SIGTERM no new request is taken, and those under way are answered first.
"""

import gc
import json
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy.engine import make_url
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from cds.core.pack import Pack
from cds.errors import PackError, UsageError
from cds.knowledge.read.installed import every_pack
from cds.knowledge.read.pack import load_pack, pack_folders
from cds.web.app import application
from cds.web.config import check_server, is_loopback, load
from cds.web.demonstration import demonstration
from cds.web.operating.aside import COLLECT_AFTER
from cds.web.operating.clerks import Clerks
from cds.web.operating.logs import configure, event, lines_out, set_level
from cds.web.operating.mapped import SHARED_FOLDER, take_room
from cds.web.operating.memory import check_end, check_start, reserve_nothing
from cds.web.operating.metrics import Metrics
from cds.web.operating.metrics_port import serve
from cds.web.operating.processes import end_with_parent, on_hangup, open_files
from cds.web.protocol import TimedProtocol
from cds.web.routes.warm import warm
from cds.web.service import Service, build, utc_now
from cds.web.settings import Config

GRACE_SECONDS = 30
WORKER_SECONDS = 30  # for a worker to start, or to say that it lives; on a busy machine 5 are few
BACKLOG = 2048
SWITCH_S = 0.0002
_ORDER = "CRAMP_CDS_ORDER"  # how the first process tells its workers what to serve


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for on the command line.

    `store`: the log of a demonstration; `shared`: a folder of all workers, for as long as they run.
    `now`: where the clock of a demonstration stands (RFC 3339); without it, it runs.
    """

    config: str | None = None
    host: str | None = None
    port: int | None = None
    demo: bool = False
    packs: tuple[str, ...] = ()
    workers: int = 1
    store: str = ""
    shared: str = ""
    now: str = ""


def configuration(order: Order, environment: Mapping[str, str]) -> Config:
    """The configuration that the order, the file and the environment make together.

    Raises:
        UsageError: it makes no sense, or would not be safe.
    """
    config = load(order.config, environment)
    host = order.host or config.server.host
    port = config.server.port if order.port is None else order.port
    config = replace(config, server=replace(config.server, host=host, port=port))
    if order.demo:
        config = demonstration(config, order.store)
    elif order.config is None and not config.clients and is_loopback(host):
        # Nothing is registered, so no token could be good. Only this machine can call.
        config = replace(config, auth=replace(config.auth, required=False))
    check_server(config)
    return config


def serve_until_told(order: Order, tell: Callable[[str], None]) -> None:
    """Serve until told to stop; `tell` is told where, once the port is known.

    Raises:
        UsageError: the configuration, or the port.
        PackError: a pack with faults; nothing is served then.
    """
    reserve_nothing()
    with _store(order) as stored:
        first = configuration(stored, os.environ)
        configure(first.server.log_level)
        listening = _listen(first)
        # Port 0 is whichever was free; the address that tokens are made for has to name it.
        placed = replace(stored, port=listening.getsockname()[1])
        config = configuration(placed, os.environ)
        if not config.auth.required:
            tell(
                f"Serving on {config.local_url}/cds-services without tokens: for this machine only."
            )
        tell(log_place(config))
        event("listening", {"url": config.public_url, "port": config.server.port})
        if placed.workers > 1:
            _many(placed, config, listening)
        else:
            _one(placed, config, listening)


def log_place(config: Config) -> str:
    """Where the decisions are kept, without a password."""
    if not config.store.enabled:
        return "Decision log: off"
    url = make_url(config.store.url)
    place = url.database if url.get_backend_name() == "sqlite" else url.render_as_string()
    return f"Decision log: {place}"


def _one(order: Order, config: Config, listening: socket.socket) -> None:
    service = _service(order, config)
    app = application(service)
    counters = _counters(config, service.metrics)
    on_hangup(lambda: _reload(order, service))
    # uvicorn raises the signal again once it has stopped; an orderly stop is no failure.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    check_start()
    uvicorn.Server(uvicorn.Config(app, **_settings(config))).run(sockets=[listening])
    # It has stopped: to be told so once more, while Python ends, would look like a failure.
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGINT))
    if counters is not None:
        counters.shutdown()
    check_end()


def _many(order: Order, config: Config, listening: socket.socket) -> None:
    folder = tempfile.mkdtemp(prefix="cramp-cds-metrics-")
    os.environ[SHARED_FOLDER] = folder
    os.environ[_ORDER] = json.dumps(asdict(replace(order, shared=folder)))
    try:
        _packs(order)  # told here, once, rather than by every worker
        counters = _counters(config, Metrics())
        settings = _settings(config)
        target = uvicorn.Config(
            "cds.web.server:worker", factory=True, workers=order.workers, **settings
        )
        Multiprocess(target, sockets=[listening]).run()
        if counters is not None:
            counters.shutdown()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def worker() -> ASGIApp:
    """The application of one worker, as the first process ordered it."""
    given: dict[str, Any] = json.loads(os.environ[_ORDER])
    order = Order(**{**given, "packs": tuple(given["packs"])})
    config = configuration(order, os.environ)
    on_hangup(None)  # the first process replaces its workers one by one
    end_with_parent()
    configure(config.server.log_level)
    take_room()
    return application(_service(order, config))


def _reload(order: Order, service: Service) -> None:
    """SIGHUP: read the site file again for the log level, and fetch all keys anew."""
    try:
        set_level(configuration(order, os.environ).server.log_level)
    except Exception as error:  # noqa: BLE001 - it is raised in the loop, and would end the service
        event("reload", {"why": "configuration"}, level=logging.ERROR, error=error)
        return
    service.keys.reload()
    event("reload")


def _service(order: Order, config: Config) -> Service:
    clerks = _clerks(config)
    packs = _packs(order)
    folders = {load_pack(folder).id: folder for folder in _folders(order)}
    hashes = {name: pack.hash for name, pack in packs.items()}

    def intact() -> bool:
        try:
            return {name: pack.hash for name, pack in _packs(order).items()} == hashes
        except (PackError, UsageError, OSError):
            return False

    shared = Path(order.shared) if order.shared else None
    clock = _standing(order.now) if order.now else utc_now
    service = build(
        config, packs, clock, intact=intact, folders=folders, shared=shared, clerks=clerks
    )
    warm(service)
    # The knowledge lives as long as the process: the collector need not look at it for every call.
    gc.collect()
    gc.freeze()
    # And what a call makes is freed as it goes: after every 700 objects nothing would be found.
    gc.set_threshold(COLLECT_AFTER)
    TimedProtocol.base = service.base
    TimedProtocol.most = open_files()
    lines_out().on_drop = service.metrics.lines_dropped
    # Whoever reckons, the loop or a thread, gives way after this long to who waits for its turn: by
    # default it is 5 ms each time, and the log waits eight times for one entry.
    sys.setswitchinterval(SWITCH_S)
    return service


def _clerks(config: Config) -> Clerks | None:
    """The process that writes the log, begun first: it loads while the knowledge is read here."""
    if not config.store.enabled:
        return None
    clerks = Clerks(config.store.url, config.limits.store_ms / 1000)
    clerks.begin()
    return clerks


def _standing(now: str) -> Callable[[], datetime]:
    """A clock that stands: what a demonstration shows does not depend on the day."""
    moment = datetime.fromisoformat(now)
    return lambda: moment


def _packs(order: Order) -> dict[str, Pack]:
    _folders(order)
    return {pack.id: pack for pack in every_pack(Path(one) for one in order.packs)}


def _folders(order: Order) -> list[Path]:
    found = pack_folders([Path(one) for one in order.packs])
    if not found:
        raise UsageError("packs", "there is no pack to serve.", "Name a folder with --packs.")
    return [found[name] for name in sorted(found)]


def _settings(config: Config) -> dict[str, Any]:
    return {
        "host": config.server.host,
        "port": config.server.port,
        "http": TimedProtocol,
        "ws": "none",
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "timeout_graceful_shutdown": GRACE_SECONDS,
        "timeout_worker_healthcheck": WORKER_SECONDS,
    }


def _listen(config: Config) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.server.host else socket.AF_INET
    # Named as TCP, or asyncio leaves Nagle's algorithm on: 40 ms between the head and the body.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((config.server.host, config.server.port))
    except OSError as error:
        listening.close()
        where = f"{config.server.host}:{config.server.port}"
        problem = f"cannot be listened on: {error.strerror}."
        raise UsageError(where, problem, "Take --port.") from error
    listening.listen(BACKLOG)  # from now on nobody is turned away, though answers may take a moment
    listening.set_inheritable(True)
    return listening


def _counters(config: Config, counted: Metrics) -> Any:
    if not config.server.metrics_port:
        return None
    try:
        return serve(counted.registry, config.server.host, config.server.metrics_port)
    except OSError as error:
        event("metrics off", {"port": config.server.metrics_port}, error=error)
        return None


@contextmanager
def _store(order: Order) -> Iterator[Order]:
    """A demonstration keeps its log in a folder that is gone when it ends."""
    if not order.demo or order.store:
        yield order
        return
    with tempfile.TemporaryDirectory(
        prefix="cramp-cds-demo-", ignore_cleanup_errors=True
    ) as folder:
        yield replace(order, store=f"sqlite:///{folder}/decisions.db")
