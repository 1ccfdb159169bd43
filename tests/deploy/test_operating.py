"""What an operator is given is true: metrics that exist, files that their own tools take."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cds.web.operating.metrics import Metrics

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
ALERTS = DEPLOY / "monitoring" / "alerts.yml"
DASHBOARD = DEPLOY / "monitoring" / "dashboard.json"
SUFFIX = re.compile(r"_(?:total|bucket|sum|count|created)$")


def metrics() -> set[str]:
    return {family.name for family in Metrics().registry.collect()}


def test_every_metric_stands_on_the_page_and_no_other() -> None:
    told = set(re.findall(r"^\| `(cds_\w+)`", PAGE, re.MULTILINE))

    assert told == metrics()


@pytest.mark.parametrize("path", [ALERTS, DASHBOARD], ids=["alerts", "dashboard"])
def test_alerts_and_dashboard_ask_for_metrics_that_exist(path: Path) -> None:
    asked = set(re.findall(r"\bcds_\w+", path.read_text(encoding="utf-8")))

    assert asked
    assert {name for name in asked if SUFFIX.sub("", name) not in metrics()} == set()


def test_the_dashboard_shows_every_metric() -> None:
    asked = {SUFFIX.sub("", name) for name in re.findall(r"\bcds_\w+", DASHBOARD.read_text())}

    assert metrics() - asked == set()
    assert len({panel["id"] for panel in json.loads(DASHBOARD.read_text())["panels"]}) > 5


def test_counters_are_asked_for_by_the_name_that_they_are_served_under() -> None:
    served = {
        f"{family.name}_total"
        for family in Metrics().registry.collect()
        if family.type == "counter"
    }
    text = ALERTS.read_text() + DASHBOARD.read_text()

    assert {name for name in served if re.search(rf"\b{name[:-6]}\b(?!_)", text)} == set()


def _tool(name: str, package: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/bin")
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: apt install {package})")
    return found


def _run(*command: str, **more: str) -> str:
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60, **more
    )  # type: ignore[call-overload]
    output: str = done.stdout.decode()
    assert done.returncode == 0, output
    return output


@pytest.mark.slow
def test_prometheus_takes_the_alert_rules() -> None:
    assert "SUCCESS" in _run(_tool("promtool", "prometheus"), "check", "rules", str(ALERTS))


@pytest.mark.slow
def test_caddy_takes_its_file() -> None:
    caddy, file = _tool("caddy", "caddy"), str(DEPLOY / "proxy" / "Caddyfile")

    assert "Valid configuration" in _run(
        caddy, "validate", "--config", file, "--adapter", "caddyfile"
    )


@pytest.mark.slow
def test_nginx_takes_its_file(tmp_path: Path) -> None:
    nginx = _tool("nginx", "nginx-light")
    _run(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-subj", "/CN=cds.example.org", "-keyout", str(tmp_path / "privkey.pem"),
        "-out", str(tmp_path / "fullchain.pem"),
    )  # fmt: skip
    text = (DEPLOY / "proxy" / "nginx.conf").read_text()
    (tmp_path / "site.conf").write_text(text.replace("/etc/ssl/cds.example.org", str(tmp_path)))
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/nginx.pid; error_log stderr; events {{}}"
        f" http {{ include {tmp_path}/site.conf; }}"
    )

    assert "test is successful" in _run(nginx, "-t", "-c", str(tmp_path / "nginx.conf"))


@pytest.mark.slow
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    analyze = _tool("systemd-analyze", "systemd")
    text = (DEPLOY / "systemd" / "cramp-cds.service").read_text()
    # The unit names a program that is not installed here; all else is judged.
    (tmp_path / "cramp-cds.service").write_text(
        text.replace("/opt/cramp-cds/bin/cramp-cds", "/bin/true")
    )

    assert _run(analyze, "verify", "--man=no", str(tmp_path / "cramp-cds.service")) == ""
