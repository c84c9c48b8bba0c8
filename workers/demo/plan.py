"""The demo's script: what is going to happen to each lead, drawn once from a seed. Nothing here reads a clock.

How people react is drawn from an audit of 2,241 US firms (Harvard Business Review, 2011): 37 % answered within an hour,
24 % after more than a day, 23 % never, the rest in between. A day is a business day of nine hours. What the audit's
firms did not have, a second owner who gets the lead when the first lets it lie, is drawn apart.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from random import Random
from typing import Any

from workers.demo import cast

HOURS = 18
"""How many shortened hours the demo lasts."""
BUSINESS_DAY = 9
CAPTURED_WITHIN = 6
"""Hours in which all leads come in, so that a business day is left for the last of them."""
REACTIONS = {"within_an_hour": 37, "within_a_day": 16, "after_a_day": 24, "never": 23}
AUTOMATIC = 0.4
"""Of those not answered within the hour: share that first gets an automatic mail, which does not count."""
LATE_WORD = 0.35
"""Of those answered within a day: share that was answered in time, and the system that saw it tells late."""
SECOND_OWNER, THIRD_OWNER = 0.5, 0.35
"""Share of leads that the next owner answers at once when the ladder gives them the lead."""
GIVEN_BACK_UNSEEN = 0.1
"""Of those never answered."""
CONNECTED = 0.4
"""Share of calls that reach someone."""
WRITES = 0.35
"""Share of first touches that are mails."""
WON, LOST = 0.4, 0.35
"""Of opportunities; the rest stay open."""
REPEATED = 0.04
"""Share of events that are sent twice, as systems do."""
_MOVED_AFTER, _MOVED_AGAIN_AFTER = 1.25, 2.55
"""Hours: the promise, ten minutes, and the evidence lag; then the same again."""


class By(StrEnum):
    """Whose act an event is; known only when it is played."""

    NOBODY = "nobody"
    OWNER = "owner"
    FIRST_OWNER = "first_owner"
    """Whoever had the lead first, though it may have moved on since."""
    NEXT_OWNER = "next_owner"
    """Only if the lead has moved on from its first owner; else it does not happen."""


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """One event of the script. Spans count from the demo's start."""

    lead: int
    id: str
    type: str
    sent_after: timedelta
    happened_after: timedelta | None = None
    """Earlier than it is sent: word of it comes late. None: it happens when it is sent."""
    data: dict[str, Any] = field(default_factory=dict)
    by: By = By.NOBODY
    meets_after: timedelta | None = None
    """Of a meeting: when it takes place."""
    after_touch: bool = False
    """Happens only if somebody of sales has touched the lead by then."""
    repeats: bool = False
    """Sent before, and now again."""


def hour_seconds(minutes: float) -> float:
    """How long a shortened hour lasts."""
    return minutes * 60 / HOURS


def plan(seed: int, leads: int, minutes: float) -> list[PlannedEvent]:
    """All events in the order they are sent. The same arguments give the same script."""
    chance = Random(seed)  # noqa: S311  a script, no secret
    hour = timedelta(seconds=hour_seconds(minutes))
    events: list[PlannedEvent] = []
    for lead in range(1, leads + 1):
        events += _Script(chance, lead, hour).written()
    end = hour * HOURS
    return sorted((event for event in events if event.sent_after < end), key=lambda event: (event.sent_after, event.id))


