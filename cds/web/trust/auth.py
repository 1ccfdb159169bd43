"""Who is calling: a signed token of a registered client, or nobody. A refusal never says why.

Checklist S-4 to S-10 and threats 1 to 7. Nothing in the token is believed before its signature
holds, except which registered key to try; `exp - iat` is bounded, and a `jti` is good for one call.
"""

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from cds.web.refusals import UnauthorizedError
from cds.web.settings import Client, Config
from cds.web.trust.keys import Keys

SKEW_S = 30
LONGEST_TOKEN = 8192
LONGEST_JTI = 200
# The caller's own keys, or places to fetch them from: only the registered `jku` may be named.
CALLERS_KEYS = ("x5u", "x5c", "jwk", "crit")

UseOnce = Callable[[str, str, datetime], Awaitable[bool]]

ANYONE = Client(name="anonymous")


class Door:
    """Tells which client sent a request."""

    def __init__(
        self, config: Config, keys: Keys, use_once: UseOnce, clock: Callable[[], datetime]
    ) -> None:
        """`use_once(client, jti, expires)` is true the first time, in any worker."""
        self._config = config
        self._keys = keys
        self._use_once = use_once
        self._clock = clock

    async def client_of(self, authorization: str | None, url: str, *, needed: bool) -> Client:
        """The client whose token this is, made for this very `url`.

        `needed` false: no header is no fault, but a bad one is.

        Raises:
            UnauthorizedError: anything else.
        """
        if not self._config.auth.required or (authorization is None and not needed):
            return ANYONE
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not 0 < len(token) <= LONGEST_TOKEN or not token.isascii():
            raise UnauthorizedError
        try:
            client, claims = await self._verified(token, url)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, OverflowError):
            raise UnauthorizedError from None
        expires = datetime.fromtimestamp(claims["exp"], UTC) + timedelta(seconds=SKEW_S)
        if not await self._use_once(client.name, claims["jti"], expires):
            raise UnauthorizedError
        return client

    async def _verified(self, token: str, url: str) -> tuple[Client, dict[str, Any]]:
        header = jwt.get_unverified_header(token)
        if any(name in header for name in CALLERS_KEYS):
            raise UnauthorizedError
        if str(header.get("typ", "JWT")).upper() != "JWT" or not isinstance(header.get("kid"), str):
            raise UnauthorizedError
        unproven = jwt.decode(token, options={"verify_signature": False})
        client = self._registered(unproven.get("iss"), unproven.get("tenant"))
        if "jku" in header and (not client.jwks_url or header["jku"] != client.jwks_url):
            raise UnauthorizedError
        key = await self._keys.find(client, header["kid"])
        if key is None or header.get("alg") != key.algorithm_name:
            raise UnauthorizedError
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            # The times are checked below, against the clock that was handed in.
            options={
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "verify_aud": False,
            },
        )
        self._check(claims, client, url)
        return client, claims

    def _registered(self, iss: object, tenant: object) -> Client:
        """The client with exactly this issuer and tenant; one without a tenant takes any."""
        same = [one for one in self._config.clients if iss and one.iss == iss]
        for wanted in (tenant, ""):
            for client in same:
                if client.tenant == wanted:
                    return client
        raise UnauthorizedError

    def _check(self, claims: dict[str, Any], client: Client, url: str) -> None:
        now = self._clock().timestamp()
        exp, iat = _instant(claims.get("exp")), _instant(claims.get("iat"))
        nbf = _instant(claims.get("nbf", 0))
        good = (
            claims.get("iss") == client.iss
            and url in _texts(claims.get("aud"))
            and exp > now - SKEW_S
            and iat < now + SKEW_S
            and nbf < now + SKEW_S
            and 0 < exp - iat <= self._config.auth.max_lifetime_s
        )
        jti = claims.get("jti")
        if (
            not good
            or not isinstance(jti, str)
            or not 0 < len(jti) <= LONGEST_JTI
            or not jti.isprintable()
        ):
            raise UnauthorizedError


class OnceInMemory:
    """Which tokens were used, for one process: where there is no store, or the store is gone."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Begin with none."""
        self._clock = clock
        self._used: dict[tuple[str, str], datetime] = {}
        self._swept = 0

    async def __call__(self, client: str, jti: str, expires: datetime) -> bool:
        """True the first time."""
        if len(self._used) > 2 * self._swept + 1000:
            now = self._clock()
            self._used = {key: end for key, end in self._used.items() if end > now}
            self._swept = len(self._used)
        if (client, jti) in self._used:
            return False
        self._used[client, jti] = expires
        return True


def _instant(value: object) -> float:
    """Seconds since 1970; text that looks like a number is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnauthorizedError
    return value


def _texts(value: object) -> Iterable[str]:
    """`aud` is one text or a list of them."""
    if isinstance(value, str):
        return (value,)
    return [part for part in value if isinstance(part, str)] if isinstance(value, list) else ()
