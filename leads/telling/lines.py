"""What one line of a lead's timeline says, as a sentence."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from leads.entries import Entry
from leads.events import HandOffKind
from leads.instants import parse_instant
from leads.telling.decisions import queue_reason
from leads.telling.entries import clause
from leads.telling.nouns import STANDS, noun, the_noun
from leads.telling.words import Words, plain, sentence

Data = Mapping[str, Any]

_ENDED = {
    "met": "kept",
    "met_late": "kept, but written down late",
    "breached": "broken",
    "dodged": "left untouched, which counts as missed",
    "cancelled": "no longer applies",
    "waived": "waived",
}
_ENDED_SO = {
    "by_other": "kept, by somebody else than its owner",
    "self_serve": "kept by the buyer, who picked a meeting slot",
    "under_worked": "given up before the effort agreed, which counts as missed",
}
"""Where it matters why."""
_CORRECTED = {"corrected": "Taken back", "reinstated": "Holds after all", "amended": "Put right"}
_DECISIONS = {
    "assigned": "the assignment made before",
    "queued": "the return to the queue made before",
    "qualified": "the qualification made before",
    "nurtured": "the turn to marketing made before",
}
_ADOPTED = {
    "carry": "goes on, with the time it has used, by",
    "restart": "counts anew by",
    "released": "is due by now, as somebody has confirmed, by",
}
_RESULTS = {
    "rejected": "sales gave it back",
    "returned": "it went back to whoever had passed it on",
    "passed_on": "it was passed on inside sales",
    "asked_again": "the buyer asked again, and gets promises of a new one",
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


def corrected(kind: str, original: str, counts_from: str | None = None) -> str:
    """A line that takes another back, lets it stand again, or says it otherwise: now from another instant."""
    since = f" It counts from {counts_from}." if counts_from else ""
    return f"{_CORRECTED[kind]}: {original}{since}"


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


def opened(kind: str, giver: str | None, words: Words) -> str:
    """How a hand-off began, as a clause: `passed on to a closer by Ana`."""
    by = f" by {words.person(giver)}" if giver else ""
    match kind:
        case HandOffKind.RE_INQUIRY:
            return "handed to sales again"
        case HandOffKind.REP_TO_CLOSER:
            return f"passed on to a closer{by}"
        case HandOffKind.TO_PARTNER:
            return f"passed on to a partner{by}"
        case HandOffKind.RETURNED:
            return f"given back{by}"
    return "handed to sales"


def _hand_off_opened(data: Data, words: Words) -> str:
    said = opened(data.get("type", ""), data.get("giver"), words)
    is_inside = data.get("type") in (HandOffKind.REP_TO_CLOSER, HandOffKind.TO_PARTNER, HandOffKind.RETURNED)
    return f"{said}{', in' if is_inside else ', under the promises of'} the segment {plain(data.get('segment'))}"


def _hand_off_ended(data: Data, _words: Words) -> str:
    early = ", before the effort agreed" if data.get("under_worked") else ""
    return f"the hand-off ended: {ended(data.get('result'), data.get('reason'))}{early}"


_LISTED = {
    "waiting": "it waits there until it is released to sales; nothing is promised of it yet",
    "known": "it stays as it is, since it was known before",
}
_LEFT_LIST = {
    "released": "it waits no longer in",
    "known": "it had been under way before it came with",
    "out": "it left, without going to sales,",
}


def _clock_ended(data: Data, _words: Words) -> str:
    outcome, why = data.get("outcome", ""), data.get("why", "")
    is_special = outcome in ("met", "dodged") and why in _ENDED_SO
    how = _ENDED_SO[why] if is_special else _ENDED.get(outcome, outcome)
    return f"promise {how}: {noun(data.get('id') or data.get('clock', ''))}"


def _clock_adopted(data: Data, words: Words) -> str:
    """A promise moved by an edit of the playbook, and by how much."""
    due, was = (words.at(_instant(data.get(name))) for name in ("due_at", "was_due_at"))
    how = _ADOPTED.get(data.get("choice", ""), "goes by")
    return f"{the_noun(data.get('clock', ''))} {how} revision {data.get('revision')}: due {due} instead of {was}"


_DERIVED: dict[str, Callable[[Data, Words], str]] = {
    "stage_moved": lambda d, _w: f"now {STANDS.get(d.get('target', ''), d.get('target'))}",
    "hand_off_opened": _hand_off_opened,
    "hand_off_ended": _hand_off_ended,
    "came_back": lambda _d, _w: "the buyer is waiting for an answer",
    "asked_again": lambda _d, _w: (
        "the buyer had asked before: running promises stay, and the earlier due instant counts"
    ),
    "listed": lambda d, _w: f"it came with the list {plain(d.get('list'))}: {_LISTED.get(d.get('status', ''), '')}",
    "list_left": lambda d, _w: f"{_LEFT_LIST.get(d.get('status', ''), 'it left')} the list {plain(d.get('list'))}",
    "owner_set": _owner_set,
    "segment_changed": lambda d, _w: f"now under the promises of the segment {plain(d.get('segment'))} too",
    "queued": _queued,
    "clock_started": lambda d, w: (
        f"promised: {noun(d.get('id') or d.get('clock', ''))} by {w.at(_instant(d.get('due_at')))}"
    ),
    "clock_ended": _clock_ended,
    "clock_adopted": _clock_adopted,
    "clock_held": lambda d, w: (
        f"revision {d.get('revision')} of the playbook would have had {the_noun(d.get('clock', ''))} broken since "
        f"{w.at(_instant(d.get('would_be_due_at')))}: it stays as it was until somebody confirms that"
    ),
    "hold_waived": lambda d, _w: f"{the_noun(d.get('clock', ''))} finishes under the target it had",
    "segment_moved": lambda d, _w: (
        f"revision {d.get('revision')} of the playbook has it in the segment {plain(d.get('target'))} "
        f"instead of {plain(d.get('origin'))}"
    ),
    "anomaly": lambda d, _w: f"this contradicts what was known and changed nothing: {d.get('why')}",
    "overtaken": lambda d, _w: (
        f"late word has overtaken {_DECISIONS.get(d.get('decision', ''), 'a decision')}: it moves nothing"
    ),
    "fact": lambda d, _w: f"{plain(d.get('type'))} came in",
    "command": lambda d, _w: f"{plain(d.get('type'))} was granted",
    "decision": lambda d, _w: f"{plain(d.get('type'))} was decided",
}
"""Lines derived from entries, and entries whose journal row is not at hand."""
