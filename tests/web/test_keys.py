"""Rows 1 and 7 of the threat model: which keys are believed, and how often they are fetched."""

import asyncio
import errno
import json
import os
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from cds.errors import UsageError
from cds.web.settings import AuthSettings, Client
from cds.web.trust import keys as keys_module
from cds.web.trust.jwks import algorithm_of, usable_keys
from tests.web.caller import URL, refused_bare, send
from tests.web.signing import ISS

Json = dict[str, Any]
FOREIGN = ec.generate_private_key(ec.SECP384R1())


def test_a_thousand_unknown_kids_cost_one_fetch(  # threat 7
    serve: Any, signing: Any, body: Any, ehr: Any, jwk: Any
) -> None:
    keys = json.dumps({"keys": [jwk(signing.key, "key-1")]}).encode()
    ehr.answer = lambda _: (200, {"cache-control": "max-age=600"}, keys)
    client = replace(ehr.client, allow_private=True)
    caller = serve(auth=AuthSettings(), clients=(client,))
    assert send(caller, body(), signing.token(URL)).status_code == 200

    for number in range(50):
        refused_bare(send(caller, body(), signing.token(URL, header={"kid": f"unknown-{number}"})))

    assert len(ehr.asked) == 1


def test_a_revoked_key_is_gone_after_the_next_fetch(  # threat 7
    serve: Any, signing: Any, body: Any, ehr: Any, jwk: Any
) -> None:
    held = [jwk(signing.key, "key-1")]
    ehr.answer = lambda _: (
        200,
        {"cache-control": "max-age=1"},
        json.dumps({"keys": held}).encode(),
    )
    caller = serve(auth=AuthSettings(), clients=(replace(ehr.client, allow_private=True),))
    seconds = [0.0]
    caller.service.keys._clock = lambda: seconds[0]
    assert send(caller, body(), signing.token(URL)).status_code == 200

    held.clear()
    seconds[0] = 299  # less than the least age of a set
    assert send(caller, body(), signing.token(URL)).status_code == 200
    seconds[0] = 301
    asyncio.run(caller.service.keys.refresh())

    refused_bare(send(caller, body(), signing.token(URL)))


def test_keys_stay_good_for_a_day_when_their_place_is_down(  # threat 7
    serve: Any, signing: Any, body: Any, ehr: Any, jwk: Any
) -> None:
    keys = json.dumps({"keys": [jwk(signing.key, "key-1")]}).encode()
    ehr.answer = lambda _: (200, {}, keys)
    caller = serve(auth=AuthSettings(), clients=(replace(ehr.client, allow_private=True),))
    seconds = [0.0]
    caller.service.keys._clock = lambda: seconds[0]
    assert send(caller, body(), signing.token(URL)).status_code == 200
    ehr.answer = lambda _: (500, {}, b"down")

    seconds[0] = 80_000
    assert send(caller, body(), signing.token(URL)).status_code == 200
    seconds[0] = 90_000

    refused_bare(send(caller, body(), signing.token(URL)))


def test_a_key_that_is_replaced_under_its_name_is_found_with_the_next_token(
    serve: Any, signing: Any, body: Any, ehr: Any, jwk: Any
) -> None:
    """As a place does that names its keys by their turn: after two turns a name comes again."""
    turn = [signing.key]
    ehr.answer = lambda _: (
        200,
        {"cache-control": "max-age=86400"},
        json.dumps({"keys": [jwk(turn[-1], "key-1")]}).encode(),
    )
    caller = serve(auth=AuthSettings(), clients=(replace(ehr.client, allow_private=True),))
    seconds = [0.0]
    caller.service.keys._clock = lambda: seconds[0]
    assert send(caller, body(), signing.token(URL)).status_code == 200

    turn.append(FOREIGN)
    seconds[0] = 61
    assert send(caller, body(), signing.token(URL, key=FOREIGN)).status_code == 200
    refused_bare(send(caller, body(), signing.token(URL)))
    # And forged ones cost no more than a name that nobody knows.
    other = ec.generate_private_key(ec.SECP384R1())
    for second in range(62, 120):
        seconds[0] = second
        refused_bare(send(caller, body(), signing.token(URL, key=other)))
    assert len(ehr.asked) == 2


def test_of_keys_that_rotate_twice_in_a_minute_the_second_is_found_after_it(
    serve: Any, signing: Any, body: Any, ehr: Any, jwk: Any
) -> None:
    held = {"key-1": signing.key}
    ehr.answer = lambda _: (
        200,
        {"cache-control": "max-age=86400"},
        json.dumps({"keys": [jwk(key, kid) for kid, key in held.items()]}).encode(),
    )
    caller = serve(auth=AuthSettings(), clients=(replace(ehr.client, allow_private=True),))
    seconds = [0.0]
    caller.service.keys._clock = lambda: seconds[0]
    assert send(caller, body(), signing.token(URL)).status_code == 200

    codes = []
    for second, kid in ((61, "key-2"), (62, "key-3"), (120, "key-3"), (122, "key-3")):
        held.clear()
        held[kid] = FOREIGN
        seconds[0] = second
        token = signing.token(URL, key=FOREIGN, header={"kid": kid})
        codes.append(send(caller, body(), token).status_code)
    assert codes == [200, 401, 401, 200]
    assert len(ehr.asked) == 3


