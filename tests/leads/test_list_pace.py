"""How a bulk list goes to sales: by the team's share of the day, in its hours; and marketing's own promise."""

from datetime import datetime, timedelta

import pytest

from leads.list_pace import MOST_AT_ONCE, Pace, UploadOutcome, Waiting, pace, upload_promise
from tests.builders import at, playbook, shelf

HOURS = shelf().in_force(at(0)).hours("working")
"""Monday to Friday 09:00 to 18:00 UTC."""


def waiting(leads: int, *, people: int = 3, gone: int = 0) -> Waiting:
    """Uploaded long ago, to be released to people who take 20 each."""
    return Waiting(leads=leads, first_in_at=at(-600), last_in_at=at(-600), shares=(20,) * people, gone_today=gone)


@pytest.mark.parametrize(
    ("found", "now", "release", "look_at"),
    [
        # 3 people, 20 each; another look in an hour, since somebody may come back
        (waiting(2_000), at(0), 60, at(60)),
        (waiting(2_000, gone=60), at(60), 0, at(120)),
        # somebody came back at noon: 80 in all, 60 of them gone
        (waiting(1_940, people=4, gone=60), at(hours=3), 20, at(hours=4)),
        # in the day's last hour the next look is tomorrow's opening
        (waiting(1_940, gone=60), at(hours=8, minutes=30), 0, at(days=1)),
        # closed: at opening; Saturday waits for Monday
        (waiting(100), at(-30), 0, at(0)),
        (waiting(100), at(days=5), 0, at(days=7)),
        # the rest goes out whole, and nothing is left to look for
        (waiting(12, gone=40), at(60), 12, None),
        (waiting(0), at(60), 0, None),
        # nobody is at work
        (waiting(100, people=0), at(0), 0, at(60)),
        # of a large team so many at once, the rest in a moment
        (waiting(9_000, people=100), at(0), MOST_AT_ONCE, at(0) + timedelta(seconds=10)),
    ],
)  # fmt: skip
def test_the_day_s_share_goes_out_in_the_team_s_hours(
    found: Waiting, now: datetime, release: int, look_at: datetime | None
) -> None:
    assert pace(HOURS, found, now) == Pace(release, look_at)


def test_a_list_that_is_still_coming_in_is_waited_for() -> None:
    """A minute after the last lead, so that the order is of the whole list; 15 minutes after the first at most."""
    coming = Waiting(leads=5, first_in_at=at(-10), last_in_at=at(0), shares=(20,), gone_today=0)
    trickling = Waiting(leads=5, first_in_at=at(-15), last_in_at=at(0), shares=(20,), gone_today=0)

    assert pace(HOURS, coming, at(0)) == Pace(0, at(1))
    assert pace(HOURS, trickling, at(0)).release == 5


@pytest.mark.parametrize(
    ("ended", "uploaded", "outcome", "due", "took_hours"),
    [
        # Monday 17:00 + 18 working hours = Wednesday 17:00
        (at(hours=8), at(days=1), UploadOutcome.MET, at(days=2, hours=8), 1),
        (at(hours=8), at(days=2, hours=8), UploadOutcome.MET, at(days=2, hours=8), 18),
        (at(hours=8), at(days=2, hours=8, minutes=1), UploadOutcome.BREACHED, at(days=2, hours=8), 18 + 1 / 60),
        # Friday evening: the weekend costs nothing, Tuesday's end
        (at(days=4, hours=12), None, UploadOutcome.RUNNING, at(days=8, hours=9), 0),
    ],
)
def test_marketing_has_two_business_days_from_the_event_s_end(
    ended: datetime, uploaded: datetime | None, outcome: UploadOutcome, due: datetime, took_hours: float
) -> None:
    promise = upload_promise(shelf(playbook()), ended, uploaded, at(days=5))

    assert (promise.outcome, promise.due_at) == (outcome, due)
    assert promise.took == timedelta(hours=took_hours)


def test_an_upload_that_never_comes_is_late_when_it_is_due() -> None:
    due = at(days=2, hours=8)

    before = upload_promise(shelf(), at(hours=8), None, due - timedelta(seconds=1))
    after = upload_promise(shelf(), at(hours=8), None, due)

    assert (before.outcome, after.outcome) == (UploadOutcome.RUNNING, UploadOutcome.BREACHED)
