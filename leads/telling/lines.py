"""What one line of a lead's timeline says, as a sentence."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from leads.entries import Entry
from leads.instants import parse_instant
from leads.telling.decisions import noun, queue_reason
from leads.telling.entries import clause
from leads.telling.words import Words, plain, sentence

Data = Mapping[str, Any]

STANDS = {
    "provisional": "not captured yet",
    "captured": "captured",
    "nurturing": "with marketing",
    "qualified": "ready for sales",
    "assigned": "assigned",
    "accepted": "accepted",
    "working": "in work",
    "opportunity": "an opportunity",
    "won": "won",
    "lost": "lost",
    "disqualified": "ruled out",
    "merged": "merged into another lead",
    "erased": "erased",
}
"""Each stage, as what the lead is."""
_ENDED = {
    "met": "kept",
    "met_late": "kept, but written down late",
    "breached": "broken",
    "dodged": "left untouched, which counts as missed",
    "cancelled": "no longer applies",
    "waived": "waived",
}
_DECISIONS = {
    "assigned": "the assignment made before",
    "queued": "the return to the queue made before",
    "qualified": "the qualification made before",
    "nurtured": "the turn to marketing made before",
}
_RESULTS = {
    "rejected": "sales gave it back",
    "recycled": "it went back to marketing",
    "opportunity": "it became an opportunity",
    "won": "won",
    "lost": "lost",
    "disqualified": "ruled out",
}


def line(kind: str, data: Data, words: Words, entry: Entry | None = None) -> str:
    """The sentence of a line; `entry` is the journal's, for lines that stand for one."""
    if entry is not None:
        return sentence(clause(entry, words))
    told = _DERIVED.get(kind)
    return sentence(told(data, words) if told else plain(kind))


def corrected(kind: str, original: str) -> str:
    """A line that takes another back, or lets it stand again."""
    return f"{'Holds after all' if kind == 'reinstated' else 'Taken back'}: {original}"


def ended(result: str | None, reason: str | None) -> str:
    """How a hand-off ended: `sales gave it back (“no budget”)`."""
    because = f" ({plain(reason)})" if reason else ""
    return f"{_RESULTS.get(result or '', plain(result))}{because}"


def _instant(value: Any) -> datetime:
    return value if isinstance(value, datetime) else parse_instant(value)


def _owner_set(data: Data, words: Words) -> str:
    was = data.get("was")
    return f"it went {f'from {words.person(was)} ' if was else ''}to {words.person(data.get('owner'))}"


def _queued(data: Data, words: Words) -> str:
    return f"it waits in the queue of {words.team(data.get('queue'))}: {queue_reason(data.get('why'))}"


def _hand_off_opened(data: Data, _words: Words) -> str:
    again = " again" if data.get("type") == "re_inquiry" else ""
    return f"handed to sales{again}, under the promises of the segment {plain(data.get('segment'))}"


def _clock_ended(data: Data, _words: Words) -> str:
    return f"promise {_ENDED.get(data.get('outcome', ''), data.get('outcome'))}: {noun(data.get('clock', ''))}"


_DERIVED: dict[str, Callable[[Data, Words], str]] = {
    "stage_moved": lambda d, _w: f"now {STANDS.get(d.get('target', ''), d.get('target'))}",
    "hand_off_opened": _hand_off_opened,
    "hand_off_ended": lambda d, _w: f"the hand-off ended: {ended(d.get('result'), d.get('reason'))}",
    "asked_again": lambda _d, _w: (
        "the buyer had asked before: running promises stay, and the earlier due instant counts"
    ),
    "owner_set": _owner_set,
    "queued": _queued,
    "clock_started": lambda d, w: f"promised: {noun(d.get('clock', ''))} by {w.at(_instant(d.get('due_at')))}",
    "clock_ended": _clock_ended,
    "anomaly": lambda d, _w: f"this contradicts what was known and changed nothing: {d.get('why')}",
    "overtaken": lambda d, _w: (
        f"late word has overtaken {_DECISIONS.get(d.get('decision', ''), 'a decision')}: it moves nothing"
    ),
    "fact": lambda d, _w: f"{plain(d.get('type'))} came in",
    "command": lambda d, _w: f"{plain(d.get('type'))} was granted",
    "decision": lambda d, _w: f"{plain(d.get('type'))} was decided",
}
"""Lines derived from entries, and entries whose journal row is not at hand."""
