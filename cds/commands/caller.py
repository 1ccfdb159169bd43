"""Acts as an EHR: builds a call, leaves out or breaks what is asked for, signs it, sends it."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from cds import wire
from cds.errors import CdsError, Unreadable, UsageError
from cds.wire import JsonObject

_TIMEOUT_S = 15.0
LIFETIME = timedelta(minutes=4)
_OUTCOME: JsonObject = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "exception", "diagnostics": "The query failed."}],
}
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


@dataclass(frozen=True, slots=True)
class Signer:
    """The key of a client, and the names under which the service knows it."""

    key: Path
    iss: str
    kid: str
    tenant: str = ""

    def token(self, url: str) -> str:
        """A token for this address, good once.

        Raises:
            UsageError: the file is no private key that a client may sign with.
        """
        try:
            key = serialization.load_pem_private_key(self.key.read_bytes(), None)
        except OSError as error:
            raise UsageError(str(self.key), f"cannot be read: {error.strerror}.") from error
        except (ValueError, TypeError) as error:
            raise UsageError(
                str(self.key), "is not a PEM private key without a password."
            ) from error
        if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
            algorithm = _CURVES[key.curve.name]
        elif isinstance(key, rsa.RSAPrivateKey):
            algorithm = "RS384"
        else:
            raise UsageError(str(self.key), "is neither an EC nor an RSA key.")
        now = datetime.now(UTC)
        claims = {
            "iss": self.iss,
            "aud": url,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
            "jti": str(uuid.uuid4()),
        }
        if self.tenant:
            claims["tenant"] = self.tenant
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": self.kid})


def altered(
    body: JsonObject, drop: Iterable[str], null: Iterable[str], failed: Iterable[str]
) -> JsonObject:
    """The body with prefetch keys left out, null, or failed.

    Raises:
        UsageError: a key that the body does not have.
    """
    prefetch = dict(body.get("prefetch") or {})
    for keys, value in ((drop, ...), (null, None), (failed, _OUTCOME)):
        for key in keys:
            if key not in prefetch:
                raise UsageError(
                    key, "is not a prefetch key here.", f"Known: {', '.join(prefetch)}."
                )
            if value is ...:
                del prefetch[key]
            else:
                prefetch[key] = value
    return {**body, "prefetch": prefetch}


def send_call(url: str, body: JsonObject, signer: Signer | None) -> tuple[int, JsonObject | None]:
    """The status, and the JSON of the answer if it has any.

    Raises:
        CdsError: nothing answers there, or not in JSON.
    """
    headers = {"content-type": "application/json", "accept": "application/json"}
    if signer is not None:
        headers["authorization"] = f"Bearer {signer.token(url)}"
    try:
        with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False) as http:
            answer = http.post(url, content=wire.write(body), headers=headers)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        hint = "Give one such as http://127.0.0.1:8000."
        raise UsageError("--url", "is not a web address.", hint) from error
    except httpx.HTTPError as error:
        hint = "Start one with `serve --demo`, or name it with --url."
        raise CdsError(url, f"no service answers ({type(error).__name__}).", hint) from error
    if not answer.content:
        return answer.status_code, None
    try:
        value = wire.read(answer.content, where=url)
    except Unreadable as error:
        raise CdsError(url, f"answered {answer.status_code}, not in JSON.", error.hint) from error
    return answer.status_code, value if isinstance(value, dict) else None
