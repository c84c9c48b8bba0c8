"""A preview on the database: it reads one snapshot, waits for nobody, lets nobody wait, and changes nothing."""

import asyncio
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from leads.what_if.report import Preview
from storage.engine import driver_connection
from storage.playbooks import PlaybookError, publish
from storage.preview_reading import PreviewsBusyError, snapshot
from storage.preview_store import Asked, Progress
from tests.builders import at, captured, fact, raised, touched
from tests.storage.preview_desk import Here, everything, opened, previewed, previews
from tests.storage.step_desk import WITHOUT_LAG, StepDesk

QUALIFIES_SOONER = WITHOUT_LAG.replace("threshold: 50", "threshold: 20")


async def warm(desk: StepDesk, subject: str = "lead-1") -> UUID:
    """With marketing, at thirty points."""
    entries = captured(at(0), id_=f"c-{subject}"), fact("lead.engaged", at(1), id_=f"e-{subject}", kind="x", points=30)
    return await desk.told(*entries, subject=subject)


async def asking(desk: StepDesk, subject: str = "lead-1") -> UUID:
    """Asked for a demo at 09:00, and Ana or somebody has it."""
    lead_id = await desk.mail(captured(at(0), id_=f"c-{subject}"), raised(at(0), id_=f"r-{subject}"), subject=subject)
    await desk.step(lead_id, at(0))
    return lead_id


async def test_a_preview_changes_nothing_in_the_whole_database(database_url: str) -> None:
    async with opened(database_url) as desk:
        await warm(desk)
        await asking(desk, "lead-2")
        await desk.mail(touched(at(3)), subject="lead-2")
        before = await everything(desk)

        found = await previewed(desk, QUALIFIES_SOONER, at(20), since=at(-60))

        assert (found.open.looked.leads, found.open.touched, found.past and found.past.looked.leads) == (2, 1, 1)
        assert await everything(desk) == before


async def test_its_transaction_could_not_write(database_url: str) -> None:
    async with opened(database_url) as desk, snapshot(desk.engine) as leads:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            await leads._rows("DELETE FROM leads RETURNING lead_id")


async def test_steps_mail_and_publishing_go_on_meanwhile_and_are_not_seen(database_url: str) -> None:
    async with opened(database_url) as desk:
        lead_id = await warm(desk)
        weighers = Here(gate=asyncio.Event())
        under_way = asyncio.create_task(previews(desk, weighers).preview(Asked(source=QUALIFIES_SOONER), at(5)))
        await asyncio.wait_for(weighers.begun.wait(), 10)

        await desk.mail(fact("lead.disqualified", at(4), kind="hard"))
        taken = await asyncio.wait_for(desk.step(lead_id, at(5)), 5)
        async with desk.engine.begin() as connection:
            number = await asyncio.wait_for(
                publish(connection, WITHOUT_LAG, author="b", comment="meanwhile", now=at(5)), 5
            )
        assert weighers.gate is not None
        weighers.gate.set()
        found = await under_way

        assert (taken.stage, number) == ("disqualified", 2)
        assert (found.base, found.open.touched) == (1, 1)


async def test_mail_that_no_step_has_read_yet_counts(database_url: str) -> None:
    async with opened(database_url) as desk:
        await asking(desk)
        late = await previewed(desk, WITHOUT_LAG, at(20))
        await desk.mail(touched(at(12)))

        found = await previewed(desk, WITHOUT_LAG, at(20))

        assert [(each.clock, each.old) for each in late.open.breaches] == [("first_touch", 1), ("speed_to_lead", 1)]
        assert found.open.breaches == []


async def test_a_late_fact_has_the_whole_journal_read(database_url: str) -> None:
    async with opened(database_url) as desk:
        lead_id = await asking(desk)
        await desk.step(lead_id, at(16))
        await desk.mail(touched(at(12)))

        found = await previewed(desk, WITHOUT_LAG, at(20))

        assert (found.open.looked.leads, found.open.looked.unreadable) == (1, 0)
        assert found.open.breaches == []


