from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import DatabaseAwayError, create_engine
from storage.journal import EventConflict, Journal, UnstorableEventError, read_all, read_mail
from storage.posting import Verdict
from storage.tables import absences, leads, mailboxes
from tests.storage.new_events import CAPTURED, NOON, count, new_event


async def test_a_first_event_makes_a_provisional_lead_with_mail_number_one(
    journal: Journal, engine: AsyncEngine
) -> None:
    [receipt] = await journal.append([new_event("1")], NOON)

    assert (receipt.sequence, receipt.duplicate) == (1, False)
    async with engine.connect() as connection:
        lead = (await connection.execute(select(leads))).one()
        box = (await connection.execute(select(mailboxes))).one()
    assert (lead.lead_id, lead.stage, lead.provisional, lead.created_at) == (receipt.lead_id, "provisional", True, NOON)
    assert (box.lead_id, box.last_sequence, box.read_to, box.ring_due_at) == (receipt.lead_id, 1, 0, NOON)


async def test_a_repeat_is_a_success_that_changes_nothing(journal: Journal, engine: AsyncEngine) -> None:
    [first] = await journal.append([new_event("1")], NOON)

    [again] = await journal.append([new_event("1")], NOON + timedelta(hours=1))

    assert again.duplicate
    assert (again.lead_id, again.sequence) == (first.lead_id, first.sequence)
    async with engine.connect() as connection:
        box = (await connection.execute(select(mailboxes))).one()
    assert (box.last_sequence, box.ring_due_at) == (1, NOON)
    assert await count(engine, "journal") == 1


async def test_a_repeat_inside_a_batch_is_a_duplicate_of_the_first(journal: Journal) -> None:
    first, twin, other = await journal.append([new_event("1"), new_event("1"), new_event("2")], NOON)

    assert (first.duplicate, twin.duplicate, other.duplicate) == (False, True, False)
    assert (first.sequence, twin.sequence, other.sequence) == (1, 1, 2)


async def test_an_id_with_other_content_is_a_conflict_and_nothing_of_the_call_is_stored(
    journal: Journal, engine: AsyncEngine
) -> None:
    await journal.append([new_event("1")], NOON)

    with pytest.raises(EventConflict) as refused:
        await journal.append([new_event("2"), new_event("1", data={"source": "fair"})], NOON)

    assert refused.value.events == [("crm", "1")]
    assert await count(engine, "journal") == 1


async def test_a_batch_that_contradicts_itself_is_a_conflict(journal: Journal, engine: AsyncEngine) -> None:
    with pytest.raises(EventConflict):
        await journal.append([new_event("1"), new_event("1", data={"source": "fair"})], NOON)

    assert await count(engine, "leads") == 0


async def test_the_same_id_of_another_source_is_another_event(journal: Journal) -> None:
    receipts = await journal.append([new_event("1"), new_event("1", source="forms")], NOON)

    assert [receipt.sequence for receipt in receipts] == [1, 2]


async def test_mail_is_numbered_per_lead_in_the_order_of_the_batch_without_gaps(journal: Journal) -> None:
    await journal.append([new_event("0", subject="a")], NOON)

    receipts = await journal.append([new_event(str(i), subject="ab"[i % 2]) for i in range(1, 7)], NOON)

    # odd ids go to b: 1 3 5; even ids to a, which has one already: 2 4 6
    assert [receipt.sequence for receipt in receipts] == [1, 2, 2, 3, 3, 4]


async def test_a_batch_of_a_thousand_keeps_every_event_once(journal: Journal, engine: AsyncEngine) -> None:
    events = [new_event(str(i), subject=f"lead-{i % 300}") for i in range(1000)]

    receipts = await journal.append(events, NOON)

    assert {receipt.id for receipt in receipts} == {str(i) for i in range(1000)}
    assert len({(receipt.lead_id, receipt.sequence) for receipt in receipts}) == 1000
    assert (await count(engine, "leads"), await count(engine, "journal")) == (300, 1000)


