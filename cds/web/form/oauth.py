"""SMART App Launch as a client: where to send a person, what a code is worth, a token renewed.

Authlib makes the requests; they go out as all of ours do: to the address that was checked, without
redirects. What Authlib 1.9 does not do by itself is set here: the key's algorithm and kid, a short
life of the assertion, the scope and patient of a token that was renewed.
"""

import hmac
import secrets
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import jwt
from authlib.common.urls import add_params_to_qs
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7523.assertion import private_key_jwt_sign
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.jwk import import_key

from cds import wire
from cds.errors import RequestError, Unreadable, UsageError
from cds.web.form.calls import MAX_ANSWER_BYTES, send
from cds.web.settings import Client, Config
from cds.web.trust.outbound import OutboundError, Resolve, get, http_client

V2 = (
    "launch openid fhirUser patient/Patient.rs patient/QuestionnaireResponse.crus"
    " patient/Observation.rs patient/Condition.rs patient/MedicationRequest.rs patient/Procedure.rs"
    " patient/RiskAssessment.c patient/Provenance.c patient/CommunicationRequest.c"
)
ASSERTION_S = 240  # SMART allows five minutes
EARLY_S = 10
ALGORITHMS = ("ES256", "ES384", "RS256", "RS384")
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_KINDS = ("public", "secret", "private_key_jwt")
TokenResponse = dict[str, Any]


class Endpoints(NamedTuple):
    """What a server publishes of itself."""

    authorize: str
    token: str
    issuer: str
    keys: str


class Going(NamedTuple):
    """A launch under way: what to remember, and where to send the person."""

    url: str
    state: str
    verifier: str
    nonce: str


def check_smart(client: Client) -> None:
    """Refuse a registration that could never get a token.

    Raises:
        UsageError: the way to authenticate is not known, or its file is missing.
    """
    where = f"[[client]] {client.name}"
    if client.smart_auth not in _KINDS:
        raise UsageError(where, "has an unknown smart_auth.", f"Take one of {', '.join(_KINDS)}.")
    for kind, path in (
        ("secret", client.smart_secret_file),
        ("private_key_jwt", client.smart_key_file),
    ):
        if client.smart_auth == kind and not Path(path).is_file():
            hint = "Name it in smart_secret_file or smart_key_file."
            raise UsageError(where, f"has no file for smart_auth = {kind}.", hint)


