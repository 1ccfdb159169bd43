"""SMART backend services: a token for the client's key, asked for anew before it runs out."""

import json
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from cds.errors import CdsError, UsageError

SCOPE = "system/*.read"
LIFETIME_S = 240
_EARLY_S = 30
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384"}
_OK = 200


class SigningKey(NamedTuple):
    """A private key, the algorithm that goes with it, and the name that the server knows it by."""

    key: Any
    algorithm: str
    kid: str | None


def read_key(path: Path) -> SigningKey:
    """The private key of a PEM file without password, or of a file with one JWK.

    Raises:
        UsageError: it is none that a client may sign with.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        problem = f"cannot be read: {error.strerror}."
        raise UsageError("--key", problem, "Check the name.") from error
    hint = "Give a PEM file without a password, or one JWK with its private part."
    try:
        if data.lstrip().startswith(b"{"):
            table = json.loads(data)
            found = jwt.PyJWK.from_dict(table)
            kid = table.get("kid")
            return SigningKey(
                found.key, str(found.algorithm_name), kid if isinstance(kid, str) else None
            )
        key = serialization.load_pem_private_key(data, None)
    except (ValueError, TypeError, jwt.PyJWTError):
        raise UsageError("--key", "is not a private key.", hint) from None
    if isinstance(key, rsa.RSAPrivateKey):
        return SigningKey(key, "RS384", None)
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return SigningKey(key, _CURVES[key.curve.name], None)
    raise UsageError("--key", "is neither an RSA nor an EC key.", hint)


@dataclass(slots=True, repr=False)  # it holds a token
class Access:
    """The header that opens a server. Without a key it opens none, and none is sent."""

    http: httpx.Client
    base: str
    client: str | None
    key: SigningKey | None
    _token: str | None = None
    _until: float = 0.0  # monotonic seconds

    def headers(self, *, fresh: bool = False) -> dict[str, str]:
        """The authorization for the next call; `fresh`: the last one was refused.

        Raises:
            CdsError: the server gives no token.
        """
        if self.key is None or self.client is None:
            return {}
        if fresh or time.monotonic() > self._until:
            self._ask(self.client, self.key)
        return {"authorization": f"Bearer {self._token}"}

    def _ask(self, client: str, key: SigningKey) -> None:
        place = self._endpoint()
        now = int(time.time())
        claims = {
            "iss": client,
            "sub": client,
            "aud": place,
            "exp": now + LIFETIME_S,
            "jti": str(uuid.uuid4()),
        }
        headers = {"kid": key.kid} if key.kid else None
        assertion = jwt.encode(claims, key.key, algorithm=key.algorithm, headers=headers)
        form = {
            "grant_type": "client_credentials",
            "scope": SCOPE,
            "client_assertion_type": _ASSERTION,
            "client_assertion": assertion,
        }
        answer = self.http.post(place, data=form)
        known = _json(answer) if answer.status_code == _OK else {}
        token = known.get("access_token")
        if not isinstance(token, str):
            problem = f"gave no token (status {answer.status_code})."
            hint = "Is the public key registered there, under this client id?"
            raise CdsError(place, problem, hint)
        life = known.get("expires_in")
        seconds = life if isinstance(life, int | float) else _EARLY_S
        self._token = token
        self._until = time.monotonic() + max(seconds - _EARLY_S, 1)

    def _endpoint(self) -> str:
        place = f"{self.base}/.well-known/smart-configuration"
        answer = self.http.get(place, headers={"accept": "application/json"})
        found = _json(answer).get("token_endpoint") if answer.status_code == _OK else None
        if not isinstance(found, str):
            hint = "The server must publish its SMART configuration there."
            raise CdsError(place, f"names no token_endpoint (status {answer.status_code}).", hint)
        return found


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        value = answer.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
