"""What failed twice is left out, and every response in it is named as not assessed."""

from cds.flows.bulk.decide import Lines, Where
from cds.flows.bulk.files import FAULTS, Folder, write_whole
from cds.flows.bulk.spill import Piece, read_slot, write_spill
from cds.flows.bulk.spread import is_answer, is_unread
from cds.flows.bulk.tasks import DECIDE, GATHER, SPREAD, Plan
from cds.flows.bulk.workers import Done
from cds.wire import JsonObject

KIND = "left-out"
_HELP = "Find the line that does it, and run it by itself."


def tell_left_out(folder: Folder, plan: Plan, failed: Done) -> JsonObject:
    """Finish a task that its workers could not: with a fault in place of each decision."""
    told = _part(folder, plan, failed) if failed.stage == DECIDE else _slot(folder, plan, failed)
    folder.finish(failed.stage, failed.number, told)
    return told


def _part(folder: Folder, plan: Plan, failed: Done) -> JsonObject:
    part = plan.parts[failed.number]
    out = Lines()
    text = (
        f"a part from this line on ({part.end - part.start:,} bytes) was tried twice and left out: "
        f"{failed.problem}. Nothing in it was assessed."
    )
    out.fault(Where(plan.inputs[part.input].name, part.line), KIND, text, _HELP)
    with write_whole(folder.part(DECIDE, failed.number, FAULTS)) as file:
        file.write(out.streams[FAULTS][0] + b"\n")
    return {"counts": {**out.counts, "own-faults": 1, KIND: 1}, "streams": [FAULTS]}


def _slot(folder: Folder, plan: Plan, failed: Done) -> JsonObject:
    slots: list[list[Piece]] = []
    count = responses = 0
    for number, part in enumerate(plan.parts):
        slots.append([])
        for piece in read_slot(folder.part(SPREAD, number, "spill"), failed.number):
            if not is_answer(piece) and not is_unread(piece):
                continue
            out, count = Lines(), count + 1
            responses += is_answer(piece)
            text = f"was tried twice, together with others, and left out: {failed.problem}."
            out.fault(Where(plan.inputs[part.input].name, piece.line), KIND, text, _HELP)
            line = out.streams[FAULTS][0]
            slots[-1].append(Piece(number, piece.number, piece.line, FAULTS, line))
    write_spill(folder.part(GATHER, failed.number, "spill"), slots)
    counts = {"responses": responses, "faults": count, "own-faults": count, KIND: count}
    parts = [number for number, pieces in enumerate(slots) if pieces]
    return {"counts": counts, "parts": parts}
