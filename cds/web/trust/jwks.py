"""Public keys as they are published or pinned: a JWK Set, or one key as PEM."""

from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from cds import wire
from cds.errors import Unreadable

ANY = ""  # the `kid` of a key that a file pins without a name
LEAST_RSA_BITS = 2048
_CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}


def keys_in(data: bytes, algorithms: tuple[str, ...]) -> dict[str, jwt.PyJWK]:
    """The usable public keys of a file: a JWK Set, or one public key as PEM, good for any `kid`.

    Raises:
        Unreadable: it is neither.
    """
    if not data.lstrip().startswith(b"-----BEGIN"):
        return usable_keys(wire.read(data), algorithms)
    try:
        member = public_jwk(serialization.load_pem_public_key(data))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Unreadable("PEM", "holds no public key.", "Give the public half.") from None
    return usable_keys({"keys": [{**member, "kid": ANY}]}, algorithms)


def public_jwk(key: object) -> dict[str, Any]:
    """A public key as JWK, without `kid`.

    Raises:
        TypeError: it is of a kind that nobody signs tokens with.
    """
    if isinstance(key, ec.EllipticCurvePublicKey):
        return dict(ECAlgorithm.to_jwk(key, as_dict=True))
    if isinstance(key, rsa.RSAPublicKey):
        return dict(RSAAlgorithm.to_jwk(key, as_dict=True))
    if isinstance(key, ed25519.Ed25519PublicKey):
        return dict(OKPAlgorithm.to_jwk(key, as_dict=True))
    message = "not an EC, RSA or Ed25519 key"
    raise TypeError(message)


def is_key_set(value: Any) -> bool:
    """Whether this is a JWK Set at all, be it of no key: whoever publishes that revokes all."""
    return isinstance(value, dict) and isinstance(value.get("keys"), list)


def usable_keys(value: Any, algorithms: tuple[str, ...]) -> dict[str, jwt.PyJWK]:
    """The usable public keys of a JWK Set by `kid`; whatever is not one is left out."""
    members = value.get("keys") if isinstance(value, dict) else None
    found: dict[str, jwt.PyJWK] = {}
    for member in members if isinstance(members, list) else []:
        if not isinstance(member, dict) or not isinstance(member.get("kid"), str):
            continue
        algorithm = algorithm_of(member, algorithms)
        if algorithm is None:
            continue
        public = {name: part for name, part in member.items() if name not in {"d", "p", "q"}}
        try:
            key = jwt.PyJWK.from_dict(public, algorithm=algorithm)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError):
            continue
        if member.get("kty") == "RSA" and key.key.key_size < LEAST_RSA_BITS:
            continue
        found[member["kid"]] = key
    return found


def algorithm_of(member: Mapping[str, Any], algorithms: tuple[str, ...]) -> str | None:
    """The one algorithm that this key signs with, if it is among the configured; else None."""
    if member.get("use", "sig") != "sig":
        return None
    match member.get("kty"):
        case "EC":
            fitting = [_CURVES.get(str(member.get("crv")), "")]
        case "RSA":
            fitting = [name for name in algorithms if name[:2] in {"RS", "PS"}]
        case "OKP":
            fitting = ["EdDSA"]
        case _:
            return None
    if "alg" in member:
        return member["alg"] if member["alg"] in fitting and member["alg"] in algorithms else None
    return next((name for name in fitting if name in algorithms), None)
