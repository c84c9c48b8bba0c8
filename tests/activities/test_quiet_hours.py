"""Quiet hours are each person's own: what one may hear now waits for another until it is morning where they live.

The playbook's calendar is in UTC; owners are left in peace from 20:00 to 08:00.
"""

from datetime import timedelta
from uuid import UUID

import pytest

from storage.actions import LEASE
from tests.activities.teller import Teller
from tests.desk import NOON, Desk, notice
from tests.smtp_sink import SmtpSink

EVENING = NOON + timedelta(hours=10)
"""22:00 UTC: 18:00 in New York, Tuesday 07:00 in Tokyo."""
TOKYO_MORNING = NOON + timedelta(hours=11)
MORNING = NOON + timedelta(hours=20)


@pytest.fixture
def teller(desk: Desk, smtp_sink: SmtpSink) -> Teller:
    return Teller(desk, smtp_sink)


async def issued(desk: Desk, number: int, *to: str) -> UUID:
    return await desk.issue(notice("overtaken", *to), lead=UUID(int=number))


async def test_whoever_is_awake_is_told_and_the_others_in_their_own_morning(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    await desk.change("ana", timezone="America/New_York")
    await desk.change("ben", timezone="Asia/Tokyo")
    await desk.hire("cleo")
    action = await issued(desk, 1, "owner:ana", "owner:ben", "owner:cleo")

    assert await teller.tell(action, EVENING) == "put_off"
    row = await desk.row(action)
    assert (row.payload["told"], row.retry_at) == (["ana"], TOKYO_MORNING)
    assert await teller.tell(action, TOKYO_MORNING) == "put_off"
    assert (await desk.row(action)).retry_at == MORNING
    assert await teller.tell(action, MORNING) == "sent"
    assert [len(smtp_sink.to(f"{name}@sales.example")) for name in ("ana", "ben", "cleo")] == [1, 1, 1]


async def test_what_was_held_until_it_is_night_where_the_person_lives_waits_for_their_morning(
    desk: Desk, teller: Teller
) -> None:
    await desk.change("ana", timezone="Asia/Kolkata")
    soon = NOON + timedelta(hours=2, minutes=27)  # 19:57 there
    actions = [await issued(desk, number, "owner:ana") for number in range(4)]
    assert [await teller.tell(action, soon) for action in actions] == ["sent"] * 3 + ["put_off"]

    # the digest would leave at 20:02 there; 08:00 there is 02:30 UTC
    assert (await desk.row(actions[3])).retry_at == NOON + timedelta(hours=14, minutes=30)


async def test_somebody_who_has_moved_since_is_left_in_peace_where_they_are_now(desk: Desk, teller: Teller) -> None:
    actions = [await issued(desk, number, "owner:ana") for number in range(4)]
    assert [await teller.tell(action, NOON) for action in actions][3] == "put_off"
    await desk.change("ana", timezone="Asia/Tokyo")  # 21:05 there, when it is to go out

    assert await teller.tell(actions[3], NOON + timedelta(minutes=5)) == "put_off"
    assert (await desk.row(actions[3])).retry_at == TOKYO_MORNING


async def test_a_letter_that_could_not_be_sent_is_tried_again_in_the_persons_morning(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    await desk.change("ana", timezone="Asia/Kolkata")
    action = await issued(desk, 1, "owner:ana")
    smtp_sink.refuse()

    late = NOON + timedelta(hours=2, minutes=29)  # 19:59 there
    assert await teller.tell(action, late) == "put_off"
    assert (await desk.row(action)).retry_at == NOON + timedelta(hours=14, minutes=30)


async def test_a_worker_that_died_over_a_letter_leaves_it_to_the_morning_where_the_person_lives(
    desk: Desk, teller: Teller
) -> None:
    await desk.change("ana", timezone="Asia/Tokyo")
    actions = [await issued(desk, number, "owner:ana") for number in range(4)]
    before = NOON - timedelta(hours=1, minutes=10)  # 19:50 there
    for action in actions:
        await teller.tell(action, before)
    await desk.claimed(actions[3], before + timedelta(minutes=5))

    assert before + timedelta(minutes=5) + LEASE < NOON
    assert await teller.tell(actions[3], NOON) == "put_off"
    assert (await desk.row(actions[3])).retry_at == TOKYO_MORNING
