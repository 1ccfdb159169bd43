"""A token for each reason to refuse one."""

import time
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric import ec

from tests.web.caller import PUBLIC, URL
from tests.web.signing import Signing

FOREIGN = ec.generate_private_key(ec.SECP384R1())


def _in(seconds: int) -> int:
    """A time as seen from now. Not from the import: a suite may take longer than a token lives."""
    return int(time.time()) + seconds


BAD: Mapping[str, Callable[[Signing], str]] = {
    "unknown-issuer": lambda s: s.token(URL, iss="https://other.example"),
    "audience": lambda s: s.token(f"{PUBLIC}/cds-services/other"),
    "expired": lambda s: s.token(URL, iat=_in(-900), exp=_in(-700)),
    "not-yet-valid": lambda s: s.token(URL, iat=_in(600), exp=_in(800)),
    "lifetime": lambda s: s.token(URL, iat=_in(0), exp=_in(4000)),
    "no-times": lambda s: s.token(URL, exp="soon"),
    "no-jti": lambda s: s.token(URL, drop="jti"),
    "no-kid": lambda s: s.token(URL, header={"typ": "JOSE"}),
    "caller-key": lambda s: s.token(URL, header={"jwk": {}}),
    "key-not-found": lambda s: s.token(URL, header={"kid": "key-2"}),
    "signature": lambda s: s.token(URL, key=FOREIGN),
    "malformed": lambda _: "abc",
    "key-place": lambda s: s.token(URL, header={"jku": "https://elsewhere.example/jwks.json"}),
}
