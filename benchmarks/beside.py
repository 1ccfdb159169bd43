"""How long a small caller waits beside four big ones, by the clock on the wall.

    python benchmarks/beside.py [--seconds 20]

The big ones send thirteen thousand laboratory values each, over and over, from a process of their
own: beside the small caller in one process they would keep it waiting themselves. The machine must
be quiet; FAILURES_BUILD names the folder of another build. By processor time it is
`tests/failures/test_big_beside_small.py`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)  # in the place of this folder, whose http.py is not Python's

import http.client  # noqa: E402 - the path comes first

from tests.failures.conftest import _request  # noqa: E402
from tests.failures.site import HOOK, Service, anew, site  # noqa: E402
from tests.failures.test_big_beside_small import _big  # noqa: E402

BIG = """
import http.client, pathlib, sys, threading, uuid
port, path, before, after = sys.argv[1:]
before, after = (pathlib.Path(one).read_bytes() for one in (before, after))
def again():
    while True:
        one = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
        body = before + str(uuid.uuid4()).encode() + after
        one.request("POST", path, body, {"content-type": "application/json"})
        answer = one.getresponse()
        answer.read()
        print(answer.status, flush=True)
for _ in range(4):
    threading.Thread(target=again).start()
"""


def small(service: Service, body: dict[str, object], seconds: float) -> list[float]:
    """How long each call of a small caller took, the least first."""
    took: list[float] = []
    until = time.monotonic() + seconds
    address = service.url.removeprefix("http://")
    while time.monotonic() < until:
        sent = json.dumps(anew(body)).encode()
        one = http.client.HTTPConnection(address, timeout=60)
        began = time.perf_counter()
        one.request("POST", HOOK, sent, {"content-type": "application/json"})
        answer = one.getresponse()
        answer.read()
        took.append(time.perf_counter() - began)
        if answer.status != 200:  # noqa: PLR2004
            raise SystemExit(f"answered {answer.status}")
        time.sleep(0.02)
    return sorted(took)


def main() -> None:
    """Alone, and beside four big ones."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--seconds", type=float, default=20.0)
    seconds = options.parse_args().seconds
    calm = _request("everyday-night-cramp")
    mark = calm["hookInstance"] = str(uuid.uuid4())
    parts = json.dumps(_big(calm)).encode().split(mark.encode())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [folder / "before", folder / "after"]
        for file, part in zip(files, parts, strict=True):
            file.write_bytes(part)
        limits = {"body_bytes": 16_000_000}
        service = Service(site(folder, store={"enabled": False}, limits=limits)).wait()
        alone = small(service, calm, seconds / 4)
        command = [sys.executable, "-c", BIG, service.url.rpartition(":")[2], HOOK]
        with (folder / "said").open("wb") as said:
            big = subprocess.Popen([*command, *map(str, files)], stdout=said)
        try:
            time.sleep(1)
            beside = small(service, calm, seconds)
        finally:
            big.kill()
            big.wait()
            service.stop()
        answered = (folder / "said").read_text().split()
    for title, took in (("alone", alone), ("beside four big ones", beside)):
        p50, p99 = (took[int(len(took) * part)] * 1000 for part in (0.5, 0.99))
        most = took[-1] * 1000
        print(f"{title:<22} {len(took):>5} calls  p50 {p50:.0f}  p99 {p99:.0f}  most {most:.0f} ms")
    print(f"big calls answered meanwhile: {answered.count('200')} of {len(answered)}")
    print("p99 of the small caller: at most 100 ms")


if __name__ == "__main__":
    main()