async def test_a_draft_that_could_not_be_published_is_refused_as_publishing_does(database_url: str) -> None:
    async with opened(database_url) as desk:
        with pytest.raises(PlaybookError) as refusal:
            await previewed(desk, WITHOUT_LAG.replace("team: sales", "team: marz", 1), at(0))
    assert refusal.value.lines == ("line 31, segments.0.team: there is no team 'marz' in the roster",)


async def test_a_third_preview_at_once_is_refused(database_url: str) -> None:
    async with opened(database_url) as desk:
        await warm(desk)
        gate = asyncio.Event()
        both = [Here(gate=gate), Here(gate=gate)]
        tasks = [asyncio.create_task(previews(desk, each).preview(Asked(source=WITHOUT_LAG), at(5))) for each in both]
        await asyncio.gather(*(each.begun.wait() for each in both))

        with pytest.raises(PreviewsBusyError):
            await previewed(desk, WITHOUT_LAG, at(5))
        gate.set()
        found: list[Preview] = await asyncio.gather(*tasks)

        assert [each.open.looked.leads for each in found] == [1, 1]
        assert (await previewed(desk, WITHOUT_LAG, at(5))).open.looked.leads == 1


async def test_a_preview_given_up_leaves_its_slot_and_its_connection(database_url: str) -> None:
    async with opened(database_url) as desk:
        await warm(desk)
        for _ in range(10):
            weighers = Here(gate=asyncio.Event())
            task = asyncio.create_task(previews(desk, weighers).preview(Asked(source=WITHOUT_LAG), at(5)))
            await asyncio.wait_for(weighers.begun.wait(), 10)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        assert (await previewed(desk, WITHOUT_LAG, at(5))).open.looked.leads == 1


async def test_a_lead_whose_mail_cannot_be_digested_is_left_out_and_told(database_url: str) -> None:
    async with opened(database_url) as desk:
        await warm(desk)
        odd = await warm(desk, "lead-2")
        await desk.mail(fact("lead.engaged", at(2), kind="x", id_="odd"), subject="lead-2")
        async with driver_connection(desk.engine) as connection:
            await connection.execute("UPDATE journal SET type = 'lead.of_a_newer_version' WHERE event_id = 'odd'")

        found = await previewed(desk, QUALIFIES_SOONER, at(5))

        assert (found.open.looked.leads, found.open.looked.unreadable, found.open.touched) == (1, 1, 1)
        assert "Left out: 1 of the open leads, since their journal cannot be read." in found.summary
        assert str(odd) not in found.model_dump_json()


async def test_of_more_leads_than_asked_for_an_even_sample_is_looked_at(database_url: str) -> None:
    async with opened(database_url) as desk:
        for number in range(40):
            await desk.mail(captured(at(0), id_=f"c{number}"), subject=f"lead-{number}")

        found = await previewed(desk, WITHOUT_LAG, at(5), most_leads=20)

        assert (found.open.looked.of, found.open.looked.is_sample) == (40, True)
        assert 8 <= found.open.looked.leads <= 32
        assert found.summary[-1].endswith(" of 40 open leads was looked at; the figures are of these.")


async def test_how_far_it_is_is_told_to_the_end(database_url: str) -> None:
    async with opened(database_url) as desk:
        await warm(desk)
        await asking(desk, "lead-2")
        told: list[Progress] = []

        await previews(desk).preview(Asked(source=WITHOUT_LAG, since=at(-60)), at(5), told.append)

        assert (told[0], told[-1]) == (Progress(0, 3), Progress(3, 3))


async def test_past_hand_offs_are_folded_again_from_the_journal(database_url: str) -> None:
    async with opened(database_url) as desk:
        lead_id = await asking(desk)
        await desk.sleep_until(lead_id, at(8), at(0))
        await desk.mail(touched(at(12)))
        await desk.step(lead_id, at(12))
        stricter = WITHOUT_LAG.replace("first_touch: {target: PT15M,", "first_touch: {target: PT10M,")

        found = await previewed(desk, stricter, at(60), since=at(-1))

        assert found.past is not None
        assert (found.past.newly_missed, found.past.newly_kept) == (1, 0)
        assert [(each.lead_id, each.clock) for each in found.past.examples] == [(str(lead_id), "first_touch")]
        assert (await previewed(desk, stricter, at(60), since=at(0) + timedelta(minutes=1))).past is not None