@pytest.mark.parametrize("said", [b'{"error":"maintenance"}', b"[]", b'{"keys":{}}', b'"ok"'])
def test_a_place_that_says_something_else_revokes_no_key(
    serve: Any, signing: Any, body: Any, ehr: Any, jwk: Any, said: bytes
) -> None:
    keys = json.dumps({"keys": [jwk(signing.key, "key-1")]}).encode()
    ehr.answer = lambda _: (200, {}, keys)
    caller = serve(auth=AuthSettings(), clients=(replace(ehr.client, allow_private=True),))
    seconds = [0.0]
    caller.service.keys._clock = lambda: seconds[0]
    assert send(caller, body(), signing.token(URL)).status_code == 200

    ehr.answer = lambda _: (200, {}, said)
    seconds[0] = 7200
    asyncio.run(caller.service.keys.refresh())

    assert send(caller, body(), signing.token(URL)).status_code == 200
    assert len(ehr.asked) == 2


def test_keys_of_several_addresses_are_good_while_one_is_away(
    serve: Any, signing: Any, body: Any, ehr: Any, jwk: Any
) -> None:
    sets = {
        "/1.json": {"keys": [jwk(FOREIGN, "key-2")]},
        "/2.json": {"keys": [jwk(signing.key, "key-1")]},
    }
    ehr.answer = lambda path: (
        (200, {}, json.dumps(sets[path]).encode()) if path in sets else (500, {}, b"")
    )
    addresses = tuple(f"{ehr.url}/{name}.json" for name in ("1", "2", "gone"))
    client = replace(ehr.client, allow_private=True, jwks_url=addresses)
    caller = serve(auth=AuthSettings(), clients=(client,))

    for key, kid in ((signing.key, "key-1"), (FOREIGN, "key-2")):
        named = {"kid": kid, "jku": f"{ehr.url}/2.json"}
        token = signing.token(URL, key=key, header=named)
        assert send(caller, body(), token).status_code == 200
    other = {"kid": "key-1", "jku": f"{ehr.url}/3.json"}
    refused_bare(send(caller, body(), signing.token(URL, header=other)))


def test_a_key_file_that_is_replaced_is_read_again(
    secured: Any, signing: Any, body: Any, jwk: Any
) -> None:
    seconds = [time.monotonic()]
    secured.service.keys._clock = lambda: seconds[0]
    assert send(secured, body(), signing.token(URL)).status_code == 200
    signing.jwks.write_text(json.dumps({"keys": [jwk(FOREIGN, "key-2")]}))
    os.utime(signing.jwks, ns=(1, 1))
    seconds[0] += 6

    refused_bare(send(secured, body(), signing.token(URL)))
    token = signing.token(URL, key=FOREIGN, header={"kid": "key-2"})
    assert send(secured, body(), token).status_code == 200


def test_a_key_file_that_could_not_be_read_once_is_tried_again(
    secured: Any, signing: Any, body: Any, jwk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [time.monotonic()]
    secured.service.keys._clock = lambda: seconds[0]
    signing.jwks.write_text(json.dumps({"keys": [jwk(FOREIGN, "key-2")]}))
    os.utime(signing.jwks, ns=(1, 1))
    token = signing.token(URL, key=FOREIGN, header={"kid": "key-2"})

    def refused(_: Path) -> bytes:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refused)
        seconds[0] += 6
        refused_bare(send(secured, body(), token))
    seconds[0] += 6

    assert send(secured, body(), token).status_code == 200


def test_nobody_waits_for_the_disk_of_a_key_file_and_it_is_told(
    secured: Any, signing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, told, hold = secured.service.keys, list[Json](), threading.Event()
    (client,) = secured.service.config.clients
    monkeypatch.setattr(keys_module, "event", lambda _, fields, **__: told.append(fields))
    monkeypatch.setattr(keys, "_read_file", lambda *_: hold.wait(3))
    keys._clock = lambda: time.monotonic() + 10
    os.utime(signing.jwks, ns=(1, 1))

    async def longest() -> float:
        finding = asyncio.create_task(keys.find(client, "key-1"))
        waited = 0.0
        while not finding.done():
            began = time.monotonic()
            await asyncio.sleep(0.01)
            waited = max(waited, time.monotonic() - began)
        assert await finding is not None
        return waited

    assert asyncio.run(longest()) < 1
    hold.set()
    assert told == [{"client": client.name, "why": "file not read"}]


ALGORITHMS = ("ES384", "RS384")


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ({"kty": "EC", "crv": "P-384"}, "ES384"),
        ({"kty": "EC", "crv": "P-256"}, None),
        ({"kty": "EC", "crv": "P-384", "alg": "ES256"}, None),
        ({"kty": "RSA"}, "RS384"),
        ({"kty": "RSA", "alg": "RS256"}, None),
        ({"kty": "RSA", "use": "enc"}, None),
        ({"kty": "oct", "k": "AAAA"}, None),
        ({}, None),
    ],
)
def test_the_key_decides_the_algorithm(member: Json, expected: str | None) -> None:  # threat 1
    assert algorithm_of(member, ALGORITHMS) == expected


def test_a_short_rsa_key_and_nonsense_are_left_out() -> None:
    short = rsa.generate_private_key(65537, 1024).public_key()  # noqa: S505 (that it is too short is the point)
    member = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(short)) | {"kid": "short"}

    found = usable_keys(
        {"keys": [member, 5, {"kid": 5}, {"kid": "x", "kty": "EC", "crv": "P-384"}]}, ALGORITHMS
    )

    assert found == {}


def test_a_key_file_without_a_key_ends_the_start(serve: Any, tmp_path: Any) -> None:
    path = tmp_path / "empty.json"
    path.write_text('{"keys": []}')

    with pytest.raises(UsageError) as caught:
        serve(auth=AuthSettings(), clients=(Client("a", iss=ISS, jwks_file=str(path)),))

    assert caught.value.where == str(path)
