"""Why a token would be refused, told to whoever holds it: offline, by the configuration."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from cds.errors import Unreadable, UsageError
from cds.web.config import load
from cds.web.refusals import UnauthorizedError
from cds.web.settings import Client, Config
from cds.web.trust import claims
from cds.web.trust.auth import signature_holds
from cds.web.trust.jwks import ANY, keys_in, public_jwk

RSA_BITS = 3072


class ExplainedToken(NamedTuple):
    """Whether the token would be taken, and every fault and every thing not checked, in words."""

    good: bool
    lines: tuple[str, ...]


def explained(token: str, config_file: str, url: str | None, jwks: bytes | None) -> ExplainedToken:
    """Judge a token as a call would, but for whether it was used before.

    Raises:
        UsageError: the configuration has a fault.
    """
    config = load(config_file, os.environ)
    found = _explained(token, config, url, jwks)
    if config.auth.required:
        return found
    off = "[auth] required is false: calls are taken without a token, and none is looked at."
    return found._replace(lines=(off, *found.lines))


def _explained(token: str, config: Config, url: str | None, jwks: bytes | None) -> ExplainedToken:
    bearer = token if token.lower().startswith("bearer ") else f"Bearer {token}"
    try:
        spoken = claims.read_header(bearer if token else None)
    except UnauthorizedError as error:
        return ExplainedToken(False, (_line(error.reason),))  # noqa: FBT003 - good, lines
    try:
        client = claims.client_of(config, spoken)
    except UnauthorizedError as error:
        return ExplainedToken(False, tuple(_of_nobody(error.reason, spoken, config)))  # noqa: FBT003
    address = url or _named(spoken, config)
    now = datetime.now(UTC).timestamp()
    longest = claims.longest(config, client)
    reasons = list(claims.token_faults(spoken, client, longest, address, now))
    wrong, unchecked = _of_key(spoken, client, config, jwks)
    lines = [f"client: {client.name}", f"called: {address}"]
    lines += map(_line, [*reasons, *wrong])
    lines += [f"not checked  {text}" for text in (*unchecked, "whether it was used before")]
    good = not reasons and not wrong
    return ExplainedToken(
        good, (*lines, "It would be accepted." if good else "It would be refused.")
    )


def _of_nobody(reason: str, spoken: claims.UnprovenToken, config: Config) -> Iterator[str]:
    """A token of no registered client: what is wrong with it whoever it is from."""
    yield _line(reason)
    known = ", ".join(sorted({one.iss for one in config.clients})) or "none"
    yield f"  Registered issuers: {known}."
    if spoken.header.get("alg") not in config.auth.algorithms:
        yield _line("algorithm")


def _line(reason: str) -> str:
    return f"{reason}  {claims.TOKEN_ADVICE[reason]}"


def _named(spoken: claims.UnprovenToken, config: Config) -> str:
    """Without --url: the address of ours that the token is for, else where we would be called."""
    aud = spoken.claims.get("aud")
    listed = [aud] if isinstance(aud, str) else aud if isinstance(aud, list) else []
    ours = (
        one for one in listed if isinstance(one, str) and one.startswith(f"{config.public_url}/")
    )
    return next(ours, f"{config.public_url}/cds-services/…")


def _of_key(
    spoken: claims.UnprovenToken, client: Client, config: Config, jwks: bytes | None
) -> tuple[list[str], list[str]]:
    """What is wrong with the key or the signature, and what could not be looked at."""
    data = jwks
    if data is None and client.jwks_file:
        try:
            data = Path(client.jwks_file).read_bytes()
        except OSError as error:
            raise UsageError(client.jwks_file, f"cannot be read: {error.strerror}.") from error
    if data is None:
        return [], ["the signature: the keys are published; give their set with --jwks"]
    try:
        keys = keys_in(data, config.auth.algorithms)
    except Unreadable as error:
        raise UsageError("--jwks" if jwks else client.jwks_file, error.problem) from error
    key = keys.get(spoken.kid) or keys.get(ANY)
    return list(_of_signature(spoken, key)), []


def _of_signature(spoken: claims.UnprovenToken, key: Any) -> Iterator[str]:
    if key is None:
        yield "key-not-found"
    elif spoken.header.get("alg") != key.algorithm_name:
        yield "algorithm"
    elif not signature_holds(spoken.token, key):
        yield "signature"


def new_pair(algorithm: str, kid: str) -> tuple[bytes, dict[str, Any]]:
    """A new private key as PEM, and the JWK Set with its public half. ES384 or RS384."""
    key = (
        ec.generate_private_key(ec.SECP384R1())
        if algorithm == "ES384"
        else rsa.generate_private_key(65537, RSA_BITS)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = {**public_jwk(key.public_key()), "kid": kid, "alg": algorithm, "use": "sig"}
    return private, {"keys": [public]}
