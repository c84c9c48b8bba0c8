"""Enough is enough: what is more than a person wants at once, or comes at night, goes out together."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from leads.brief import Standing
from storage.actions import LEASE
from storage.tables import letters
from tests.activities.teller import Teller
from tests.desk import NOON, Desk, notice
from tests.smtp_sink import SmtpSink

ANA, MIRA = "ana@sales.example", "mira@sales.example"
MINUTE = timedelta(minutes=1)
RELEASE = NOON + 5 * MINUTE
NIGHT, MORNING = NOON + timedelta(hours=10), NOON + timedelta(hours=20)


@pytest.fixture
def teller(desk: Desk, smtp_sink: SmtpSink) -> Teller:
    return Teller(desk, smtp_sink)


async def issued(desk: Desk, number: int, *to: str, template: str = "overtaken", **data: Any) -> UUID:
    """A notice about a lead of its own."""
    return await desk.issue(notice(template, *to, **data), lead=UUID(int=number))


async def burst(desk: Desk, teller: Teller, size: int, at: datetime = NOON) -> list[UUID]:
    """So many notices to Ana at once, told in turn; those that are held are returned."""
    actions = [await issued(desk, number) for number in range(size)]
    answers = [await teller.tell(action, at) for action in actions]
    assert answers == ["sent"] * min(size, 3) + ["put_off"] * (size - 3)
    return actions[3:]


async def states(desk: Desk, actions: list[UUID]) -> list[str]:
    return [(await desk.row(action)).state for action in actions]


async def test_three_notices_go_out_one_by_one_and_what_comes_then_as_one_digest(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    held = await burst(desk, teller, 6)
    late = await issued(desk, 9)
    assert await teller.tell(late, NOON + 4 * MINUTE) == "put_off"

    answers = [await teller.tell(action, RELEASE) for action in [*held, late]]

    assert answers == ["sent", "already_done", "already_done", "already_done"]
    subjects = [delivery.message["Subject"] for delivery in smtp_sink.to(ANA)]
    assert len(subjects) == 4
    assert subjects[3] == "4 notices: 4 to check"
    assert await states(desk, [*held, late]) == ["done"] * 4


async def test_what_is_held_has_cost_no_attempt(desk: Desk, teller: Teller) -> None:
    [held] = await burst(desk, teller, 4)

    row = await desk.row(held)
    assert (row.state, row.attempts, row.retry_at, row.payload.get("told")) == ("pending", 0, RELEASE, None)


async def test_one_held_alone_goes_out_as_its_ordinary_letter(desk: Desk, smtp_sink: SmtpSink, teller: Teller) -> None:
    [held] = await burst(desk, teller, 4)

    assert await teller.tell(held, RELEASE) == "sent"

    assert smtp_sink.to(ANA)[3].message["Subject"].startswith("Check who has this lead")
    assert str(held) in smtp_sink.to(ANA)[3].message["Message-ID"]


async def test_a_digest_counts_as_one_notice(desk: Desk, smtp_sink: SmtpSink, teller: Teller) -> None:
    held = await burst(desk, teller, 9)
    await teller.tell(held[0], RELEASE)

    later = NOON + 11 * MINUTE  # the first three have left the window
    answers = [await teller.tell(await issued(desk, 20 + number), later) for number in range(3)]

    assert answers == ["sent", "sent", "put_off"]
    assert len(smtp_sink.to(ANA)) == 6


async def test_leads_that_wake_at_once_send_one_digest(desk: Desk, smtp_sink: SmtpSink, teller: Teller) -> None:
    held = await burst(desk, teller, 11)

    answers = await asyncio.gather(*(teller.tell(action, RELEASE) for action in held))

    assert answers.count("sent") == 1
    assert set(answers) <= {"sent", "put_off", "already_done"}
    assert len(smtp_sink.to(ANA)) == 4
    assert await states(desk, held) == ["done"] * 8


async def test_what_became_pointless_while_it_was_held_is_left_out(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    held = await burst(desk, teller, 6)
    await desk.set_row(held[1], state="withdrawn", retry_at=None)

    assert [await teller.tell(action, RELEASE) for action in held] == ["sent", "withdrawn", "already_done"]
    assert smtp_sink.to(ANA)[3].message["Subject"] == "2 notices: 2 to check"


async def test_a_digest_that_cannot_be_sent_is_held_again_and_nothing_is_lost(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    held = await burst(desk, teller, 6)
    smtp_sink.refuse()
    assert await teller.tell(held[0], RELEASE) == "put_off"

    rows = [await desk.row(action) for action in held]
    assert {(row.state, row.attempts, row.error_code) for row in rows} == {("pending", 1, "mail_sender_refused")}
    assert max(row.retry_at for row in rows) - min(row.retry_at for row in rows) < MINUTE / 60
    smtp_sink.accept()

    again = max(row.retry_at for row in rows)
    assert [await teller.tell(action, again) for action in held] == ["sent", *["already_done"] * 2]
    assert len(smtp_sink.to(ANA)) == 4


async def test_an_address_that_is_refused_parks_all_that_was_to_go_there(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    held = await burst(desk, teller, 6)
    smtp_sink.refuse_recipient(ANA, "550 5.1.1 no such user")

    assert await teller.tell(held[0], RELEASE) == "parked"

    assert await desk.store.count_parked() == {"address_refused": 3}
    smtp_sink.accept_recipients()
    assert await desk.store.retry_parked(held[1], RELEASE)
    assert await teller.tell(held[1], NOON + timedelta(hours=1)) == "sent"


async def test_after_the_last_attempt_all_of_a_digest_are_parked(desk: Desk, smtp_sink: SmtpSink) -> None:
    teller = Teller(desk, smtp_sink, most_attempts=1)
    held = await burst(desk, teller, 6)
    smtp_sink.refuse()

    assert await teller.tell(held[0], RELEASE) == "parked"
    assert await desk.store.count_parked() == {"mail_sender_refused": 3}


async def test_what_a_worker_had_taken_when_it_died_is_sent_by_another(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    held = await burst(desk, teller, 6)
    dead = await desk.store.claim(held[0], RELEASE)
    assert dead.standing is Standing.GRANTED

    assert await teller.tell(held[1], RELEASE + MINUTE / 4) == "put_off"
    assert len(smtp_sink.to(ANA)) == 3

    assert await teller.tell(held[1], RELEASE + LEASE) == "sent"
    assert smtp_sink.to(ANA)[3].message["Subject"] == "3 notices: 3 to check"
    assert await states(desk, held) == ["done"] * 3


async def test_a_digest_sent_twice_is_recognised_by_its_message_id(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    held = await burst(desk, teller, 5)
    await teller.tell(held[0], RELEASE)
    # as a worker leaves it that dies right after the server's answer
    lease_end = RELEASE + LEASE
    async with desk.engine.begin() as connection:
        taken = letters.update().where(letters.c.action_id.in_(held))
        await connection.execute(taken.values(state="taken", release_at=lease_end))
    for action in held:
        payload = {"to": ["owner:ana"], "about": "none"}
        await desk.set_row(action, state="claimed", retry_at=lease_end, done_at=None, payload=payload)

    assert await teller.tell(held[1], lease_end) == "sent"

    first, again = (delivery.message["Message-ID"] for delivery in smtp_sink.to(ANA)[3:])
    assert first == again


async def test_at_night_owners_are_left_in_peace_and_managers_are_told(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    actions = [await issued(desk, number, "owner:ana", "manager:ana") for number in range(3)]

    assert [await teller.tell(action, NIGHT) for action in actions] == ["put_off"] * 3
    assert (len(smtp_sink.to(ANA)), len(smtp_sink.to(MIRA))) == (0, 3)
    row = await desk.row(actions[0])
    assert (row.state, row.attempts, row.retry_at, row.payload["told"]) == ("pending", 0, MORNING, ["mira"])

    answers = [await teller.tell(action, MORNING) for action in actions]
    assert answers == ["sent", "already_done", "already_done"]
    assert [delivery.message["Subject"] for delivery in smtp_sink.to(ANA)] == ["3 notices: 3 to check"]
    assert len(smtp_sink.to(MIRA)) == 3


async def test_what_was_due_before_the_night_but_left_undone_waits_for_the_morning(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    held = await burst(desk, teller, 5)

    assert await teller.tell(held[0], NIGHT) == "put_off"
    assert (await desk.row(held[0])).retry_at == MORNING
    assert [await teller.tell(action, MORNING) for action in held] == ["sent", "already_done"]
    assert len(smtp_sink.to(ANA)) == 4


async def test_a_channel_has_its_own_measure(desk: Desk, teller: Teller) -> None:
    await burst(desk, teller, 5)

    assert await teller.tell(await issued(desk, 9, "channel:sales")) == "sent"


async def test_rows_of_letters_are_removed_after_a_day(desk: Desk, teller: Teller) -> None:
    [held] = await burst(desk, teller, 4)
    await desk.set_row(held, state="withdrawn")
    assert await teller.tell(await issued(desk, 9), NOON + timedelta(hours=25)) == "sent"

    async with desk.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(letters)) == 1
