"""A SMART authorization server built on Authlib: it checks what real ones check.

Client and its key, redirect address, aud, scope, state, PKCE, a code and an assertion used once.
"""

import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749 import InvalidRequestError, grants
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7523.client import JWTBearerClientAssertion
from authlib.oauth2.rfc7636 import CodeChallenge
from joserfc import jwt
from joserfc.jwk import KeySet

Json = dict[str, Any]
METHODS = {
    "public": "none",
    "secret": "client_secret_basic",
    "private_key_jwt": "client_assertion_jwt",
}


class Request(OAuth2Request):  # type: ignore[misc] # Authlib has no types
    """A request as Authlib takes it."""

    def __init__(self, method: str, uri: str, headers: Mapping[str, str], body: str) -> None:
        # Authlib refuses plain http by name; this server is on loopback.
        super().__init__(method, uri.replace("http://", "https://"), headers=dict(headers))
        self.parameters = dict(parse_qsl(urlsplit(uri).query)) | dict(parse_qsl(body))
        self.payload = BasicOAuth2Payload(self.parameters)

    @property
    def form(self) -> Mapping[str, str]:
        return self.parameters

    @property
    def args(self) -> Mapping[str, str]:
        return self.parameters


class Registered:
    """The one registered client."""

    def __init__(self, emr: Any) -> None:
        self.emr = emr

    def get_client_id(self) -> str:
        return str(self.emr.client_id)

    def get_default_redirect_uri(self) -> str:
        return str(self.emr.redirect)

    def get_allowed_scope(self, scope: str) -> str:
        granted = self.emr.grants
        return scope if granted is None else " ".join(s for s in scope.split() if s in granted)

    def check_redirect_uri(self, uri: str) -> bool:
        return bool(uri == self.emr.redirect)

    def check_client_secret(self, secret: str) -> bool:
        return secrets.compare_digest(secret, self.emr.secret)

    def check_endpoint_auth_method(self, method: str, _: str) -> bool:
        return method == METHODS[self.emr.auth]

    def check_response_type(self, kind: str) -> bool:
        return kind == "code"

    def check_grant_type(self, kind: str) -> bool:
        return kind in {"authorization_code", "refresh_token"}


class Code:
    """A code that was handed out, with what it was asked for."""

    def __init__(self, request: Request, code: str) -> None:
        self.code = code
        self.parameters = dict(request.parameters)

    def get_redirect_uri(self) -> str:
        return self.parameters["redirect_uri"]

    def get_scope(self) -> str:
        return self.parameters["scope"]


class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    """A code for a token."""

    TOKEN_ENDPOINT_AUTH_METHODS = tuple(METHODS.values())

    def validate_authorization_request(self) -> Any:
        found = super().validate_authorization_request()
        given, emr = self.request.parameters, self.server.emr
        if given.get("aud") != emr.base:
            raise InvalidRequestError("aud is not this server")
        if len(given.get("state", "")) < emr.least_state:
            raise InvalidRequestError("state could be guessed")
        launched = "launch" in given.get("scope", "").split()
        if launched and given.get("launch") != emr.launch:
            raise InvalidRequestError("launch is not known")
        return found

    def save_authorization_code(self, code: str, request: Request) -> None:
        self.server.emr.codes[code] = Code(request, code)

    def query_authorization_code(self, code: str, _: Registered) -> Code | None:
        found: Code | None = self.server.emr.codes.get(code)
        return found

    def delete_authorization_code(self, code: Code) -> None:
        del self.server.emr.codes[code.code]

    def authenticate_user(self, code: Code) -> str:
        self.server.emr.nonce = code.parameters.get("nonce", "")
        return "someone"


class RefreshGrant(grants.RefreshTokenGrant):  # type: ignore[misc]
    """A refresh token for a token."""

    TOKEN_ENDPOINT_AUTH_METHODS = tuple(METHODS.values())
    INCLUDE_NEW_REFRESH_TOKEN = False

    def authenticate_refresh_token(self, token: str) -> Any:
        emr = self.server.emr
        return Refresh(emr) if emr.refresh and token == emr.refresh else None

    def authenticate_user(self, _: Any) -> str:
        return "someone"

    def revoke_old_credential(self, _: Any) -> None:
        return


class Refresh:
    """The refresh token that was handed out."""

    def __init__(self, emr: Any) -> None:
        self.emr = emr

    def check_client(self, _: Registered) -> bool:
        return True

    def get_scope(self) -> str:
        return str(self.emr.scope)


class Challenge(CodeChallenge):  # type: ignore[misc]
    """PKCE is required, and S256 alone will do."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def get_authorization_code_challenge(self, code: Code) -> str:
        return code.parameters["code_challenge"]

    def get_authorization_code_challenge_method(self, code: Code) -> str:
        return code.parameters["code_challenge_method"]


class Assertion(JWTBearerClientAssertion):  # type: ignore[misc]
    """private_key_jwt, with its kid, a short life, and each jti once."""

    def __init__(self, emr: Any) -> None:
        super().__init__()
        self.emr = emr

    def get_audiences(self) -> list[str]:
        return [f"{self.emr.url}/token"]

    def validate_jti(self, claims: Json, jti: str) -> bool:
        fresh = jti not in self.emr.used and claims["exp"] - time.time() <= 300
        self.emr.used.add(jti)
        return fresh

    def process_assertion_claims(self, assertion: str, key: KeySet) -> Any:
        # SMART's two algorithms are not among those that joserfc takes unasked.
        claims = jwt.decode(assertion, key, algorithms=["ES384", "RS384"]).claims
        self.verify_claims(claims)
        return claims

    def resolve_client_public_key(self, _: Registered) -> KeySet:
        return KeySet.import_key_set({"keys": self.emr.keys})


class Server(AuthorizationServer):  # type: ignore[misc]
    """Authlib's server with our store."""

    def __init__(self, emr: Any) -> None:
        super().__init__()
        self.emr = emr
        self.register_client_auth_method(METHODS["private_key_jwt"], Assertion(emr))
        self.register_grant(CodeGrant, [Challenge(required=True)])
        self.register_grant(RefreshGrant)
        self.register_token_generator("default", self.token)

    def token(self, *, scope: str = "", **_: Any) -> Json:
        emr = self.emr
        emr.access = secrets.token_urlsafe(16)
        emr.scope = Registered(emr).get_allowed_scope(scope or emr.scope)
        emr.ends = time.time() + emr.lives_s
        token: Json = {
            "token_type": "Bearer",
            "access_token": emr.access,
            "expires_in": emr.lives_s,
            "scope": emr.scope,
            **emr.beside,
        }
        if emr.refresh:
            token["refresh_token"] = emr.refresh
        if emr.signer is not None:
            token["id_token"] = emr.identity()
        return token

    def query_client(self, client_id: str) -> Registered | None:
        return Registered(self.emr) if client_id == self.emr.client_id else None

    def save_token(self, *_: Any) -> None:
        return

    def create_oauth2_request(self, request: Request) -> Request:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> tuple[int, Any, Any]:
        return status, body, headers

    def send_signal(self, *_: Any, **__: Any) -> None:
        return
