"""Where a lead stands, and the one table of moves.

The path runs captured → nurturing → qualified → assigned → accepted → working → opportunity → won | lost.
Forward facts always apply: people skip stages and CRMs report only the win. A move that is neither forward nor one of
the detours below is a contradiction, recorded as an anomaly and nothing else.
"""

from enum import StrEnum


class Stage(StrEnum):
    PROVISIONAL = "provisional"
    """Facts have come in about a lead whose capture has not."""
    CAPTURED = "captured"
    """Known, no reason yet to qualify or nurture."""
    NURTURING = "nurturing"
    """Marketing keeps in touch until the lead qualifies; recycled leads wait here for their wake-up date."""
    QUALIFIED = "qualified"
    """MQL: marketing says ready for sales; a hand-off is open and waits for an owner."""
    ASSIGNED = "assigned"
    """An owner is set; the promise of a first touch runs."""
    ACCEPTED = "accepted"
    """SAL: the owner has taken the baton, no real touch yet."""
    WORKING = "working"
    """Sales has reached out, or answered."""
    OPPORTUNITY = "opportunity"
    """SQL: sales confirms a real opportunity."""
    WON = "won"
    LOST = "lost"
    DISQUALIFIED = "disqualified"
    """Out of the running: soft (may come back), hard, or not a lead at all."""
    MERGED = "merged"
    """Went on under another lead's id."""
    ERASED = "erased"
    """Personal data is gone; nothing follows."""


PATH: tuple[Stage, ...] = (
    Stage.PROVISIONAL,
    Stage.CAPTURED,
    Stage.NURTURING,
    Stage.QUALIFIED,
    Stage.ASSIGNED,
    Stage.ACCEPTED,
    Stage.WORKING,
    Stage.OPPORTUNITY,
    Stage.WON,
)

_IN_SALES = {Stage.QUALIFIED, Stage.ASSIGNED, Stage.ACCEPTED, Stage.WORKING, Stage.OPPORTUNITY}
_OPEN = {Stage.CAPTURED, Stage.NURTURING, *_IN_SALES}
_END = {Stage.MERGED, Stage.ERASED}

MOVES: dict[Stage, frozenset[Stage]] = {
    stage: frozenset(
        set(PATH[position + 1 :])  # forward facts always apply
        | {Stage.LOST, Stage.DISQUALIFIED}
        | _END
    )
    for position, stage in enumerate(PATH[:-1])
}
MOVES |= {
    # a returned or recycled baton goes back; a new owner makes an untouched lead `assigned` again
    Stage.ASSIGNED: MOVES[Stage.ASSIGNED] | {Stage.NURTURING, Stage.QUALIFIED},
    Stage.ACCEPTED: MOVES[Stage.ACCEPTED] | {Stage.NURTURING, Stage.QUALIFIED, Stage.ASSIGNED},
    Stage.WORKING: MOVES[Stage.WORKING] | {Stage.NURTURING, Stage.QUALIFIED, Stage.ASSIGNED},
    Stage.OPPORTUNITY: MOVES[Stage.OPPORTUNITY] | {Stage.NURTURING, Stage.QUALIFIED, Stage.ASSIGNED, Stage.WORKING},
    Stage.QUALIFIED: MOVES[Stage.QUALIFIED] | {Stage.NURTURING},
    # asking again, or a correction by the CRM, reopens what was ended
    Stage.WON: frozenset({Stage.LOST, Stage.QUALIFIED, *_END}),
    Stage.LOST: frozenset({Stage.NURTURING, *_IN_SALES, Stage.WON, Stage.DISQUALIFIED, *_END}),
    Stage.DISQUALIFIED: frozenset({*_OPEN, Stage.WON, *_END}),
    Stage.MERGED: frozenset({Stage.ERASED}),
    Stage.ERASED: frozenset(),
}

OPEN_STAGES: frozenset[Stage] = frozenset(_OPEN | {Stage.PROVISIONAL})
"""Leads in these stages must have a next instant; all others have ended."""

SALES_STAGES: frozenset[Stage] = frozenset(_IN_SALES)
"""Leads in these stages must have an owner or stand in a queue."""


def may_move(origin: Stage, target: Stage) -> bool:
    """Whether the table allows `origin` → `target` (staying put is not a move)."""
    return target in MOVES[origin]


def is_forward(origin: Stage, target: Stage) -> bool:
    """Whether `target` lies further along the path than `origin`."""
    return origin in PATH and target in PATH and PATH.index(target) > PATH.index(origin)
