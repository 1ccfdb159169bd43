"""What the servers are asked: one call of a hook, the same for all but the version of the form.

A build that does not know the form's version takes it for another's, looks at every answer anew and
holds the level: it would be measured at work that it does not do for its own form.
"""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

from cds import wire
from cds.flows.synthetic.hook_samples import hook_request, moved
from cds.flows.synthetic.samples import samples, scenarios_of
from cds.knowledge.read.pack import find_pack, pack_folders

PACK, SCENARIO, HOOK = "cramps", "no-urine", "patient-view"
MARK = b"00000000-0000-4000-8000-000000000000"


def version_in(build: Path) -> str:
    """The version of the form that a build asks."""
    pack = tomllib.loads((build / "questionnaires" / PACK / "pack.toml").read_text("utf-8"))
    version: str = pack["pack"]["version"]
    return version


def request_bytes(path: str, port: int, version: str = "") -> bytes:
    """One HTTP request, with a hookInstance that the client replaces.

    `version` of the form, where it is not today's; what is answered is the same in each.
    """
    pack = find_pack(PACK)
    scenarios = scenarios_of(pack_folders()[PACK], pack)
    sample = next(samples(scenarios, pack, SCENARIO, 1, 0))
    response = dict(sample.response)
    if version:
        response["questionnaire"] = f"{response['questionnaire'].partition('|')[0]}|{version}"
    by = datetime.now(UTC).replace(microsecond=0) - sample.now
    patient = response["subject"]["reference"].partition("/")[2]
    resources = [moved(one, by) for one in (response, *sample.record)]
    body = wire.write(hook_request(pack, HOOK, resources, patient=patient, instance=MARK.decode()))
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
