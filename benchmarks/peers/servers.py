"""The servers that the service is measured beside, each a program of its own."""

BARE = """
import sys, uvicorn
def decide(): pass
async def app(scope, receive, send):
    if scope["type"] != "http":
        while True:
            event = await receive()
            await send({"type": event["type"] + ".complete"})
            if event["type"] == "lifespan.shutdown":
                return
    while (await receive()).get("more_body"):
        pass
    decide()
    body = b'{"cards":[]}'
    head = [(b"content-type", b"application/json"), (b"content-length", b"12")]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})
uvicorn.run(app, port=int(sys.argv[1]), log_level="critical", access_log=False)
"""

# The same app, and in it nothing but the decision: on the same machine under the same load, where a
# loop in a process of its own would have the caches for itself. It begins with the JSON of response
# and record as bytes, as a decision does, or with their values.
_DECIDES = """
sys.path.insert(0, {home!r})
from cds.flows.assess import Assessor
from cds.flows.synthetic.samples import samples, scenarios_of
from cds.knowledge.read.pack import find_pack, pack_folders
pack = find_pack({pack!r})
sample = next(samples(scenarios_of(pack_folders()[pack.id], pack), pack, {scenario!r}, 1, 0))
assessor, response, record = Assessor([pack]), sample.response, list(sample.record)
if {read}:
    from cds import wire
    record = [{{"resource": one}} for one in record]
    record = wire.write({{"resourceType": "Bundle", "type": "collection", "entry": record}})
    response = wire.write(response)
def decide(): assessor.assess(response, now=sample.now, record=record).to_bytes()
"""


def decision(home: str, pack: str, scenario: str, *, read: bool) -> str:
    """The bare app with the decision in it; `home` is the folder that `cds` lies in.

    `read`: response and record are handed in as bytes, and read each time.
    """
    told = _DECIDES.format(home=home, pack=pack, scenario=scenario, read=read)
    return BARE.replace("def decide(): pass", told)


HEALTHCHAIN = """
import sys, uvicorn
from healthchain.gateway import HealthChainAPI, CDSHooksService
from healthchain.models import CDSRequest, CDSResponse
cds = CDSHooksService()
@cds.hook("patient-view", id="cramps-patient-view")
def handler(request: CDSRequest) -> CDSResponse:
    return CDSResponse(cards=[])
app = HealthChainAPI()
app.register_service(cds)
uvicorn.run(app, port=int(sys.argv[1]), log_level="critical", access_log=False)
"""
