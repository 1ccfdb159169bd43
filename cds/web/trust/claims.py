"""What a token says of itself, judged before its signature: every fault by a word of a closed list.

The caller is never told which; the log line and a metric are, and `token check` on this machine.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeGuard

import jwt

from cds.web.refusals import UnauthorizedError
from cds.web.settings import Client, Config

SKEW_S = 30
LONGEST_TOKEN = 8192
LONGEST_JTI = 200
# The caller's own keys, or places to fetch them from: only the registered `jku` may be named.
CALLERS_KEYS = ("x5u", "x5c", "jwk", "crit")

# Reason → what an operator does about it.
TOKEN_ADVICE: Mapping[str, str] = {
    "no-token": "Send the header Authorization: Bearer and the token.",
    "malformed": "Send one signed JWT (three parts of base64url, at most 8,192 characters).",
    "caller-key": "Leave x5u, x5c, jwk and crit out of its header: only registered keys count.",
    "no-kid": "Put the kid of the signing key into its header, and typ JWT if any.",
    "unknown-issuer": "Make iss (and tenant) equal to those of a [[client]], letter by letter.",
    "key-place": "Let jku be one of the client's jwks_url, or leave it out.",
    "audience": "Let aud be exactly the address that is called, under server.public_url.",
    "expired": "Make a new token for each call, and set the clocks.",
    "not-yet-valid": "Set the clocks: iat or nbf lies in the future.",
    "no-times": "Give exp and iat as numbers of seconds.",
    "lifetime": "Let exp - iat be above 0 and at most max_lifetime_s (of [auth] or the client).",
    "no-jti": "Give each token a jti of its own: 1 to 200 printable characters.",
    "key-not-found": "Publish the public key with this kid in the client's JWK Set.",
    "keys-not-fetched": "See that the client's jwks_url can be reached from here.",
    "algorithm": "Sign with the algorithm of the key; [auth] algorithms lists what is taken.",
    "signature": "Sign with the private key that belongs to the published one.",
    "replay": "Make a new token, with a new jti, for each call.",
}


class UnprovenToken(NamedTuple):
    """A token taken apart; nothing in it is proven."""

    token: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def kid(self) -> str:
        """The key that it says it was signed with; an empty text where it says none."""
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) else ""


def read_header(authorization: str | None) -> UnprovenToken:
    """Take the header Authorization apart.

    Raises:
        UnauthorizedError: no-token or malformed.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if not token:
        raise UnauthorizedError("no-token")
    if scheme.lower() != "bearer" or len(token) > LONGEST_TOKEN or not token.isascii():
        raise UnauthorizedError("malformed")
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        raise UnauthorizedError("malformed") from None
    return UnprovenToken(token, header, claims)


def client_of(config: Config, spoken: UnprovenToken) -> Client:
    """The client with exactly this issuer and tenant; one without a tenant takes any.

    Raises:
        UnauthorizedError: unknown-issuer.
    """
    iss, tenant = spoken.claims.get("iss"), spoken.claims.get("tenant")
    same = [one for one in config.clients if iss and one.iss == iss]
    for wanted in (tenant, ""):
        for client in same:
            if client.tenant == wanted:
                return client
    raise UnauthorizedError("unknown-issuer")


def token_faults(
    spoken: UnprovenToken, client: Client, longest_s: int, url: str, now: float
) -> Iterator[str]:
    """Every reason why this token cannot be good for `url` at `now` (seconds since 1970).

    `longest_s`: the lifetime that is taken. The first one is why a call is refused.
    """
    header, claims = spoken.header, spoken.claims
    if any(name in header for name in CALLERS_KEYS):
        yield "caller-key"
    if str(header.get("typ", "JWT")).upper() != "JWT" or not isinstance(header.get("kid"), str):
        yield "no-kid"
    if "jku" in header and not client.may_name(header["jku"]):
        yield "key-place"
    if url not in _texts(claims.get("aud")):
        yield "audience"
    yield from _of_times(claims, longest_s, now)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_JTI or not jti.isprintable():
        yield "no-jti"


def longest(config: Config, client: Client) -> int:
    """The lifetime, in seconds, that a token of this client may have."""
    return client.max_lifetime_s or config.auth.max_lifetime_s


def _of_times(claims: Mapping[str, Any], longest_s: int, now: float) -> Iterator[str]:
    exp, iat, nbf = claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)
    if not (_is_time(exp) and _is_time(iat) and _is_time(nbf)):
        yield "no-times"
        return
    if exp <= now - SKEW_S:
        yield "expired"
    if iat >= now + SKEW_S or nbf >= now + SKEW_S:
        yield "not-yet-valid"
    if not 0 < exp - iat <= longest_s:
        yield "lifetime"


def _is_time(value: object) -> TypeGuard[float]:
    """Seconds since 1970; text that looks like a number is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _texts(value: object) -> Iterable[str]:
    """`aud` is one text or a list of them."""
    if isinstance(value, str):
        return (value,)
    return [part for part in value if isinstance(part, str)] if isinstance(value, list) else ()
