"""What one line of a lead's timeline adds to the counters and histograms that operators watch.

Lines are told once and never rewritten, so each counts once. A line that late facts take back stays counted: a counter
cannot fall. That it was taken back is counted beside it. History brought in later is in no count.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from leads.roster import TAKEN_TEAM

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Count:
    """Adds `value` to a counter, or puts it into a histogram."""

    metric: str
    labels: Mapping[str, str]
    value: float = 1.0


COUNTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "leads_captured": ("Leads captured, by original source.", ("source",)),
    "stage_moves": ("Moves of leads from one stage to another.", ("origin", "target")),
    "hand_offs_opened": ("Hand-offs opened.", ("kind", "team", "segment")),
    "hand_offs_ended": ("Hand-offs ended, by what came of them.", ("result", "team", "segment")),
    "reasons_given": ("Reasons with which hand-offs ended, by original source.", ("result", "reason", "source")),
    "clocks_ended": ("Promises ended, by outcome.", ("clock", "team", "outcome")),
    "breaches": ("Promises announced as broken.", ("clock", "team", "segment")),
    "rungs_fired": ("Rungs of ladders that fired, by what they did.", ("clock", "rung", "action", "team")),
    "rungs_skipped": ("Rungs of ladders that came due and were left out.", ("clock", "why")),
    "hand_offs_ignored": ("Hand-offs announced as ignored since the beginning.", ("team", "segment")),
    "corrections": ("Announcements that late facts have taken back.", ("kind",)),
    "timeline_corrections": ("Lines of timelines that late facts have changed.", ("of", "how")),
    "assignments": ("Owners given by Leadloop, by why.", ("cause", "team")),
    "queued": ("Times a hand-off went into a queue, by why.", ("why", "team")),
    "notices_issued": ("Notices issued.", ("template",)),
    "feedback": ("Questions to sales after a hand-off.", ("what",)),
}
"""Name → what it says, and its labels."""
HISTOGRAMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "delay_seconds": (
        "How long a promise took: assign is the machine's delay, first_touch the owner's, speed_to_lead the buyer's.",
        ("clock", "team", "time"),
    ),
    "feedback_quality": ("Quality of leads as sales sees it, 1 to 5.", ()),
}
BOUNDS: dict[str, tuple[float, ...]] = {
    "delay_seconds": (
        1, 5, 15, 60, 120, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400, 172_800, 432_000, 864_000,
    ),
    "feedback_quality": (1, 2, 3, 4, 5),
}  # fmt: skip
"""Upper bounds of the buckets, inclusive. Five and fifteen minutes, an hour and a day are those of the numbers."""
OTHER = TAKEN_TEAM
"""Whatever has no place, or one too many."""
OPEN_LABELS = frozenset({"source", "team", "segment", "reason", "rung", "template", "why"})
"""Labels whose values come from outside or from a playbook: beyond so many they are folded into `other`."""

_DONE = frozenset({"met", "met_late", "breached"})
"""Outcomes of a promise that was done in the end. One left, waived or cancelled says nothing of a delay."""


def counted(kind: str, data: Data, entry: Data | None = None, *, is_history: bool = False) -> Iterator[Count]:
    """What a line adds. `entry` is the data of the fact, command or decision that it stands for."""
    if kind in ("fact", "command", "decision"):
        told = _OF_ENTRIES.get(data["type"])
        if told is not None and entry is not None and not is_history:
            yield from told(entry)
    elif kind in ("corrected", "reinstated", "amended"):
        yield Count("timeline_corrections", {"of": str(data.get("of")), "how": kind})
    elif (derived := _DERIVED.get(kind)) is not None and not data.get("quiet"):
        yield from derived(data)


def _stage_moved(data: Data) -> Iterator[Count]:
    yield Count("stage_moves", {"origin": data["origin"], "target": data["target"]})
    if data["target"] == "captured":
        yield Count("leads_captured", {"source": data.get("source") or OTHER})


def _hand_off_opened(data: Data) -> Iterator[Count]:
    yield Count("hand_offs_opened", {"kind": data["type"]} | _place(data))


def _hand_off_ended(data: Data) -> Iterator[Count]:
    result, reason = data["result"], data.get("reason")
    yield Count("hand_offs_ended", {"result": result} | _place(data))
    if reason is not None:
        yield Count("reasons_given", {"result": result, "reason": reason, "source": data.get("source") or OTHER})


def _clock_ended(data: Data) -> Iterator[Count]:
    clock, team, outcome = data["clock"], data.get("team") or OTHER, data["outcome"]
    yield Count("clocks_ended", {"clock": clock, "team": team, "outcome": outcome})
    if outcome in _DONE:
        for time in ("elapsed", "working"):
            seconds = data.get(f"{time}_seconds")
            if seconds is not None:
                yield Count("delay_seconds", {"clock": clock, "team": team, "time": time}, seconds)


def _breach(data: Data) -> Iterator[Count]:
    yield Count("breaches", {"clock": _clock(data)} | _place(data))


def _rung_fired(data: Data) -> Iterator[Count]:
    action, team = data.get("action") or OTHER, data.get("team") or OTHER
    yield Count("rungs_fired", {"clock": _clock(data), "rung": data["rung"], "action": action, "team": team})


def _feedback_given(data: Data) -> Iterator[Count]:
    yield Count("feedback", {"what": "given"})
    if data.get("quality") is not None:
        yield Count("feedback_quality", {}, float(data["quality"]))


def _place(data: Data) -> dict[str, str]:
    return {"team": data.get("team") or OTHER, "segment": data.get("segment") or OTHER}


def _clock(data: Data) -> str:
    """The promise's name, which its key begins with."""
    return str(data["clock"]).partition(":")[0]


_DERIVED: dict[str, Callable[[Data], Iterator[Count]]] = {
    "stage_moved": _stage_moved,
    "hand_off_opened": _hand_off_opened,
    "hand_off_ended": _hand_off_ended,
    "clock_ended": _clock_ended,
}
_OF_ENTRIES: dict[str, Callable[[Data], Iterator[Count]]] = {
    "breach_announced": _breach,
    "breach_retracted": lambda _: iter([Count("corrections", {"kind": "breach"})]),
    "ignored_announced": lambda d: iter([Count("hand_offs_ignored", _place(d))]),
    "ignored_retracted": lambda _: iter([Count("corrections", {"kind": "ignored"})]),
    "rung_fired": _rung_fired,
    "rung_skipped": lambda d: iter([Count("rungs_skipped", {"clock": _clock(d), "why": d["why"]})]),
    "assigned": lambda d: iter([Count("assignments", {"cause": d["cause"], "team": d["team"]})]),
    "queued": lambda d: iter([Count("queued", {"why": d["why"], "team": d["queue"]})]),
    "notice_issued": lambda d: iter([Count("notices_issued", {"template": d["template"]})]),
    "feedback_asked": lambda _: iter([Count("feedback", {"what": "asked"})]),
    "feedback_spared": lambda _: iter([Count("feedback", {"what": "spared"})]),
    "lead.feedback_given": _feedback_given,
    "feedback": _feedback_given,
}
