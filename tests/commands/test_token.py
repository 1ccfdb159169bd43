"""`token`: why a token is refused, told offline; a key pair for a trial."""

import json
from pathlib import Path

import jwt
import pytest

from cds.web.explaining import new_pair
from cds.web.trust.claims import TOKEN_ADVICE
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
    assert f"{reason}  {TOKEN_ADVICE[reason]}" in done.text
    assert token not in done.text + done.err


def test_a_good_token_would_be_taken(call: Call, signing: Signing, tmp_path: Path) -> None:
    done = call(
        "token", "check", "--config", site(tmp_path, signing.jwks),
        stdin=signing.token(URL).encode(),
    )  # fmt: skip

    assert done.code == 0
    assert "client: ehr" in done.text
    assert done.text.endswith("It would be accepted.\n")


@pytest.mark.parametrize(
    "shape", ["{0}", "Bearer {0}", "{0}.", " {0}", "{0}x"], ids=lambda one: one.strip()
)
@pytest.mark.parametrize("place", ["one", "two", "jwks", "config"])
def test_a_token_as_an_argument_is_refused_and_never_repeated(
    call: Call, signing: Signing, tmp_path: Path, shape: str, place: str
) -> None:
    given = shape.format(signing.token(URL))
    config = site(tmp_path, signing.jwks)
    ways: dict[str, list[object]] = {
        "one": ["--config", config, "--", given],
        "two": ["--config", config, "--", *given.split()],
        "jwks": ["--config", config, "--jwks", given],
        "config": ["--config", given],
    }

    done = call("token", "check", *ways[place])

    assert done.code == 2
    assert "on standard input" in done.err
    assert signing.token(URL).split(".")[0] not in done.text + done.err


@pytest.mark.parametrize("name", ["my.own.token", "token.jwt", "a.b.c", "eyes", "nix"])
def test_a_file_that_is_not_there_is_not_called_a_token(
    call: Call, signing: Signing, tmp_path: Path, name: str
) -> None:
    done = call("token", "check", "--config", site(tmp_path, signing.jwks), tmp_path / name)

    assert done.code == 3
    assert name in done.err


def test_a_site_that_asks_for_no_token_says_so(
    call: Call, signing: Signing, tmp_path: Path
) -> None:
    config = site(tmp_path, signing.jwks)
    config.write_text(config.read_text() + "[auth]\nrequired = false\n")

    done = call("token", "check", "--config", config, stdin=signing.token(URL).encode())

    assert done.text.startswith("[auth] required is false")


@pytest.mark.parametrize(("alg", "told"), [("HS256", True), ("ES384", False)])
def test_of_an_unknown_issuer_the_algorithm_is_judged_as_well(
    call: Call, signing: Signing, tmp_path: Path, alg: str, told: bool
) -> None:
    key = "k" * 48 if alg == "HS256" else new_pair(alg, "k")[0]
    token = jwt.encode({"iss": "https://nobody.example"}, key, algorithm=alg)

    done = call("token", "check", "--config", site(tmp_path, signing.jwks), stdin=token.encode())

    assert done.code == 1
    assert "unknown-issuer" in done.text
    assert ("algorithm  " in done.text) is told


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
