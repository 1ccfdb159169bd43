"""A call as the decision log keeps it: in the pack's own words, whatever was shown."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from cds import wire
from cds.flows.deciding.assessed import Assessed
from cds.flows.hooks import Verdict
from cds.store.model import Decision
from cds.web.cards.cards import Drawn
from cds.web.contract.prefetch import Supply
from cds.web.routes.asked import Asked


def decision_of(
    asked: Asked, verdict: Verdict, drawn: Drawn, supplies: Mapping[str, Supply], answer: bytes
) -> Decision:
    """The entry for one answer of a hook."""
    states = {one.key: _state(one) for one in supplies.values()}
    assessed, pack = verdict.assessed, verdict.pack
    document = {"decision": assessed.document() if assessed else None, "prefetch": states}
    return Decision(
        time=verdict.visit.now,
        client=asked.client.name,
        service=asked.entry.id,
        hook_instance=asked.request.hook_instance,
        request_hash=asked.hash,
        pack_id=pack.id,
        pack_version=pack.version,
        pack_hash=pack.hash,
        level=assessed.level.code if assessed else None,
        rules=tuple(finding.rule.id for finding in assessed.findings) if assessed else (),
        response=answer,
        document=wire.write(document),
        cards=drawn.rules,
        subject=f"{asked.client.name}|{asked.context.patient_id}",
    )


def _state(supply: Supply) -> wire.JsonObject:
    return {"state": supply.state, "fetched": supply.fetched, "why": supply.why}


def decision_without_cards(
    assessed: Assessed,
    *,
    time: datetime,
    client: str,
    kind: str,
    name: str,
    request: bytes,
    told: tuple[bytes, bytes],
    patient: str | None,
) -> Decision:
    """The entry for a decision that no hook asked for.

    `kind` says what did, `name` which of its calls. `told`: what was answered, and the document.
    """
    pack = assessed.pack
    return Decision(
        time=time,
        client=client,
        service=f"{pack.id}-{kind}",
        hook_instance=name,
        request_hash=hashlib.sha256(request).hexdigest(),
        pack_id=pack.id,
        pack_version=pack.version,
        pack_hash=pack.hash,
        level=assessed.level.code,
        rules=tuple(finding.rule.id for finding in assessed.findings),
        response=told[0],
        document=told[1],
        subject=f"{client}|{patient}" if patient else None,
    )
