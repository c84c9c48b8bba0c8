"""Moving a lead from stage to stage, with the promises that hang on a stage."""

from leads import clocks
from leads.clock_table import Signal
from leads.entries import Entry
from leads.life import Life, is_history
from leads.stages import Stage
from leads.touches import Contact

_AT_IT = (Stage.QUALIFIED, Stage.ASSIGNED, Stage.ACCEPTED, Stage.WORKING)
"""Being given a lead, or being at work on it, is no step that anybody waits for."""


def move(life: Life, entry: Entry, target: Stage) -> bool:
    """Move to `target` if the table of moves allows it, else note an anomaly. Whether the lead stands there now."""
    lead, origin = life.lead, life.lead.stage
    if not life.move(entry, target):
        return False
    if origin is not target:
        at, hand_off = entry.effective_at, lead.hand_off
        clocks.meet(life, Signal.STAGE_LEFT, Contact(at), subject=origin)
        if hand_off is not None and target not in _AT_IT:
            clocks.meet(life, Signal.STAGE_MOVED, Contact(at), hand_off=hand_off)
        cause = f"{target}@{entry.ref}"
        quiet = is_history(life, entry)
        clocks.start(life, Signal.STAGE_ENTERED, cause, at, hand_off=hand_off, quiet=quiet, subject=target)
    return True
