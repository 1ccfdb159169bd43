"""A service in this process, spoken to through its ASGI door; keys, tokens, made-up patients."""

import asyncio
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from cds.core.pack import Pack
from cds.flows.synthetic.hook_samples import hook_request, moved
from cds.flows.synthetic.samples import Scenario, samples, scenarios_of
from cds.knowledge.read.pack import find_pack, pack_folders
from cds.web import service as service_module
from cds.web.contract.published import Published, _Rules, publish_installed
from cds.web.service import Service, build
from cds.web.settings import (
    AuthSettings,
    Client,
    Config,
    CorsSettings,
    LimitSettings,
    ServerSettings,
    StoreSettings,
)
from cds.web.trust.outbound import Resolve, resolve
from tests.web.caller import PUBLIC, Caller
from tests.web.counterpart import Ehr
from tests.web.processes import Running
from tests.web.signing import ISS, Signing, new_signing, public_jwk

Json = dict[str, Any]


ORIGIN = "https://ehr.example.org"


FHIR = "https://ehr.example.org/fhir"


NO_STORE = StoreSettings(enabled=False)


# On a busy machine the usual times would be over before anything is asked, or is on disk.
UNLIMITED = LimitSettings(
    requests_per_minute=0, ehr_budget_ms=5000, store_ms=5000, form_store_ms=5000
)


@pytest.fixture(scope="session")
def pack() -> Pack:
    return find_pack("cramps")


@pytest.fixture(scope="session")
def scenarios(pack: Pack) -> dict[str, Scenario]:
    return scenarios_of(pack_folders()[pack.id], pack)


Body = Callable[..., Json]


@pytest.fixture(scope="session")
def body(pack: Pack, scenarios: dict[str, Scenario]) -> Body:
    """The request of one hook for one made-up patient, as if it were made now."""

    def made(scenario: str = "no-urine", hook: str = "patient-view", **changes: Any) -> Json:
        sample = next(samples(scenarios, pack, scenario, 1, 0))
        by = datetime.now(UTC).replace(microsecond=0) - sample.now
        patient = sample.response["subject"]["reference"].partition("/")[2]
        resources = [moved(one, by) for one in (sample.response, *sample.record)]
        whole = hook_request(pack, hook, resources, patient=patient, instance=str(uuid.uuid4()))
        copied: Json = json.loads(json.dumps(whole, default=float))
        return {**copied, **changes}

    return made


@pytest.fixture(scope="session", autouse=True)
def publish_once() -> Iterator[None]:
    """Publishing takes longer than most tests; what it makes depends on these alone."""
    made: dict[str, Published] = {}

    def publish_or_take(
        packs: Iterable[Pack], folders: Mapping[str, Path], rules: _Rules, public_url: str
    ) -> Published:
        given = list(packs)
        key = repr(([pack.hash for pack in given], sorted(folders.items()), rules, public_url))
        if key not in made:
            made[key] = publish_installed(given, folders, rules, public_url)
        return made[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service_module, "publish_installed", publish_or_take)
        yield


Serve = Callable[..., Caller]


@pytest.fixture
def serve(pack: Pack) -> Iterator[Serve]:
    """Build a service with these settings; without any: no tokens, no log, no limits."""
    built: list[Service] = []

    def made(
        *,
        config: Config | None = None,
        clock: Callable[[], datetime] | None = None,
        lookup: Resolve = resolve,
        packs: Mapping[str, Pack] | None = None,
        log_requests: bool = False,
        **parts: Any,
    ) -> Caller:
        plain = Config(
            server=ServerSettings(public_url=PUBLIC, metrics_port=0),
            auth=AuthSettings(required=False),
            clients=(Client("ehr", iss=ISS, fhir_base=FHIR),),
            cors=CorsSettings((ORIGIN,)),
            store=NO_STORE,
            limits=UNLIMITED,
        )
        service = build(
            replace(config or plain, **parts),
            packs or {pack.id: pack},
            clock or (lambda: datetime.now(UTC)),
            lookup,
            log_requests=log_requests,
        )
        built.append(service)
        return Caller(service)

    yield made
    for service in built:
        asyncio.run(service.close())


@pytest.fixture
def signing(tmp_path: Path) -> Signing:
    return new_signing(tmp_path / "jwks.json")


@pytest.fixture
def secured(serve: Serve, signing: Signing) -> Caller:
    """A service that wants tokens, with one registered client."""
    client = Client(
        "ehr",
        iss=ISS,
        jwks_file=str(signing.jwks),
        jwks_url=f"{ISS}/jwks.json",
        fhir_base=FHIR,
    )
    return serve(auth=AuthSettings(), clients=(client,))


@pytest.fixture
def jwk() -> Callable[[ec.EllipticCurvePrivateKey, str], Json]:
    return public_jwk


@pytest.fixture
def sqlite(tmp_path: Path) -> StoreSettings:
    return StoreSettings(url=f"sqlite:///{tmp_path}/decisions.db")


@pytest.fixture
def ehr() -> Iterator[Ehr]:
    made = Ehr()
    yield made
    made.close()


@pytest.fixture
def running() -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(*args: str, **more: Any) -> Running:
        started.append(Running(*args, **more))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.kill()
