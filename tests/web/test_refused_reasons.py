"""A refusal is bare for the caller; the log line, the metric and `token check` know the reason."""

import logging
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cds.web.settings import AuthSettings, Client
from tests.web.bad_tokens import BAD
from tests.web.caller import URL, refused_bare, send
from tests.web.signing import ISS, Signing

FOREIGN = ec.generate_private_key(ec.SECP384R1())


@pytest.mark.parametrize("reason", BAD)
def test_the_log_and_a_metric_carry_the_reason_and_the_caller_nothing(
    serve: Any, signing: Signing, body: Any, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client("ehr", iss=ISS, jwks_file=str(signing.jwks), jwks_url=f"{ISS}/jwks.json")
    caller = serve(auth=AuthSettings(), clients=(client,), log_requests=True)
    token = BAD[reason](signing)

    with caplog.at_level(logging.INFO, "cds"):
        answer = send(caller, body(), token)

    refused_bare(answer)
    (line,) = [one for one in caplog.records if one.msg == "request"]
    assert line.__dict__["fields"]["refused"] == reason
    assert token not in caplog.text
    registry = caller.service.metrics.registry
    assert registry.get_sample_value("cds_refused_tokens_total", {"reason": reason}) == 1


def test_a_token_that_comes_again_is_a_replay(
    serve: Any, signing: Signing, body: Any, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client("ehr", iss=ISS, jwks_file=str(signing.jwks))
    caller = serve(auth=AuthSettings(), clients=(client,), log_requests=True)
    token = signing.token(URL)

    assert send(caller, body(), token).status_code == 200
    with caplog.at_level(logging.INFO, "cds"):
        refused_bare(send(caller, body(), token))

    assert caplog.records[-1].__dict__["fields"]["refused"] == "replay"


def test_a_pinned_pem_is_taken_whatever_the_kid(
    serve: Any, signing: Signing, body: Any, tmp_path: Path
) -> None:
    pem = signing.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "ehr.pem").write_bytes(pem)
    client = Client("ehr", iss=ISS, jwks_file=str(tmp_path / "ehr.pem"))
    caller = serve(auth=AuthSettings(), clients=(client,))

    good = send(caller, body(), signing.token(URL, header={"kid": "whatever"}))

    assert good.status_code == 200
    refused_bare(send(caller, body(), signing.token(URL, key=FOREIGN)))
