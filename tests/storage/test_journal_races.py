import asyncio

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.journal import EventConflict, Journal, Receipt
from storage.tables import journal as journal_table
from tests.storage.new_events import NOON, count, new_event


async def test_batches_in_opposite_order_do_not_deadlock(engine: AsyncEngine) -> None:
    one, two = Journal(engine), Journal(engine)
    subjects = [f"lead-{i}" for i in range(60)]
    await one.append([new_event(f"first-{subject}", subject=subject) for subject in subjects], NOON)

    for turn in range(50):
        there = [new_event(f"a-{turn}-{subject}", subject=subject) for subject in subjects]
        back = [new_event(f"b-{turn}-{subject}", subject=subject) for subject in reversed(subjects)]
        await asyncio.gather(one.append(there, NOON), two.append(back, NOON))

    async with engine.connect() as connection:
        deadlocks = await connection.scalar(
            text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        )
        numbers = await connection.execute(
            select(func.count(), func.max(journal_table.c.number)).group_by(journal_table.c.lead_id)
        )
    assert deadlocks == 0
    assert {tuple(row) for row in numbers} == {(101, 101)}  # 1 + 50 rounds × 2, without gaps
    await one.close()
    await two.close()


async def test_new_subjects_in_opposite_order_do_not_deadlock(engine: AsyncEngine) -> None:
    one, two = Journal(engine), Journal(engine)

    for turn in range(20):
        subjects = [f"lead-{turn}-{i}" for i in range(60)]
        there = [new_event(f"a-{subject}", subject=subject) for subject in subjects]
        back = [new_event(f"b-{subject}", subject=subject) for subject in reversed(subjects)]
        await asyncio.gather(one.append(there, NOON), two.append(back, NOON))

    async with engine.connect() as connection:
        deadlocks = await connection.scalar(
            text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        )
    assert deadlocks == 0
    assert (await count(engine, "leads"), await count(engine, "journal")) == (1200, 2400)
    await one.close()
    await two.close()


@pytest.mark.parametrize("size", [1, 80])
async def test_the_same_events_sent_at_once_are_new_exactly_once(engine: AsyncEngine, size: int) -> None:
    journals = [Journal(engine) for _ in range(4)]
    events = [new_event(str(i), subject=f"lead-{i % 7}") for i in range(size)]

    answers = await asyncio.gather(*[journal.append(events, NOON) for journal in journals])

    for place in range(size):
        assert sorted(answer[place].duplicate for answer in answers) == [False, True, True, True]
        assert len({(answer[place].lead_id, answer[place].sequence) for answer in answers}) == 1
    assert await count(engine, "journal") == size
    for journal in journals:
        await journal.close()


async def test_two_first_events_of_one_subject_at_once_make_one_lead(engine: AsyncEngine) -> None:
    journals = [Journal(engine) for _ in range(4)]

    answers = await asyncio.gather(
        *[journal.append([new_event(str(number))], NOON) for number, journal in enumerate(journals)]
    )

    assert len({answer[0].lead_id for answer in answers}) == 1
    assert sorted(answer[0].sequence for answer in answers) == [1, 2, 3, 4]
    assert await count(engine, "leads") == 1
    for journal in journals:
        await journal.close()


async def test_single_events_of_a_known_lead_at_once_are_numbered_without_gaps(engine: AsyncEngine) -> None:
    journals = [Journal(engine) for _ in range(4)]
    await journals[0].append([new_event("first")], NOON)

    for turn in range(10):
        await asyncio.gather(*[one.append([new_event(f"{turn}-{i}")], NOON) for i, one in enumerate(journals)])

    async with engine.connect() as connection:
        numbers = (await connection.execute(text("SELECT number FROM journal ORDER BY number"))).scalars().all()
        box = (await connection.execute(text("SELECT last_sequence, ring_due_at, rings FROM mailboxes"))).one()
    assert numbers == list(range(1, 42))
    assert tuple(box) == (41, NOON, 0)
    for journal in journals:
        await journal.close()


async def test_events_of_one_account_at_once_are_numbered_without_gaps(engine: AsyncEngine) -> None:
    journals = [Journal(engine) for _ in range(3)]

    answers = await asyncio.gather(
        *[
            journal.append([new_event(str(n), type="account.updated", subject="acme", data={})], NOON)
            for n, journal in enumerate(journals)
        ]
    )

    assert sorted(answer[0].sequence for answer in answers) == [1, 2, 3]
    for journal in journals:
        await journal.close()


async def test_small_appends_at_once_share_a_transaction_and_each_gets_its_own_answer(
    journal: Journal, engine: AsyncEngine
) -> None:
    answers = await asyncio.gather(
        *[journal.append([new_event(str(i), subject=f"lead-{i % 5}")], NOON) for i in range(100)]
    )

    assert [answer[0].id for answer in answers] == [str(i) for i in range(100)]
    async with engine.connect() as connection:
        transactions = await connection.scalar(text("SELECT count(DISTINCT xmin::text) FROM journal"))
    assert transactions is not None
    assert transactions < 10


async def test_a_conflict_among_small_appends_is_its_senders_alone(journal: Journal, engine: AsyncEngine) -> None:
    await journal.append([new_event("1")], NOON)

    answers = await asyncio.gather(
        *[
            journal.append([event], NOON)
            for event in (new_event("2"), new_event("1", data={"source": "fair"}), new_event("3"))
        ],
        return_exceptions=True,
    )

    assert [type(answer) for answer in answers] == [list, EventConflict, list]
    assert await count(engine, "journal") == 3


async def test_a_sender_that_hangs_up_takes_no_other_along(journal: Journal, engine: AsyncEngine) -> None:
    calls = [asyncio.create_task(journal.append([new_event(str(i))], NOON)) for i in range(6)]
    await asyncio.sleep(0)
    calls[0].cancel()

    answers = await asyncio.gather(*calls, return_exceptions=True)

    kept = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert isinstance(answers[0], asyncio.CancelledError)
    assert len(kept) == 5
    assert all(isinstance(receipt, Receipt) for answer in kept for receipt in answer)
    assert await count(engine, "journal") == 6