async def test_instants_come_back_as_the_same_instant_in_utc(journal: Journal, engine: AsyncEngine) -> None:
    at = datetime(2026, 5, 4, 14, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    [receipt] = await journal.append([new_event("1", at=at)], NOON)
    assert receipt.lead_id is not None

    async with engine.connect() as connection:
        [entry] = await read_all(connection, receipt.lead_id)

    assert entry.effective_at == datetime(2026, 5, 4, 12, 0, 0, 123456, tzinfo=UTC)
    assert entry.effective_at.utcoffset() == timedelta(0)
    assert entry.recorded_at == NOON


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        new_event("1", at=datetime(2026, 5, 4, 12))  # noqa: DTZ001 the naive time is the point


async def test_mail_is_read_from_where_the_reader_stopped_and_no_further_than_asked(
    journal: Journal, engine: AsyncEngine
) -> None:
    receipts = await journal.append([new_event(str(i)) for i in range(1, 6)], NOON)
    lead_id = receipts[0].lead_id
    assert lead_id is not None

    async with engine.connect() as connection:
        mail = await read_mail(connection, lead_id, after=1, limit=3)

    assert [(entry.id, entry.number) for entry in mail] == [("2", 2), ("3", 3), ("4", 4)]


async def test_a_linked_key_leads_to_the_same_lead_also_within_the_batch(journal: Journal) -> None:
    link = new_event("2", type="lead.linked", data={"keys": {"salesforce": "00Q1"}})

    captured, linked, elsewhere = await journal.append(
        [new_event("1"), link, new_event("3", system="salesforce", subject="00Q1")], NOON
    )
    [later] = await journal.append([new_event("4", system="salesforce", subject="00Q1")], NOON)

    assert captured.lead_id == linked.lead_id == elsewhere.lead_id == later.lead_id
    assert later.sequence == 4


async def test_a_key_that_is_taken_stays_with_its_lead(journal: Journal) -> None:
    [first] = await journal.append([new_event("1", system="salesforce", subject="00Q1")], NOON)

    await journal.append([new_event("2", type="lead.linked", data={"keys": {"salesforce": "00Q1"}})], NOON)
    [later] = await journal.append([new_event("3", system="salesforce", subject="00Q1")], NOON)

    assert later.lead_id == first.lead_id


async def test_accounts_and_people_have_streams_of_their_own(journal: Journal, engine: AsyncEngine) -> None:
    told = {"from": "2026-05-04T00:00:00Z", "until": "2026-05-11T00:00:00Z", "deputy": "bo"}

    account, person, again = await journal.append(
        [
            new_event("1", type="account.updated", subject="acme", data={"owner": "ana"}),
            new_event("2", type="person.absent", subject="acme", data=told),
            new_event("3", type="account.updated", subject="acme", data={"owner": "bo"}),
        ],
        NOON,
    )

    assert [receipt.lead_id for receipt in (account, person, again)] == [None, None, None]
    assert [receipt.sequence for receipt in (account, person, again)] == [1, 1, 2]
    assert (await count(engine, "leads"), await count(engine, "mailboxes"), await count(engine, "journal")) == (0, 0, 3)
    async with engine.connect() as connection:
        absence = (await connection.execute(select(absences))).one()
    assert (absence.person_id, absence.deputy) == ("acme", "bo")
    assert absence.starts_at == datetime(2026, 5, 4, tzinfo=UTC)


async def test_new_mail_for_a_lead_that_had_answered_starts_its_rings_over(
    journal: Journal, engine: AsyncEngine
) -> None:
    await journal.append([new_event("1")], NOON)
    async with engine.begin() as connection:
        await connection.execute(update(mailboxes).values(read_to=1, rings=3, ring_due_at=None))

    await journal.append([new_event("2")], NOON + timedelta(minutes=1))

    async with engine.connect() as connection:
        box = (await connection.execute(select(mailboxes))).one()
    assert (box.rings, box.ring_due_at) == (0, NOON + timedelta(minutes=1))


async def test_new_mail_brings_a_ring_forward_and_leaves_one_that_is_due(journal: Journal, engine: AsyncEngine) -> None:
    await journal.append([new_event("1")], NOON)
    due_at = []
    for minutes, due_before in ((1, NOON), (2, NOON + timedelta(minutes=15))):  # not rung yet; rung, and not answered
        async with engine.begin() as connection:
            await connection.execute(update(mailboxes).values(ring_due_at=due_before))
        await journal.append([new_event(f"after {minutes}")], NOON + timedelta(minutes=minutes))
        async with engine.connect() as connection:
            due_at.append(await connection.scalar(select(mailboxes.c.ring_due_at)))

    assert due_at == [NOON, NOON + timedelta(minutes=2)]


async def test_batches_of_new_and_known_leads_run_one_statement_that_stays_prepared(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=1)
    journal = Journal(engine)
    for number in range(8):
        await journal.append(
            [new_event(f"{number}-{lead}", subject=f"lead-{lead + number}") for lead in range(3)], NOON
        )
    await journal.close()

    async with engine.connect() as connection:
        statements = (await connection.execute(text("SELECT statement FROM pg_prepared_statements"))).scalars().all()
    await engine.dispose()
    assert sum("INSERT INTO journal" in statement for statement in statements) == 1


async def test_a_preview_says_what_would_happen_and_stores_nothing(journal: Journal, engine: AsyncEngine) -> None:
    [known] = await journal.append([new_event("1")], NOON)

    previews = await journal.preview(
        [new_event("1"), new_event("1", data={"source": "fair"}), new_event("2"), new_event("3", subject="lead-2")]
    )

    assert [(preview.verdict, preview.lead_id) for preview in previews] == [
        (Verdict.DUPLICATE, known.lead_id),
        (Verdict.CONFLICT, known.lead_id),
        (Verdict.NEW, known.lead_id),
        (Verdict.NEW, None),
    ]
    assert await count(engine, "journal") == 1


@pytest.mark.parametrize("poison", ["nul \x00", "half a pair \ud800", float("nan"), {"deep": ["nul \x00"]}])
async def test_content_the_database_cannot_hold_is_refused_by_name(
    journal: Journal, engine: AsyncEngine, poison: object
) -> None:
    bad = new_event("bad", data=CAPTURED | {"attributes": {"poison": poison}})

    with pytest.raises(UnstorableEventError) as refused:
        await journal.append([new_event("good"), bad], NOON)

    assert refused.value.events == [("crm", "bad")]
    assert await count(engine, "journal") == 0


@pytest.mark.parametrize(
    "word", ['"quoted"', "back\\slash", "{brace,comma}", "NULL", "ümläut 🎉", " spaces ", "%s %(x)s"]
)
async def test_any_word_survives_as_an_id_and_a_subject(journal: Journal, engine: AsyncEngine, word: str) -> None:
    [receipt] = await journal.append([new_event(word, subject=word, source=word, actor=word)], NOON)
    [again] = await journal.append([new_event(word, subject=word, source=word, actor=word)], NOON)
    assert receipt.lead_id is not None

    async with engine.connect() as connection:
        [entry] = await read_all(connection, receipt.lead_id)

    assert (entry.id, entry.source, entry.actor) == (word, word, word)
    assert again.duplicate


async def test_with_the_database_away_the_error_says_so_without_the_address() -> None:
    journal = Journal(create_engine("postgresql://someone:swordfish@127.0.0.1:1/leadloop"))

    with pytest.raises(DatabaseAwayError) as refused:
        await journal.append([new_event("1")], NOON)

    assert "swordfish" not in str(refused.value)


async def test_the_journal_is_append_only_for_ingest(journal: Journal, engine: AsyncEngine) -> None:
    await journal.append([new_event("1"), new_event("2")], NOON)
    await journal.append([new_event("1"), new_event("3")], NOON)

    async with engine.connect() as connection:
        touched = await connection.scalar(text("SELECT count(*) FROM journal WHERE xmax <> 0"))

    assert touched == 0