class _Script:
    """One lead's part. Instants are hours from the start."""

    def __init__(self, chance: Random, lead: int, hour: timedelta) -> None:
        self._chance = chance
        self._lead = lead
        self._hour = hour
        self._events: list[PlannedEvent] = []

    def written(self) -> list[PlannedEvent]:
        at = self._chance.uniform(0, CAPTURED_WITHIN)
        handed_over_at = self._arrive(at)
        if handed_over_at is not None:
            contact_at = self._react(handed_over_at)
            if contact_at is not None:
                self._go_on(contact_at)
        self._events += [
            PlannedEvent(e.lead, e.id, e.type, e.sent_after + self._hour * 0.02, repeats=True)
            for e in self._events
            if self._chance.random() < REPEATED
        ]
        return self._events

    def _arrive(self, at: float) -> float | None:
        """How the lead comes in; when it goes to sales, if it does."""
        captured = cast.capture(self._chance, self._lead)
        way = self._chance.choices(("raised", "engaged", "event", "reader"), (80, 8, 7, 5))[0]
        if way == "event":
            captured |= {"source": "trade_show", "campaign": "autumn_fair", "content": "booth_talk"}
        self._add("lead.captured", at, captured)
        if way == "raised":
            kind = self._chance.choices(cast.RAISED, cast.RAISED_WEIGHTS)[0]
            self._add("lead.hand_raised", at, {"kind": kind, "words": self._chance.choice(cast.WORDS)})
            return at
        if way == "event":
            self._add("lead.qualified", at + 0.05, {"reason": "met at the fair"})
            return at + 0.05
        self._add(
            "lead.engaged", at + 0.1, {"kind": "content_downloaded", "content": captured["content"], "points": 20}
        )
        if way == "reader":
            return None
        self._add("lead.engaged", at + 0.2, {"kind": "event_attended", "content": "webinar_speed", "points": 40})
        return at + 0.2

    def _react(self, at: float) -> float | None:
        """How sales reacts to a lead it got at `at`; when it is first touched, if it may be at all."""
        chance = self._chance
        reaction = chance.choices(tuple(REACTIONS), tuple(REACTIONS.values()))[0]
        if reaction == "within_an_hour":
            return self._touch(at + chance.uniform(0.08, 0.9))
        if chance.random() < AUTOMATIC:
            self._add(
                "lead.touched", at + chance.uniform(0.05, 0.3), {"channel": "email", "mode": "sequence_auto"}, By.OWNER
            )
        if reaction == "within_a_day" and chance.random() < LATE_WORD:
            return self._touch(at + chance.uniform(1.3, 2.2), By.FIRST_OWNER, happened=at + chance.uniform(0.4, 0.9))
        if reaction == "never" and chance.random() < GIVEN_BACK_UNSEEN:
            self._add("lead.rejected", at + chance.uniform(0.3, 0.9), {"reason": "wrong_territory"}, By.OWNER)
        rescued_at = self._rescue(at)
        if reaction == "never":
            return rescued_at
        within = (1.1, BUSINESS_DAY - 1) if reaction == "within_a_day" else (BUSINESS_DAY + 0.2, BUSINESS_DAY + 2.5)
        own_at = self._touch(at + chance.uniform(*within))
        return own_at if rescued_at is None else min(own_at, rescued_at)

    def _rescue(self, at: float) -> float | None:
        """Whoever gets the lead from the ladder may do better than the first."""
        chance = self._chance
        if chance.random() < SECOND_OWNER:
            return self._touch(at + _MOVED_AFTER + chance.uniform(0.1, 0.8), By.NEXT_OWNER)
        if chance.random() < THIRD_OWNER:
            return self._touch(at + _MOVED_AGAIN_AFTER + chance.uniform(0.1, 0.8), By.NEXT_OWNER)
        return None

    def _touch(self, at: float, by: By = By.OWNER, happened: float | None = None) -> float:
        chance = self._chance
        connected = chance.random() < CONNECTED
        data: dict[str, Any] = {"channel": "call", "connected": connected}
        if chance.random() < WRITES and happened is None:
            data = {"channel": "email", "mode": chance.choice(("manual", "sequence_manual"))}
        elif connected:
            data["duration_seconds"] = chance.randint(40, 900)
        self._add("lead.touched", at, data, by, happened=happened)
        return at

    def _go_on(self, at: float) -> None:
        """What follows a first touch."""
        chance = self._chance
        way = chance.choices(("rejected", "recycled", "meeting", "worked"), (18, 9, 38, 35))[0]
        if way == "rejected":
            reasons = ("no_fit", "no_budget", "no_need", "competitor", "wrong_territory", "duplicate", "bad_data")
            reason = chance.choices(reasons, (25, 25, 20, 8, 8, 8, 6))[0]
            self._later("lead.rejected", at + chance.uniform(0.3, 1.5), {"reason": reason})
        elif way == "recycled":
            self._later("lead.recycled", at + chance.uniform(0.5, 2), {"reason": "bad_timing"})
        elif way == "worked":
            connected = chance.random() < CONNECTED
            self._later("lead.touched", at + chance.uniform(1, 3), {"channel": "call", "connected": connected})
        else:
            self._meet(at + chance.uniform(0.2, 0.6))

    def _meet(self, at: float) -> None:
        chance = self._chance
        meeting = {"meeting": f"meeting-{self._lead}"}
        self._later("lead.meeting_booked", at, meeting, meets=at + 0.9)
        self._later("lead.meeting_held", at + 0.9, meeting, meets=at + 0.9)
        deal = {
            "opportunity": f"deal-{self._lead}",
            "amount": chance.choice((4_000, 9_000, 18_000, 45_000)),
            "currency": "EUR",
        }
        self._later("lead.opportunity_opened", at + 1.1, deal)
        self._later("content.used", at + 1.2, {"content": chance.choice(("case_study_logistics", "roi_sheet"))})
        end, ended_at = chance.random(), at + 1.5 + chance.uniform(0.5, 3)
        if end < WON:
            self._later("lead.won", ended_at, deal)
            self._later("lead.feedback_given", ended_at + 0.1, {"quality": chance.randint(3, 5)})
        elif end < WON + LOST:
            reason = chance.choice(("chose_other", "no_budget", "no_need"))
            self._later("lead.lost", ended_at, deal | {"reason": reason})

    def _later(self, type_: str, at: float, data: dict[str, Any], meets: float | None = None) -> None:
        self._add(type_, at, data, By.OWNER, meets=meets, after_touch=True)

    def _add(
        self,
        type_: str,
        at: float,
        data: dict[str, Any],
        by: By = By.NOBODY,
        *,
        happened: float | None = None,
        meets: float | None = None,
        after_touch: bool = False,
    ) -> None:
        self._events.append(
            PlannedEvent(
                lead=self._lead,
                id=f"{self._lead:06}-{len(self._events):02}",
                type=type_,
                sent_after=self._hour * at,
                happened_after=None if happened is None else self._hour * happened,
                meets_after=None if meets is None else self._hour * meets,
                data=data,
                by=by,
                after_touch=after_touch,
            )
        )
