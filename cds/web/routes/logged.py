"""A call of a hook as the decision log keeps it: in the pack's own words, whatever was shown."""

from collections.abc import Mapping

from cds import wire
from cds.flows.hooks import Verdict
from cds.store.model import Decision
from cds.web.cards.cards import Drawn
from cds.web.contract.prefetch import Supply
from cds.web.routes.asked import Asked


def decision_of(
    asked: Asked, verdict: Verdict, drawn: Drawn, supplies: Mapping[str, Supply], answer: bytes
) -> Decision:
    """The entry for one answer."""
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
