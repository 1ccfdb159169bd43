"""The form beside LHC-Forms and Smart Forms, and a submit beside a logged hook call.

`python benchmarks/form.py [--rounds N] [--calls N]`

With the same Questionnaire in Chromium, on a CPU four times slower: bytes over the wire (all
packed), the time to interactive (the first safety question can be answered, and no task of over
50 ms follows), and the time from a click to the alarm. Best of N rounds. On the server: the CPU of
a sent form (session, decision, log, redirect) and of a logged patient-view call, same answers. The
requests are made beforehand and handed to the application itself: no client is in the figures.
The others are installed by npm as `tests/fillers` locks them. Without npm or Chromium they are left
out.
"""

import argparse
import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(
    ROOT
)  # in the place of this folder, whose http.py would be taken for Python's own

import httpx  # noqa: E402

from cds.core.pack import Pack  # noqa: E402
from cds.flows.synthetic.hook_samples import hook_request, moved  # noqa: E402
from cds.flows.synthetic.samples import Sample, samples, scenarios_of  # noqa: E402
from cds.forms.questionnaire import compile_questionnaire  # noqa: E402
from cds.knowledge.read.pack import find_pack, pack_folders  # noqa: E402
from cds.web.app import application  # noqa: E402
from cds.web.form.earlier import fields_from  # noqa: E402
from cds.web.service import build  # noqa: E402
from cds.web.settings import (  # noqa: E402
    AuthSettings,
    Config,
    FormSettings,
    LimitSettings,
    ServerSettings,
    StoreSettings,
)
from tests.fillers.conftest import build as build_fillers  # noqa: E402
from tests.npm import installed  # noqa: E402

PUBLIC = "https://cds.example.org"
MARK = "00000000-0000-4000-8000-000000000000"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FILLERS = ROOT / "tests" / "fillers"
OUT = ROOT / "out" / "fillers"


