"""The kinds of lives a crowd is made of, and how often each is met: nine in ten have ended."""

from dataclasses import dataclass
from datetime import timedelta

from tests.scripts import ANSWERED, MINUTE, Beat, hears


@dataclass(frozen=True, kw_only=True)
class KindOfLife:
    name: str
    weight: int
    """Among 10,000 leads."""
    beats: tuple[Beat, ...]
    youngest: timedelta
    oldest: timedelta
    """How long ago the first and the last of its kind began."""
    is_last_unread: bool = False
    """The last fact has been accepted, and no step has read it."""
    is_last_undone: bool = False
    """Notices of the facts' steps are still to be sent."""
    is_parked: bool = False
    """Notices of the facts' steps could not be sent."""


def _days(count: float) -> timedelta:
    return timedelta(days=count)


_ASKS = (hears(0, 0, "captured", source="website"), hears(0, 0.01, "hand_raised", kind="demo", words="A demo, please."))
_TALKS = (
    *_ASKS,
    hears(0, 5 * MINUTE, "touched", channel="call", by="ana"),
    hears(0, 2, "replied", channel="email"),
    hears(0, 3, "touched", channel="call", by="ana", connected=True, next_step_at="+20d 1h"),
)
_GROWS = (*_TALKS, hears(1, 2, "opportunity_opened", by="ana", amount=12000, currency="EUR"))
_WINS = (
    *_TALKS,
    hears(1, 2, "assigned", owner="carl", team="closers", by="ana"),
    *(beat for beat in ANSWERED.beats if beat.actor is None and beat.after >= timedelta(days=2)),
)
_READS = (hears(0, 0, "captured", source="webinar"), hears(0, 1, "engaged", kind="page_viewed", points=5))
_GIVES_UP = (
    *_ASKS,
    *(hears(day, 1, "touched", channel="call" if day % 2 else "email", by="ana") for day in range(1, 5)),
    hears(5, 2, "recycled", by="ana", reason="no_budget"),
)

KINDS = (
    KindOfLife(
        name="no lead", weight=2800, youngest=_days(3), oldest=_days(700),
        beats=(hears(0, 0, "captured", source="website"), hears(0, 1, "disqualified", kind="not_a_lead")),
    ),
    KindOfLife(
        name="no fit", weight=3000, youngest=_days(5), oldest=_days(700),
        beats=(*_READS, hears(2, 1, "disqualified", kind="hard", reason="no_fit")),
    ),
    KindOfLife(
        name="lost", weight=2200, youngest=_days(12), oldest=_days(700),
        beats=(*_TALKS, hears(9, 2, "lost", by="ana", reason="no_budget")),
    ),
    KindOfLife(
        name="won", weight=700, youngest=_days(8), oldest=_days(700), beats=_WINS,
    ),
    KindOfLife(
        name="overlooked", weight=300, youngest=_days(15), oldest=_days(700),
        beats=(*_ASKS, hears(10, 2, "lost", reason="no_answer")),
    ),
    KindOfLife(name="nurtured", weight=430, youngest=_days(3), oldest=_days(300), beats=_READS),
    KindOfLife(name="given up", weight=150, youngest=_days(8), oldest=_days(40), beats=_GIVES_UP),
    KindOfLife(name="just in", weight=80, youngest=timedelta(minutes=2), oldest=timedelta(minutes=14), beats=_ASKS),
    KindOfLife(name="overdue", weight=60, youngest=timedelta(minutes=40), oldest=timedelta(hours=5), beats=_ASKS),
    KindOfLife(name="ignored", weight=40, youngest=_days(4), oldest=_days(20), beats=_ASKS),
    KindOfLife(name="worked", weight=130, youngest=_days(3), oldest=_days(18), beats=_TALKS),
    KindOfLife(name="closing", weight=20, youngest=_days(4), oldest=_days(15), beats=_WINS[:-1]),
    KindOfLife(name="in talks", weight=60, youngest=_days(4), oldest=_days(15), beats=_GROWS),
    KindOfLife(
        name="with mail", weight=10, youngest=_days(3), oldest=_days(30), is_last_unread=True,
        beats=(*_READS, hears(2, 22, "engaged", kind="page_viewed", points=1)),
    ),
    KindOfLife(
        name="to be told", weight=10, youngest=timedelta(minutes=4), oldest=timedelta(minutes=14),
        is_last_undone=True, beats=_ASKS,
    ),
    KindOfLife(name="not told", weight=8, youngest=_days(4), oldest=_days(15), is_parked=True, beats=_TALKS),
    KindOfLife(
        name="stuck", weight=2, youngest=_days(3), oldest=_days(30),
        beats=(*_READS, hears(2, 1, "of_a_newer_version")),
    ),
)  # fmt: skip
