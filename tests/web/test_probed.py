"""The black-box prober of the design notes against a running service."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from tests.web.processes import free_port

ROOT = Path(__file__).resolve().parents[2]


TOOLS = ROOT.parent / "shared" / "tools"


PROBE = TOOLS / "cds-hooks-probe" / "probe.py"


FIXTURES = TOOLS / "cds-hooks-probe" / "fixtures-cramps.json"


@pytest.mark.slow
@pytest.mark.skipif(not PROBE.is_file(), reason="the black-box prober is not beside the checkout")
@pytest.mark.parametrize("signed", [True, False])
def test_the_prober_finds_no_failure(
    running: Any,
    signing: Any,
    tmp_path: Path,
    signed: bool,
) -> None:
    canary = free_port()
    key = tmp_path / "key.pem"
    key.write_bytes(
        signing.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    config = tmp_path / "site.toml"
    config.write_text(
        f"[server]\nmetrics_port = 0\n[auth]\nrequired = {str(signed).lower()}\n"
        f'[[client]]\nname = "probe"\niss = "https://ehr.example.org"\n'
        f'jwks_file = "{signing.jwks}"\n'
        f'fhir_base = "http://127.0.0.1:{canary}/fhir"\n'
        '[cors]\norigins = ["https://ehr.example.org"]\n[limits]\nrequests_per_minute = 0\n'
        f'[store]\nurl = "sqlite:///{tmp_path}/decisions.db"\n'
    )
    server = running("--config", str(config))
    signature = ["--jwt-key", str(key), "--jwt-kid", "key-1"] if signed else []

    probed = subprocess.run(
        [
            sys.executable,
            str(PROBE),
            server.url,
            *("--fixtures", str(FIXTURES), "--spec", "3.0", "--strict", "-q"),
            *("--canary-port", str(canary)),
            *signature,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert probed.returncode == 0, probed.stdout + probed.stderr
    assert server.stop() == 0
