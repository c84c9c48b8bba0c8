"""A letter that may have come through, though nobody said so: it is repeated as it was, and its reader hears once."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from leads.brief import Standing
from leads.post import Ending, Fate
from storage.actions import LEASE
from storage.turn_sql import UNDONE
from tests.activities.teller import Teller
from tests.desk import NOON, Desk, notice
from tests.smtp_sink import SmtpSink

ANA = "ana@sales.example"
MINUTE = timedelta(minutes=1)
RELEASE = NOON + 5 * MINUTE
LEAD = UUID(int=7)


@pytest.fixture
def teller(desk: Desk, smtp_sink: SmtpSink) -> Teller:
    return Teller(desk, smtp_sink)


async def issued(desk: Desk, number: int) -> UUID:
    return await desk.issue(notice("overtaken"), f"notice:{number}", lead=LEAD)


async def held(desk: Desk, teller: Teller, size: int) -> list[UUID]:
    """Notices that wait for a digest to Ana, who has had three."""
    actions = [await issued(desk, number) for number in range(3 + size)]
    answers = [await teller.tell(action) for action in actions]
    assert answers == ["sent"] * 3 + ["put_off"] * size
    return actions[3:]


async def in_doubt(sink: SmtpSink, desk: Desk, teller: Teller, action: UUID, at: datetime = NOON) -> None:
    """Have it tried by a server that takes the letter and hangs up."""
    sink.accept()
    sink.lose_answers()
    assert await teller.tell(action, at) == "put_off"
    sink.accept()
    assert (await desk.row(action)).error_code == "mail_disconnected"


def letters(sink: SmtpSink) -> list[str]:
    """Message ids in the order in which they came."""
    return [str(delivery.message["Message-ID"]) for delivery in sink.to(ANA)]


async def may_withdraw(desk: Desk, action: UUID) -> bool:
    query = text(UNDONE.replace("%(lead_id)s", ":lead_id"))
    async with desk.engine.connect() as connection:
        rows = (await connection.execute(query, {"lead_id": LEAD})).all()
    return bool(next(row.may_withdraw for row in rows if row.action_id == action))


async def test_a_letter_in_doubt_is_repeated_alone_though_others_wait(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    first = await issued(desk, 0)
    await in_doubt(smtp_sink, desk, teller, first)
    others = [await issued(desk, number) for number in range(1, 5)]
    # it counts among the three that Ana gets one by one, and is no digest that others could join
    assert [await teller.tell(action) for action in others] == ["sent", "sent", "put_off", "put_off"]

    assert await teller.tell(first, NOON + timedelta(hours=1)) == "sent"

    assert [letter for letter in letters(smtp_sink) if str(first) in letter] == [letters(smtp_sink)[0]] * 2
    assert (await desk.row(first)).state == "done"


async def test_a_digest_in_doubt_is_repeated_as_it_was_and_what_came_since_stands_in_another(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    one, two = await held(desk, teller, 2)
    await in_doubt(smtp_sink, desk, teller, one, RELEASE)
    three, four = await issued(desk, 10), await issued(desk, 11)
    assert [await teller.tell(action, RELEASE) for action in (three, four)] == ["put_off"] * 2

    answers = [await teller.tell(action, RELEASE + timedelta(hours=1)) for action in (three, one, two, four)]

    assert answers == ["sent", "sent", "already_done", "already_done"]
    digest, fresh, again = letters(smtp_sink)[3:]
    assert digest == again != fresh
    assert [delivery.message["Subject"] for delivery in smtp_sink.to(ANA)[3:]] == ["2 notices: 2 to check"] * 3


async def test_a_digest_that_a_dead_worker_may_have_sent_is_repeated_as_it_was(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    one, two = await held(desk, teller, 2)
    dead = await desk.store.claim(one, RELEASE)
    assert dead.standing is Standing.GRANTED
    three = await issued(desk, 10)
    assert await teller.tell(three, RELEASE) == "put_off"
    after = RELEASE + LEASE + timedelta(hours=1)

    assert [await teller.tell(action, after) for action in (two, one, three)] == ["sent", "already_done", "sent"]

    subjects = [delivery.message["Subject"] for delivery in smtp_sink.to(ANA)[3:]]
    assert subjects[0] == "2 notices: 2 to check"
    assert subjects[1].startswith("Check who has this lead")


async def test_what_is_left_of_a_digest_in_doubt_keeps_its_id(desk: Desk, smtp_sink: SmtpSink, teller: Teller) -> None:
    one, two = await held(desk, teller, 2)
    await in_doubt(smtp_sink, desk, teller, one, RELEASE)
    await desk.set_row(two, state="withdrawn", retry_at=None)

    assert await teller.tell(one, RELEASE + timedelta(hours=1)) == "sent"

    digest, again = letters(smtp_sink)[3:]
    assert digest == again
    assert (await desk.row(one)).payload["digests"]["ana"] in digest


async def test_a_notice_in_doubt_is_withdrawn_by_no_step(desk: Desk, smtp_sink: SmtpSink, teller: Teller) -> None:
    action = await issued(desk, 0)
    smtp_sink.refuse()
    assert await teller.tell(action) == "put_off"
    assert await may_withdraw(desk, action)  # the server said no

    await in_doubt(smtp_sink, desk, teller, action, NOON + timedelta(hours=1))

    assert not await may_withdraw(desk, action)


async def test_a_notice_in_doubt_that_nobody_needs_any_more_counts_as_heard(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    action = await desk.issue(notice("unassigned", "owner:ana"), lead=LEAD)
    await in_doubt(smtp_sink, desk, teller, action)
    await desk.set_row(action, template="retraction")  # of what she never heard

    assert await teller.tell(action, NOON + timedelta(hours=1)) == "already_done"

    row = await desk.row(action)
    assert (row.state, row.payload["told"], row.payload["presumed"]) == ("done", ["ana"], ["ana"])
    assert len(letters(smtp_sink)) == 1  # and its correction would go out


async def test_who_takes_a_notice_over_for_one_hearer_remembers_the_letter_to_another(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    for_ben = [await desk.issue(notice("overtaken", "owner:ben"), f"ben:{number}", lead=LEAD) for number in range(4)]
    assert [await teller.tell(action) for action in for_ben] == ["sent"] * 3 + ["put_off"]
    both = await desk.issue(notice("overtaken", "owner:ana", "owner:ben"), "both", lead=LEAD)
    dead = await desk.store.claim(both, NOON)
    post = await desk.store.post(dead, NOON)
    assert post is not None
    assert [parcel.hearer.key for parcel in post.parcels] == ["ana"]  # for Ben it is held
    others = [await issued(desk, number) for number in range(3)]
    assert [await teller.tell(action) for action in others] == ["sent", "sent", "put_off"]
    after = RELEASE + LEASE

    smtp_sink.refuse()
    assert await teller.tell(for_ben[3], after) == "put_off"  # and `both` with it
    smtp_sink.accept()
    answers = [await teller.tell(action, after + timedelta(hours=1)) for action in (others[2], both)]

    assert answers == ["sent", "sent"]
    assert [str(action) in letter for action, letter in zip([*others, both], letters(smtp_sink), strict=True)] == (
        [True] * 4
    )


async def test_a_worker_thought_dead_takes_no_letter_from_the_one_that_repeats_it(desk: Desk, teller: Teller) -> None:
    one, two = await held(desk, teller, 2)
    dead = await desk.store.claim(one, RELEASE)
    post = await desk.store.post(dead, RELEASE)
    assert post is not None
    after = RELEASE + LEASE
    alive = await desk.store.claim(two, after)

    refused = [Fate(parcel=parcel, code="address_refused") for parcel in post.parcels]
    parked = Ending(state="parked", code="address_refused")
    await desk.store.settle(dead, after, parked, refused, last_attempt=12)

    again = await desk.store.post(alive, after)
    assert again is not None
    assert [parcel.letter_id for parcel in again.parcels] == [parcel.letter_id for parcel in post.parcels]


async def test_a_digest_given_up_in_doubt_is_repeated_as_it_was_when_somebody_tries_it_again(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    teller = Teller(desk, smtp_sink, most_attempts=1)
    one, two = await held(desk, teller, 2)
    smtp_sink.lose_answers()
    assert await teller.tell(one, RELEASE) == "parked"
    smtp_sink.accept()
    assert [(await desk.row(action)).state for action in (one, two)] == ["parked"] * 2

    later = NOON + timedelta(hours=1)
    assert [await desk.store.retry_parked(action, later) for action in (one, two)] == [True] * 2
    assert [await teller.tell(action, later) for action in (one, two)] == ["sent", "already_done"]

    digest, again = letters(smtp_sink)[3:]
    assert digest == again