class Smart:
    """The form as a SMART app of one registered EHR."""

    def __init__(self, client: Client, config: Config, resolve: Resolve) -> None:
        """Nothing is fetched yet."""
        self.client = client
        self.base = client.fhir_base.rstrip("/")
        self.redirect = f"{config.public_url}/smart/callback"
        self._config = config
        self._resolve = resolve

    def http(self, url: str) -> httpx.AsyncClient:
        """The way out to one address."""
        return http_client(url, self.client, self._config, self._resolve)

    async def endpoints(self) -> Endpoints:
        """What the server says of itself.

        Raises:
            OutboundError: it is away, or says nothing that can be used.
        """
        url = f"{self.base}/.well-known/smart-configuration"
        async with self.http(url) as http:
            _, body = await get(http, url, {"accept": "application/json"}, MAX_ANSWER_BYTES)
        found = _object(body)
        texts = {
            key: str(found.get(key, ""))
            for key in ("authorization_endpoint", "token_endpoint", "issuer", "jwks_uri")
        }
        for key in ("authorization_endpoint", "token_endpoint"):
            self._check(texts[key])
        return Endpoints(*texts.values())

    def _check(self, url: str) -> None:
        """An endpoint is as safe as the registered address, or it is none."""
        parts, own = urlsplit(url), urlsplit(self.base)
        plain = parts.scheme == "http" and own.scheme == "http"
        if (parts.scheme != "https" and not plain) or not parts.hostname or parts.username:
            raise OutboundError("not-understood")

    def go(self, endpoints: Endpoints, launch: str) -> Going:
        """Where the person says yes; `launch` is empty where no EHR launched us."""
        scope = self.client.smart_scopes or V2
        if not launch:
            words = ["launch/patient" if one == "launch" else one for one in scope.split()]
            scope = " ".join(words)
        state, verifier, nonce = (secrets.token_urlsafe(48) for _ in range(3))
        more = {"launch": launch} if launch else {}
        url = prepare_grant_uri(
            endpoints.authorize,
            self.client.smart_client_id,
            "code",
            redirect_uri=self.redirect,
            scope=scope,
            state=state,
            aud=self.client.fhir_base,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            **more,
        )
        return Going(url, state, verifier, nonce)

    async def exchange(
        self, endpoints: Endpoints, code: str, verifier: str, now: int
    ) -> tuple[TokenResponse, TokenResponse]:
        """The token that a code is worth, and the raw answer with what SMART says beside it.

        Raises:
            OutboundError: refused, or not to be had.
        """
        body = prepare_token_request(
            "authorization_code", code=code, redirect_uri=self.redirect, code_verifier=verifier
        )
        given = await self._ask(endpoints.token, body)
        return self._token(given, now, {}), given

    async def renew(self, endpoints: Endpoints, token: TokenResponse, now: int) -> TokenResponse:
        """A token in the place of one that has expired.

        Raises:
            OutboundError: it cannot be renewed.
        """
        if not token.get("refresh"):
            raise OutboundError("expired")
        # Not the scope that was first asked for: the one that was granted.
        body = prepare_token_request(
            "refresh_token", refresh_token=token["refresh"], scope=token["scope"]
        )
        return self._token(await self._ask(endpoints.token, body), now, token)

    def _token(self, given: TokenResponse, now: int, before: TokenResponse) -> TokenResponse:
        if str(given.get("token_type", "")).lower() != "bearer" or not given.get("access_token"):
            raise OutboundError("not-understood")
        life = given.get("expires_in")
        # No life stated: a short one. Zero is no life at all.
        seconds = int(life) if isinstance(life, int | float | str) and str(life).isdigit() else 60
        return {
            "access": str(given["access_token"]),
            "refresh": given.get("refresh_token") or before.get("refresh", ""),
            "scope": given.get("scope") or before.get("scope", ""),
            "expires": now + seconds,
        }

    async def _ask(self, url: str, body: str) -> TokenResponse:
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }
        method, secret = "none", ""
        if self.client.smart_auth == "secret":
            method = "client_secret_basic"
            secret = self._secret()
        if self.client.smart_auth == "private_key_jwt":
            body = self._signed(url, body)
        else:
            auth = ClientAuth(self.client.smart_client_id, secret, method)
            _, headers, body = auth.prepare("POST", url, headers, body)
        answer = await send(self.http(url), "POST", url, headers, body.encode())
        if answer.status != httpx.codes.OK:
            raise OutboundError(f"status-{answer.status}")
        return _object(answer.body)

    def _secret(self) -> str:
        """Read anew each time: a secret is changed without a restart."""
        return Path(self.client.smart_secret_file).read_text("utf-8").strip()

    def _signed(self, url: str, body: str) -> str:
        raw: dict[str, Any] = wire.read(Path(self.client.smart_key_file).read_bytes())
        algorithm = str(raw.get("alg") or ("ES384" if raw.get("kty") == "EC" else "RS384"))
        assertion = private_key_jwt_sign(
            import_key(raw),
            self.client.smart_client_id,
            url,
            alg=algorithm,
            header={"kid": str(raw.get("kid", "")), "typ": "JWT"},
            expires_in=ASSERTION_S,
        )
        extra = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
        return str(add_params_to_qs(body, list(extra.items())))

    async def user(self, endpoints: Endpoints, given: TokenResponse, nonce: str) -> str | None:
        """Who has signed in there, if the server says so under its signature."""
        text = given.get("id_token")
        if not isinstance(text, str) or not endpoints.keys:
            return None
        try:
            self._check(endpoints.keys)
            async with self.http(endpoints.keys) as http:
                _, body = await get(
                    http, endpoints.keys, {"accept": "application/json"}, MAX_ANSWER_BYTES
                )
            head = jwt.get_unverified_header(text)
            listed = [one for one in _object(body).get("keys", ()) if isinstance(one, dict)]
            # Key by key: one of an unknown curve must not make the others unreadable.
            chosen = next(one for one in listed if one.get("kid") == head.get("kid"))
            claims = jwt.decode(
                text,
                jwt.PyJWK(chosen),
                algorithms=list(ALGORITHMS),
                audience=self.client.smart_client_id,
                issuer=endpoints.issuer or None,
            )
        except (jwt.PyJWTError, OutboundError, StopIteration, ValueError):
            return None
        if not hmac.compare_digest(str(claims.get("nonce", "")), nonce):
            return None
        named = claims.get("fhirUser")
        return str(named).removeprefix(f"{self.base}/") if isinstance(named, str) else None


def _object(body: bytes) -> TokenResponse:
    try:
        found = wire.read(body, max_bytes=MAX_ANSWER_BYTES)
    except Unreadable as error:
        raise OutboundError("not-understood") from error
    if not isinstance(found, dict):
        raise OutboundError("not-understood")
    return found


def refused(why: str) -> RequestError:
    """What ends a launch, as a page for the person: `why` is one of the page's words."""
    return RequestError(403, f"problem.{why}", "the launch ended.", code="forbidden")
