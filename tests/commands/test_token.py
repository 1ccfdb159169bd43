"""`token`: why a token is refused, told offline; a key pair for a trial."""

import json
from pathlib import Path

import jwt
import pytest

from cds.web.trust.claims import REASONS
from tests.commands.assess_kit import Call
from tests.web.bad_tokens import BAD
from tests.web.caller import PUBLIC, URL
from tests.web.signing import ISS, Signing, new_signing


@pytest.fixture
def signing(tmp_path: Path) -> Signing:
    return new_signing(tmp_path / "jwks.json")


def site(tmp_path: Path, jwks: Path) -> Path:
    file = tmp_path / "site.toml"
    file.write_text(
        f'[server]\npublic_url = "{PUBLIC}"\n[[client]]\nname = "ehr"\niss = "{ISS}"\n'
        f'jwks_file = "{jwks}"\njwks_url = "{ISS}/jwks.json"\n'
    )
    return file


@pytest.mark.parametrize("reason", BAD)
def test_a_token_is_explained_offline(
    call: Call, signing: Signing, tmp_path: Path, reason: str
) -> None:
    token = BAD[reason](signing)

    done = call(
        "token", "check", "--config", site(tmp_path, signing.jwks), "--url", URL,
        stdin=token.encode(),
    )  # fmt: skip

    assert done.code == 1
    assert f"{reason}  {REASONS[reason]}" in done.text
    assert token not in done.text + done.err


def test_a_good_token_would_be_taken(call: Call, signing: Signing, tmp_path: Path) -> None:
    done = call(
        "token", "check", "--config", site(tmp_path, signing.jwks),
        stdin=signing.token(URL).encode(),
    )  # fmt: skip

    assert done.code == 0
    assert "client: ehr" in done.text
    assert done.text.endswith("It would be taken.\n")


@pytest.mark.parametrize("alg", ["ES384", "RS384"])
def test_a_new_pair_signs_what_its_set_verifies(call: Call, tmp_path: Path, alg: str) -> None:
    done = call("token", "keys", "-o", tmp_path, "--alg", alg)

    assert done.code == 0
    assert (tmp_path / "private.pem").stat().st_mode & 0o777 == 0o600
    published = json.loads((tmp_path / "jwks.json").read_text())
    (member,) = published["keys"]
    assert {"d", "p", "q"} & set(member) == set()
    token = jwt.encode({"iss": "x"}, (tmp_path / "private.pem").read_bytes(), algorithm=alg)
    assert jwt.decode(token, jwt.PyJWK.from_dict(member), algorithms=[alg]) == {"iss": "x"}
    assert call("token", "keys", "-o", tmp_path).code == 2
