"""What a preview says, in numbers: typed, bounded, and without a person's name."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any, Self

from pydantic import BaseModel, Field

from leads.running import Running
from leads.state import Outcome
from leads.what_if.effect import Told
from leads.what_if.tally import ClockSums, Example, ExampleKind, Fates, OpenSums, PastRates, PastSums, Rates

MOST_ROWS = 200
"""Of each table, the largest first."""
_HOUR = 3_600
EDGES = (15 * 60, _HOUR, 4 * _HOUR, 24 * _HOUR, 7 * 24 * _HOUR)
"""Seconds: where the steps of the distribution of shifts lie, either way."""


class Looked(BaseModel):
    """Which leads were looked at."""

    leads: int = Field(description="Leads looked at; every figure is of them.")
    of: int = Field(description="Leads there are.")
    is_sample: bool = Field(default=False, description="An even sample was looked at: there are more than asked for.")
    unread: int = Field(default=0, description="Left out: with too much mail that has not been read yet.")
    unreadable: int = Field(default=0, description="Left out: with mail that cannot be digested (stuck).")
    too_long: int = Field(default=0, description="Left out: with too long a journal.")


class Shifts(BaseModel):
    """By how much due instants move, in seconds of plain time; negative is earlier."""

    least: int
    p10: int
    median: int
    p90: int
    most: int

    @classmethod
    def of(cls, shifts: Counter[int]) -> Self | None:
        if not shifts:
            return None
        ordered = sorted(shifts.items())
        return cls(**{
            name: _quantile(ordered, share)
            for name, share in (("least", 0.0), ("p10", 0.1), ("median", 0.5), ("p90", 0.9), ("most", 1.0))
        })  # fmt: skip


def _quantile(ordered: list[tuple[int, int]], share: float) -> int:
    """The value below or at which `share` of all lie."""
    wanted, seen = share * sum(count for _, count in ordered), 0
    for value, count in ordered:
        seen += count
        if seen >= wanted and seen:
            return value
    return ordered[-1][0]


class Step(BaseModel):
    """One step of the distribution: promises that move by at least `from_seconds` and less than `to_seconds`."""

    from_seconds: int | None = Field(description="Negative is earlier; null: no bound.")
    to_seconds: int | None
    promises: int


class PromiseChange(BaseModel):
    """Promises of one kind on open leads."""

    clock: str
    running: int = Field(description="Running now.")
    moved: int = Field(description="Of these fall due at another instant.")
    earlier: int
    later: int
    shift: Shifts | None = Field(description="Of those that move.")
    ended: int = Field(description="Run now and would not any more.")
    started: int = Field(description="Would run and do not now.")


class BreachChange(BaseModel):
    """Breaches that the next look at the leads announces."""

    clock: str
    old: int = Field(description="As things are.")
    new: int = Field(description="Under the draft.")
    caused: int = Field(description="By the draft alone.")


class NoticeChange(BaseModel):
    """Notices that the next look at the leads sends, to one role."""

    template: str
    rung: str | None = Field(description="The rung of a ladder that fires; null: no rung's.")
    role: str = Field(description="Who hears: owner, deputy, manager, team, team_manager, channel, sponsor.")
    old: int
    new: int


class DecisionChange(BaseModel):
    """What else the next look at the leads decides, such as `qualified`, `assigned` or `queued`."""

    decision: str
    old: int
    new: int


class Move(BaseModel):
    """From one segment, or team, to another."""

    old: str
    new: str
    count: int


class OpenRate(BaseModel):
    """Promises that run, on one side."""

    promises: int
    broken: int = Field(description="Overdue.")
    escalated: int = Field(description="With a rung above the owner that has come due.")
    broken_share: float | None = Field(description="Null where nothing is promised.")
    escalated_share: float | None


class OpenGroup(BaseModel):
    """Open leads of one segment or team, and their promises."""

    name: str
    leads: int
    touched: int
    old: OpenRate
    new: OpenRate


class ExampleLead(BaseModel):
    """A lead to look at."""

    kind: ExampleKind
    lead_id: str
    clock: str | None = None
    old_due_at: datetime | None = None
    new_due_at: datetime | None = None


class HeldBack(BaseModel):
    """What the draft would break at once is held until somebody confirms it."""

    promises: int
    leads: int
    by_clock: dict[str, int] = Field(description="Promises, by their name.")
    breaches: int = Field(description="Announced when it is confirmed.")
    notices: list[NoticeChange] = Field(description="Sent when it is confirmed.")


class OpenPreview(BaseModel):
    """What the draft would do to the leads that are open now."""

    looked: Looked
    touched: int = Field(description="Leads about which anything would be otherwise.")
    running: int = Field(description="Promises that run now; without those of history brought in.")
    moved: int = Field(description="Of these fall due at another instant.")
    earlier: int
    later: int
    shift: Shifts | None = Field(description="Of those that move.")
    ended: int = Field(description="Promises that run now and would not any more.")
    started: int = Field(description="Promises that would run and do not now.")
    promises: list[PromiseChange] = Field(description="The same by the promise's name.")
    shifts: list[Step] = Field(description="The distribution of all due instants that move.")
    breaches: list[BreachChange]
    leads_breached: int = Field(description="Leads with a breach that the draft alone causes.")
    held: HeldBack
    retractions: int = Field(description="Breaches announced that the draft alone takes back.")
    notices: list[NoticeChange]
    leads_notified: int = Field(description="Leads about which the draft has somebody told something more.")
    decisions: list[DecisionChange]
    segments: list[Move]
    teams: list[Move]
    by_segment: list[OpenGroup]
    by_team: list[OpenGroup]
    examples: list[ExampleLead]

    @classmethod
    def of(cls, sums: OpenSums, looked: Looked) -> Self:
        every = ClockSums()
        for each in sums.clocks.values():
            every.add(each)
        return cls(
            looked=looked,
            touched=sums.touched,
            **_changes(every),
            promises=[PromiseChange(clock=name, **_changes(each)) for name, each in sorted(sums.clocks.items())],
            shifts=_steps(every.shifts),
            breaches=[
                BreachChange(
                    clock=name, old=sums.breaches_old[name], new=sums.breaches_new[name],
                    caused=sums.breaches_caused[name],
                )
                for name in sorted(sums.breaches_old.keys() | sums.breaches_new.keys())
            ],
            leads_breached=sums.leads_breached,
            held=HeldBack(
                promises=sums.held.total(),
                leads=sums.leads_held,
                by_clock=dict(sums.held.most_common()),
                breaches=sums.breaches_confirmed.total(),
                notices=_notices(Counter(), sums.notices_confirmed),
            ),
            retractions=sums.retractions,
            notices=_notices(sums.notices_old, sums.notices_new),
            leads_notified=sums.leads_notified,
            decisions=[
                DecisionChange(decision=name, old=sums.decisions_old[name], new=sums.decisions_new[name])
                for name in sorted(sums.decisions_old.keys() | sums.decisions_new.keys())
            ],
            segments=_moves(sums.segments),
            teams=_moves(sums.teams),
            by_segment=_groups(sums.by_segment),
            by_team=_groups(sums.by_team),
            examples=_examples(sums.examples),
        )  # fmt: skip


class PastFate(BaseModel):
    """What became of hand-offs and promises, on one side."""

    hand_offs: int
    ignored: int = Field(description="Hand-offs that nobody looked after by their horizon.")
    promises: int = Field(description="Kept or missed; those that run, were cancelled or waived are in no figure.")
    met: int
    met_late: int
    breached: int
    dodged: int
    escalated: int = Field(description="With a rung above the owner that came due.")
    missed_share: float | None = Field(description="All but `met`; null where nothing was promised.")
    escalated_share: float | None

    @classmethod
    def of(cls, fates: Fates) -> Self:
        return cls(
            hand_offs=fates.hand_offs,
            ignored=fates.ignored,
            promises=fates.promises,
            met=fates.outcomes[Outcome.MET],
            met_late=fates.outcomes[Outcome.MET_LATE],
            breached=fates.outcomes[Outcome.BREACHED],
            dodged=fates.outcomes[Outcome.DODGED],
            escalated=fates.escalated,
            missed_share=_share(fates.missed, fates.promises),
            escalated_share=_share(fates.escalated, fates.promises),
        )


class PastGroup(BaseModel):
    """One clock, segment or team; each side by what it was, or would have been, under its own playbook."""

    name: str
    old: PastFate
    new: PastFate

    @classmethod
    def of(cls, name: str, rates: PastRates) -> Self:
        return cls(name=name, old=PastFate.of(rates.old), new=PastFate.of(rates.new))


class RungChange(BaseModel):
    """How often a rung came due, whoever was told of it."""

    clock: str
    rung: str
    old: int
    new: int


class PastPreview(BaseModel):
    """What would have become of past hand-offs, had the draft been in force all the time."""

    since: datetime
    looked: Looked
    touched: int = Field(description="Leads about which anything would have been otherwise.")
    newly_missed: int = Field(description="Promises missed that were kept, or that were not made.")
    newly_kept: int = Field(description="Promises kept that were missed.")
    whole: PastGroup
    by_clock: list[PastGroup]
    by_segment: list[PastGroup]
    by_team: list[PastGroup]
    segments: list[Move]
    teams: list[Move]
    rungs: list[RungChange]
    examples: list[ExampleLead]

    @classmethod
    def of(cls, sums: PastSums, since: datetime, looked: Looked) -> Self:
        rungs = sorted(sums.rungs_old.keys() | sums.rungs_new.keys())[:MOST_ROWS]
        return cls(
            since=since,
            looked=looked,
            touched=sums.touched,
            newly_missed=sums.newly_missed,
            newly_kept=sums.newly_kept,
            whole=PastGroup.of("all", sums.whole),
            by_clock=_past_groups(sums.by_clock),
            by_segment=_past_groups(sums.by_segment),
            by_team=_past_groups(sums.by_team),
            segments=_moves(sums.segments),
            teams=_moves(sums.teams),
            rungs=[
                RungChange(clock=clock, rung=rung, old=sums.rungs_old[clock, rung], new=sums.rungs_new[clock, rung])
                for clock, rung in rungs
            ],
            examples=_examples(sums.examples),
        )


class Preview(BaseModel):
    """What a draft would do. Nothing has been changed."""

    at: datetime = Field(description="The instant at which every lead was looked at.")
    base: int = Field(description="The newest revision, which the draft is compared with.")
    running: Running = Field(description="What the draft was taken to do to promises under way.")
    summary: list[str] = Field(default_factory=list, description="The whole in sentences.")
    open: OpenPreview
    past: PastPreview | None = Field(default=None, description="With `since` only.")


def _changes(sums: ClockSums) -> dict[str, Any]:
    return {
        "running": sums.running,
        "moved": sums.shifts.total(),
        "earlier": sum(count for shift, count in sums.shifts.items() if shift < 0),
        "later": sum(count for shift, count in sums.shifts.items() if shift >= 0),
        "shift": Shifts.of(sums.shifts),
        "ended": sums.ended,
        "started": sums.started,
    }


def _steps(shifts: Counter[int]) -> list[Step]:
    bounds = [None, *(-edge for edge in reversed(EDGES)), 0, *EDGES, None]
    steps = []
    for low, high in pairwise(bounds):
        counted = sum(
            count for shift, count in shifts.items() if (low is None or shift >= low) and (high is None or shift < high)
        )
        steps.append(Step(from_seconds=low, to_seconds=high, promises=counted))
    return steps if shifts else []


def _notices(old: Counter[Told], new: Counter[Told]) -> list[NoticeChange]:
    told = sorted(old.keys() | new.keys(), key=lambda each: (-max(old[each], new[each]), str(each)))
    return [NoticeChange(**each._asdict(), old=old[each], new=new[each]) for each in told[:MOST_ROWS]]


def _moves(moves: Counter[tuple[str, str]]) -> list[Move]:
    ordered = sorted(moves.items(), key=lambda move: (-move[1], move[0]))
    return [Move(old=old, new=new, count=count) for (old, new), count in ordered[:MOST_ROWS]]


def _groups(groups: Mapping[str, Rates]) -> list[OpenGroup]:
    ordered = sorted(groups.items(), key=lambda group: (-group[1].leads, group[0]))
    return [
        OpenGroup(
            name=name,
            leads=rates.leads,
            touched=rates.touched,
            old=_open_rate(rates.old.promises, rates.old.broken, rates.old.escalated),
            new=_open_rate(rates.new.promises, rates.new.broken, rates.new.escalated),
        )
        for name, rates in ordered[:MOST_ROWS]
    ]


def _open_rate(promises: int, broken: int, escalated: int) -> OpenRate:
    return OpenRate(
        promises=promises, broken=broken, escalated=escalated,
        broken_share=_share(broken, promises), escalated_share=_share(escalated, promises),
    )  # fmt: skip


def _past_groups(groups: Mapping[str, PastRates]) -> list[PastGroup]:
    ordered = sorted(groups.items(), key=lambda group: (-group[1].old.promises, group[0]))
    return [PastGroup.of(name, rates) for name, rates in ordered[:MOST_ROWS]]


def _examples(examples: Mapping[str, Iterable[Example]]) -> list[ExampleLead]:
    return [
        ExampleLead(
            kind=kind, lead_id=each.lead_id, clock=each.clock, old_due_at=each.old_due_at, new_due_at=each.new_due_at
        )
        for kind in ExampleKind
        for each in examples.get(kind, ())
    ]


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
