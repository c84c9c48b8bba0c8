"""What a correction takes back, in which letters that was heard, and the late fact that proves it false."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from leads.brief import Corrected, Proof
from leads.post import CORRECTIONS
from leads.state import Clock
from storage.pipeline import Answer, Pipeline

_CHANNELS = {
    "lead.meeting_booked": "meeting",
    "lead.meeting_held": "meeting",
    "lead.assigned": "assigned",
    "lead.accepted": "accepted",
    "lead.rejected": "rejected",
}
"""Facts beside touches that stop a clock, and what their sender is said to have done."""

_CORRECTED = """
SELECT a.action_id, a.template, a.issued_at, a.payload, (
    SELECT jsonb_object_agg(l.hearer, l.letter_id) FROM letters l
    WHERE l.action_id = a.action_id AND (l.state = 'taken' OR l.is_repeat)
) AS going
FROM actions a
WHERE a.lead_id = %(lead_id)s
  AND (a.payload->>'about' = %(about)s AND a.template = ANY (CAST(%(templates)s AS text[])) OR a.key = %(key)s)
ORDER BY a.issued_at, a.key
"""
"""A worker that died over a letter may have sent it: what is taken, or was, counts as heard."""

_PROOF = """
SELECT type, data, effective_at, recorded_at FROM journal
WHERE lead_id = %(lead_id)s AND effective_at = %(ended_at)s AND type = ANY (CAST(%(kinds)s AS text[]))
ORDER BY number LIMIT 1
"""


def ask_corrected(pipeline: Pipeline, correction: Any) -> Answer | None:
    """Ask for the letters in which somebody has heard, or may be hearing now, what an action takes back."""
    payload = correction.payload
    if "corrects" not in payload:
        return None
    return pipeline.send(
        _CORRECTED,
        lead_id=correction.lead_id,
        about=str(payload.get("about")),
        key=str(payload["corrects"]),
        templates=[*CORRECTIONS.get(correction.template or "", ())],
    )


def corrected_of(answer: Answer | None) -> tuple[Corrected, ...]:
    """What was asked for; oldest first."""
    return tuple(corrected for row in (answer.rows if answer else ()) for corrected in _heard_in(row))


def _heard_in(row: Any) -> Iterator[Corrected]:
    """The notice's own letter, and each digest that told somebody of it instead."""
    going: dict[str, str] = row.going or {}
    told = dict.fromkeys([*row.payload.get("told", ()), *going])
    digests: dict[str, str] = going | row.payload.get("digests", {})
    own = str(row.action_id)
    for letter in dict.fromkeys([own, *digests.values()]):
        reached = tuple(hearer for hearer in told if digests.get(hearer, own) == letter)
        yield Corrected(action_id=UUID(letter), template=row.template or "", issued_at=row.issued_at, told=reached)


def ask_proof(pipeline: Pipeline, lead_id: UUID, clock: Clock | None) -> Answer | None:
    """Ask for the fact at whose instant the clock stopped."""
    if clock is None or clock.ended_at is None:
        return None
    kinds = ["lead.touched", "lead.replied", *_CHANNELS]
    return pipeline.send(_PROOF, lead_id=lead_id, ended_at=clock.ended_at, kinds=kinds)


def proof_of(answer: Answer | None) -> Proof | None:
    """What was asked for; `by` still an id."""
    row = answer.first if answer else None
    if row is None:
        return None
    channel = _CHANNELS.get(row.type) or _word(row.data, "channel")
    return Proof(at=row.effective_at, heard_at=row.recorded_at, channel=channel, by=_word(row.data, "by"))


def _word(data: dict[str, Any], name: str) -> str | None:
    value = data.get(name)
    return value if isinstance(value, str) else None