def main() -> None:
    """Measure both and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--calls", type=int, default=200)
    given = parser.parse_args()
    whole, early, hook = asyncio.run(cpu(given.calls))
    print(f"CPU of a logged hook call {hook * 1e6:,.0f} µs, of the same answers as a sent form")
    print(f"  {whole * 1e6:,.0f} µs: {whole / hook:.2f} times (at most 1.5 is wanted)")
    print(
        f"  sent at the first alarm, the rest open, {early * 1e6:,.0f} µs: {early / hook:.2f} times"
    )
    pages(given.rounds)


async def cpu(calls: int) -> tuple[float, ...]:
    """Seconds of CPU for one sent form, whole and at its first alarm, and for one logged hook call.

    In turns: what else the machine does falls on all three.
    """
    pack = find_pack("cramps")
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            server=ServerSettings(public_url=PUBLIC, metrics_port=0),
            auth=AuthSettings(required=False),
            store=StoreSettings(url=f"sqlite:///{folder}/decisions.db"),
            limits=LimitSettings(requests_per_minute=0, store_ms=5000, form_store_ms=5000),
            form=FormSettings(enabled=True),
        )
        service = build(config, {pack.id: pack}, log_requests=False)
        app = application(service)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as http:
            whole = fields_from(compile_questionnaire(dict(pack.full.raw)), _sample(pack).response)[
                0
            ]
            early = {"safety.consciousness": ["none"], "safety.urine": ["none-new"]}
            forms = [await _form(http, one) for one in (whole, early)]
            results = await _cpu(app, [*forms, _hook(pack)], calls)
        await service.close()
    return tuple(results)


class Sent(NamedTuple):
    """One kind of request: where to, with which headers, the bodies in turn, the status."""

    path: str
    headers: Mapping[str, str]
    body: Callable[[], bytes]
    status: int


async def _form(http: httpx.AsyncClient, answers: Mapping[str, Sequence[str]]) -> Sent:
    http.cookies.clear()
    page = (await http.get("/forms/cramps")).text
    hidden = dict(re.findall(r'name="(token|version)" value="([^"]*)"', page))
    fields = {**hidden, "do": "send", **answers}
    # The same answers sent again would not be decided anew.
    bodies = [
        urlencode({**fields, "history.site": one}, doseq=True).encode() for one in ("calf", "shin")
    ]
    turn = iter(range(10**9))
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "origin": PUBLIC,
        "cookie": "; ".join(f"{name}={value}" for name, value in http.cookies.items()),
    }
    return Sent("/forms/cramps", headers, lambda: bodies[next(turn) % 2], 303)


def _sample(pack: Pack) -> Sample:
    scenarios = scenarios_of(pack_folders()[pack.id], pack)
    return next(samples(scenarios, pack, "no-urine", 1, 0))


def _hook(pack: Pack) -> Sent:
    sample = _sample(pack)
    by = datetime.now(UTC).replace(microsecond=0) - sample.now
    patient = sample.response["subject"]["reference"].partition("/")[2]
    resources = [moved(one, by) for one in (sample.response, *sample.record)]
    body = hook_request(pack, "patient-view", resources, patient=patient, instance=MARK)
    written = json.dumps(body, default=float).encode()

    def again() -> bytes:
        return written.replace(MARK.encode(), str(uuid.uuid4()).encode())

    headers = {"content-type": "application/json"}
    return Sent("/cds-services/cramps-patient-view", headers, again, 200)


async def _send(app: Any, sent: Sent) -> None:
    body = sent.body()
    headers = [
        *((name.encode(), value.encode()) for name, value in sent.headers.items()),
        (b"host", b"cds.example.org"),
        (b"content-length", str(len(body)).encode()),
    ]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": sent.path,
        "raw_path": sent.path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50_000),
        "server": ("cds.example.org", 443),
    }
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def answered(message: Mapping[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, answered)
    assert status == sent.status, status


async def _cpu(app: Any, listed: Sequence[Sent], calls: int) -> list[float]:
    best = [float("inf")] * len(listed)
    for _ in range(10):
        for place, one in enumerate(listed):
            await _send(app, one)
            began = time.process_time()
            for _ in range(calls // 10):
                await _send(app, one)
            best[place] = min(best[place], (time.process_time() - began) / (calls // 10))
    return best


def pages(rounds: int) -> None:
    """Bytes and times of the pages."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None or shutil.which("npm") is None:
        print("Chromium or npm is not installed: the pages were not measured.")
        return
    modules = installed(FILLERS, OUT)
    react = installed(FILLERS / "react", OUT / "react", seconds=900).parent
    with subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), "serve", "--demo", "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
    ) as service:
        url = next(
            said["url"]
            for line in service.stderr or ()
            if (said := _event(line)).get("event") == "ready"
        )
        job = {
            "modules": str(modules),
            "lforms": str(modules / "lforms" / "dist" / "lforms"),
            "smart": build_fillers(react)["smart-forms"],
            "chromium": browser,
            "url": f"{url}/forms/cramps",
            "form": find_pack("cramps").full.raw,
            "rounds": rounds,
        }
        script = ROOT / "benchmarks" / "peers" / "form_page.mjs"
        ran = subprocess.run(
            [shutil.which("node") or "node", str(script)],
            input=json.dumps(job).encode(),
            check=True,
            capture_output=True,
        )
        service.terminate()
    _print(json.loads(ran.stdout))


def _event(line: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
    return found


def _print(measured: dict[str, dict[str, float]]) -> None:
    ours = measured.pop("ours")
    for name, one in {"ours": ours, **measured}.items():
        print(
            f"{name}: {one['bytes']:,.0f} bytes, first shown after {one['shown']:,.0f} ms, "
            f"ready after {one['ready']:,.0f} ms (CPU / 4)"
        )
    bytes_, ready = (min(one[key] for one in measured.values()) for key in ("bytes", "ready"))
    print(f"  bytes {ours['bytes'] / bytes_:.3f} times the least (at most 0.1 is wanted)")
    print(f"  ready {ours['ready'] / ready:.3f} times the fastest (at most 0.25 is wanted)")
    print(f"  alarm {ours['alarm']:.1f} ms after the click (at most 50 is wanted)")


if __name__ == "__main__":
    main()
