"""Lives written down once: told in the documents, and lived on the real thing.

A script says what people and systems do and when, counted from the first event. What Leadloop makes of it is nowhere
in it.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True)
class Beat:
    """One thing that happens. A fact has no actor; a command has one, and is given when it happens."""

    after: timedelta
    name: str
    data: dict[str, Any]
    actor: str | None = None
    heard_after: timedelta | None = None
    """When word of a fact comes, if not at once."""
    is_refused: bool = False

    @property
    def arrives(self) -> timedelta:
        return self.heard_after or self.after


@dataclass(frozen=True)
class Look:
    """A moment to ask why."""

    after: timedelta


@dataclass(frozen=True)
class Script:
    title: str
    about: str
    beats: tuple[Beat, ...]
    looks: tuple[Look, ...] = ()
    ends_after: timedelta = field(default=timedelta())


def hears(days: int, hours: float, name: str, *, heard: tuple[int, float] | None = None, **data: Any) -> Beat:
    heard_after = timedelta(days=heard[0], hours=heard[1]) if heard else None
    return Beat(timedelta(days=days, hours=hours), f"lead.{name}", data, heard_after=heard_after)


def asks(days: int, hours: float, name: str, actor: str, *, is_refused: bool = False, **data: Any) -> Beat:
    return Beat(timedelta(days=days, hours=hours), name, data, actor=actor, is_refused=is_refused)


def look(days: int, hours: float) -> Look:
    return Look(timedelta(days=days, hours=hours))


MINUTE = 1 / 60

ANSWERED = Script(
    "Asked, answered, won",
    "A buyer asks for a demo. The rep reaches out in time, gets through at the second try, agrees on a meeting and "
    "passes the lead on to a closer, who wins it.",
    (
        hears(0, 0, "captured", source="website"),
        hears(0, 0, "hand_raised", kind="demo", words="How much for twenty seats?"),
        hears(0, 6 * MINUTE, "touched", channel="call", by="ana"),
        hears(0, 2, "replied", channel="email"),
        asks(0, 2.5, "touch", "ana", channel="call", connected=True),
        hears(0, 2.6, "meeting_booked", by="ana", at="+2d 1h"),
        hears(2, 2, "meeting_held", by="ana", at="+2d 1h"),
        asks(2, 3, "reassign", "ana", owner="carl", team="closers", reason="ready_for_an_offer"),
        asks(2, 4, "accept", "carl"),
        hears(2, 6.2, "touched", channel="call", by="carl", connected=True),
        hears(2, 7, "opportunity_opened", by="carl", amount=24000, currency="EUR"),
        hears(3, 2, "touched", channel="email", by="carl"),
        hears(4, 3, "won", by="carl", amount=22000, currency="EUR"),
    ),
    (look(0, 0.2), look(2, 5), look(4, 4)),
    timedelta(days=4, hours=4),
)

OVERLOOKED = Script(
    "Overlooked, and one who was not to blame",
    "Nobody seems to reach out. The ladder warns, moves the lead on and tells the manager, and at the horizon it "
    "counts as ignored. Then a dialer that had been cut off delivers a call made in time: what it proves false is "
    "taken back, and nothing else.",
    (
        hears(0, 0, "captured", source="website"),
        hears(0, 0, "hand_raised", kind="pricing"),
        hears(0, 4 * MINUTE, "touched", channel="call", by="ana", heard=(1, 4)),
        asks(1, 5, "touch", "cleo", channel="call", connected=True),
        asks(1, 5.5, "reject", "cleo", reason="no_budget"),
    ),
    (look(0, 1), look(1, 3), look(1, 4.5), look(1, 6)),
    timedelta(days=1, hours=6),
)

GONE_AND_BACK = Script(
    "Out of reach, and back again",
    "A buyer cannot be reached. To give up takes the effort agreed; then marketing keeps in touch, and when the buyer "
    "asks, whoever knows the lead gets it again. The closer finds no budget, gives it back and tells marketing why.",
    (
        hears(0, 0, "captured", source="webinar"),
        hears(0, 0.5, "engaged", kind="content_downloaded", content="routing-guide", points=60),
        hears(0, 2, "touched", channel="call", by="ana"),
        hears(0, 5, "touched", channel="email", by="ana"),
        asks(0, 6, "recycle", "ana", is_refused=True, reason="unable_to_reach"),
        hears(1, 2, "touched", channel="call", by="ana"),
        hears(2, 1, "touched", channel="call", by="ana"),
        hears(3, 3, "touched", channel="email", by="ana"),
        hears(4, 1, "touched", channel="call", by="ana"),
        asks(4, 2, "recycle", "ana", reason="unable_to_reach"),
        hears(21, 1, "hand_raised", kind="call", words="Sorry, I was away. Can we talk today?"),
        hears(21, 1.1, "touched", channel="call", by="ana", connected=True),
        hears(21, 2, "assigned", owner="carl", team="closers", by="ana"),
        hears(21, 3, "touched", channel="call", by="carl", connected=True),
        asks(22, 1, "return", "carl", reason="no_budget"),
        asks(22, 2, "feedback", "carl", quality=3, reason="no_budget", words="Right people, wrong year."),
        hears(22, 3, "touched", channel="call", by="ana", connected=True, next_step_at="+22d 6h"),
        asks(22, 6, "recycle", "ana", reason="no_budget"),
    ),
    (look(0, 6), look(5, 0), look(21, 3.5), look(22, 7)),
    timedelta(days=22, hours=7),
)

SCRIPTS = (ANSWERED, OVERLOOKED, GONE_AND_BACK)
