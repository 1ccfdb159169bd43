"""A client with a key of its own."""

import base64
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

Json = dict[str, Any]
ISS = "https://ehr.example.org"


@dataclass(frozen=True, slots=True)
class Signing:
    """A client with a key of its own."""

    key: ec.EllipticCurvePrivateKey
    jwks: Path
    kid: str = "key-1"

    def token(
        self,
        aud: Any,
        *,
        key: Any = None,
        algorithm: str = "ES384",
        header: Json | None = None,
        drop: str = "",
        **claims: Any,
    ) -> str:
        now = int(datetime.now(UTC).timestamp())
        made = {
            "iss": ISS,
            "aud": aud,
            "iat": now,
            "exp": now + 300,
            "jti": str(uuid.uuid4()),
            **claims,
        }
        made.pop(drop, None)
        headers = {"kid": self.kid, **(header or {})}
        return jwt.encode(made, key or self.key, algorithm=algorithm, headers=headers)


def new_signing(path: Path) -> Signing:
    """A client with a new key, whose public half is in the JWK Set at this path."""
    key = ec.generate_private_key(ec.SECP384R1())
    path.write_text(json.dumps({"keys": [public_jwk(key, "key-1")]}))
    return Signing(key, path)


def public_jwk(key: ec.EllipticCurvePrivateKey, kid: str) -> Json:
    numbers = key.public_key().public_numbers()
    size = (key.curve.key_size + 7) // 8
    crv = {"secp256r1": "P-256", "secp384r1": "P-384"}[key.curve.name]
    return {
        "kty": "EC",
        "crv": crv,
        "kid": kid,
        "x": _b64(numbers.x.to_bytes(size, "big")),
        "y": _b64(numbers.y.to_bytes(size, "big")),
    }


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
