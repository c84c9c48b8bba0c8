"""Reading leads from a real database: lists and pages, one lead, its timeline, and all of it by index."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest_asyncio
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.explain import explain
from storage import queries, timelines
from storage.engine import create_engine
from storage.journal import Journal
from storage.playbooks import Shelves, ensure_default
from storage.queries import ClockState, LeadFilter, LeadQueries
from storage.step_store import StepStore
from storage.tables import people, team_members, teams
from tests.builders import at, captured, fact, raised, touched
from tests.storage.lead_rows import fill, plan
from tests.storage.new_events import new_event

LEAD = UUID("01990000-0000-7000-8000-000000000007")
NOW = at(3)


class Office:
    """A database with a playbook and two people, leads in it, and someone who reads."""

    def __init__(self, engine: AsyncEngine) -> None:
        shelves = Shelves(engine)
        self.engine, self.journal = engine, Journal(engine)
        self.steps, self.queries = StepStore(engine, shelves), LeadQueries(engine, shelves)

    async def mail(self, *entries: Any, subject: str = "L-1") -> UUID:
        events = [
            new_event(
                entry.id, subject=subject, type=entry.type, at=entry.effective_at, source=entry.source,
                data=entry.data.model_dump(mode="json", exclude_none=True),
            )
            for entry in entries
        ]  # fmt: skip
        [receipt, *_] = await self.journal.append(events, max(entry.recorded_at for entry in entries))
        assert receipt.lead_id is not None
        return receipt.lead_id

    async def told(self, lead_id: UUID, *entries: Any, now: datetime) -> None:
        if entries:
            await self.mail(*entries)
        await self.steps.take_step(lead_id, now)

    async def subjects(self, now: datetime = NOW, after: UUID | None = None, **wanted: Any) -> list[UUID]:
        rows = await self.queries.list_leads(LeadFilter(**wanted), now=now, after=after, limit=2)
        return [row.lead_id for row in rows]


@pytest_asyncio.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    engine = create_engine(database_url, pool_size=4)
    async with engine.begin() as connection:
        await ensure_default(connection, at(days=-30))
        await connection.execute(insert(teams).values(team_id="sales", name="Sales"))
        for person, name in (("ana", "Ana Huber"), ("ben", "Ben Roth")):
            await connection.execute(insert(people).values(person_id=person, name=name, email=f"{person}@example.com"))
            await connection.execute(insert(team_members).values(team_id="sales", person_id=person))
    made = Office(engine)
    yield made
    await made.journal.close()
    await engine.dispose()


async def test_lists_are_newest_first_and_filtered_by_all_that_is_named(office: Office) -> None:
    first = await office.mail(captured(at(0)), raised(at(0)), subject="one")
    second = await office.mail(captured(at(0), id_="c2"), subject="two")
    third = await office.mail(captured(at(0), id_="c3"), raised(at(0), id_="r3"), subject="three")
    for lead_id in (first, second, third):
        await office.steps.take_step(lead_id, at(0.1))

    assert await office.subjects() == [third, second]
    assert await office.subjects(after=second) == [first]
    assert await office.subjects(stage="captured") == [second]
    assert await office.subjects(stage="assigned", owner="ana") == [first]
    assert await office.subjects(team="sales", source="website", untouched=True) == [third, first]
    assert await office.subjects(subject="two") == [second]
    assert await office.subjects(subject="two", stage="won") == []
    assert await office.subjects(subject="two", system="crm") == []
    assert await office.subjects(ignored=True) == await office.subjects(stuck=True) == []
    assert await office.subjects(ignored=False, stuck=False) == [third, second]


async def test_leads_are_found_by_the_state_of_a_promise(office: Office) -> None:
    lead_id = await office.mail(captured(at(0)), raised(at(0)))
    await office.told(lead_id, now=at(0.1))

    assert await office.subjects(clock="first_touch", clock_state=ClockState.RUNNING) == [lead_id]
    assert await office.subjects(clock="assign", clock_state=ClockState.MET) == [lead_id]
    assert await office.subjects(clock="first_touch", clock_state=ClockState.OVERDUE) == []
    # due after 15 minutes: time alone makes it overdue
    assert await office.subjects(at(16), clock="first_touch", clock_state=ClockState.OVERDUE) == [lead_id]
    assert await office.subjects(at(16), clock_state=ClockState.RUNNING) == []
    await office.told(lead_id, touched(at(20)), now=at(20))
    assert await office.subjects(at(21), clock_state=ClockState.BREACHED) == [lead_id]
    assert await office.subjects(at(21), clock_state=ClockState.OVERDUE) == []
    assert await office.subjects(clock="accept") == []


async def test_a_lead_stands_once_on_pages_of_promises_however_many_it_has(office: Office) -> None:
    ids = [
        await office.mail(captured(at(0), id_=f"c{n}"), raised(at(0), id_=f"r{n}"), subject=f"L-{n}") for n in range(4)
    ]
    for lead_id in ids:
        await office.steps.take_step(lead_id, at(0.1))
    newest = ids[::-1]

    for asked in ({"clock_state": ClockState.RUNNING}, {"clock_state": ClockState.MET}, {"clock": "first_touch"}):
        assert await office.subjects(at(1), **asked) == newest[:2]
        assert await office.subjects(at(1), after=newest[1], **asked) == newest[2:]
        assert await office.subjects(at(1), team="sales", untouched=True, **asked) == newest[:2]
        assert await office.subjects(at(1), untouched=False, **asked) == []


async def test_one_lead_comes_with_its_promises_and_a_version_that_changes_with_it(office: Office) -> None:
    lead_id = await office.mail(captured(at(0), name="Ada"), raised(at(0)))
    await office.told(lead_id, now=at(0.1))
    first = await office.queries.get_lead(lead_id)
    again = await office.queries.get_lead(lead_id)
    await office.mail(touched(at(5)))
    unread = await office.queries.get_lead(lead_id)
    await office.told(lead_id, now=at(5))
    read = await office.queries.get_lead(lead_id)

    assert first is not None
    assert again is not None
    assert unread is not None
    assert read is not None
    assert (first.lead.name, {clock.clock for clock in first.clocks}) == (
        "Ada",
        {"speed_to_lead", "assign", "first_touch", "stage"},
    )
    assert [hand_off.touched_at for detail in (first, read) for hand_off in detail.hand_offs] == [None, at(5)]
    assert first.version == again.version
    assert len({first.version, unread.version, read.version}) == 3
    assert (unread.last_sequence, unread.read_to) == (3, 2)
    assert await office.queries.get_lead(LEAD) is None


async def test_the_timeline_tells_entries_and_what_was_taken_back(office: Office) -> None:
    lead_id = await office.mail(captured(at(0)), raised(at(0)))
    await office.told(lead_id, now=at(0.1))
    await office.told(lead_id, now=at(16))
    await office.told(lead_id, now=at(28))  # given to the next ten minutes after it was due, and two for late word
    await office.told(lead_id, touched(at(12)), now=at(30))

    page = await office.queries.timeline(lead_id, limit=200)
    assert page is not None
    by_kind = {line.kind: line for line in page.lines}
    facts = [line.entry.type for line in page.lines if line.kind == "fact" and line.entry]
    assert facts == ["lead.captured", "lead.hand_raised", "lead.touched"]
    assert page.lines[0].entry is not None
    assert all(line.entry is not None for line in page.lines if line.kind in timelines.OF_ENTRIES)
    notices = [line for line in page.lines if line.entry is not None and line.entry.type == "notice_issued"]
    assert {line.delivery.state for line in notices if line.delivery} == {"pending", "withdrawn"}
    assert page.names.people["ana"] == "Ana Huber"
    taken_back = by_kind["corrected"].original
    assert taken_back is not None
    assert not next(line for line in page.lines if line.key == taken_back.key).stands
    small = await office.queries.timeline(lead_id, after=page.lines[1].number, limit=2)
    assert small is not None
    assert ([line.number for line in small.lines], small.has_more) == ([3, 4], True)
    assert await office.queries.timeline(LEAD) is None


async def test_what_a_late_fact_moves_in_time_is_put_right_once_for_each_move(office: Office) -> None:
    lead_id = await office.mail(captured(at(0)), raised(at(0)))
    await office.told(lead_id, now=at(0.1))
    for minute in (10, 8, 6):  # each heard later than the one after it
        await office.told(lead_id, touched(at(minute)), now=at(30 - minute))
    await office.told(lead_id, touched(at(7)), now=at(40))  # moves nothing

    page = await office.queries.timeline(lead_id, limit=200)
    assert page is not None
    kept = next(line for line in page.lines if line.kind == "clock_ended" and line.data["clock"] == "first_touch")
    moved = [line for line in page.lines if line.data.get("corrects") == kept.key]
    assert [(line.kind, line.at, line.stands) for line in (kept, *moved)] == [
        ("clock_ended", at(10), False),
        ("amended", at(8), False),
        ("amended", at(6), True),
    ]
    assert moved[-1].data["data"] == kept.data | {"elapsed_seconds": 354, "working_seconds": 354}  # the step was at 0.1


async def test_what_is_stored_can_be_explained_also_before_the_first_step_and_when_stuck(office: Office) -> None:
    lead_id = await office.mail(captured(at(0)), raised(at(0)))
    waiting = await office.queries.load_state(lead_id)
    await office.told(lead_id, now=at(0.1))
    await office.mail(fact("lead.assigned", at(1), owner="ben"))
    async with office.engine.begin() as connection:
        await connection.execute(text("UPDATE journal SET data = '{}' WHERE type = 'lead.assigned'"))
    await office.steps.take_step(lead_id, at(2))
    stuck = await office.queries.load_state(lead_id)

    assert waiting is not None
    assert stuck is not None
    before = explain(waiting.lead, waiting.journal, waiting.shelf, at(0.1), names=waiting.names, unread=waiting.unread)
    told = explain(stuck.lead, stuck.journal, stuck.shelf, at(2), names=stuck.names, unread=stuck.unread)
    assert (before.stage.stage, before.unread) == ("provisional", 2)
    assert told.summary.startswith("Ana Huber has this lead and has not reached out yet.")
    assert told.summary.endswith("1 event has come in since and is not in this yet.")
    assert stuck.stuck_code == "ValidationError"
    assert await office.queries.load_state(LEAD) is None


LISTS: dict[str, dict[str, Any]] = {
    "all": {}, "stage": {"stage": "won"}, "team": {"team": "team3"}, "owner": {"owner": "rep7"},
    "source": {"source": "source1"}, "ignored": {"ignored": True}, "stuck": {"stuck": True},
    "untouched": {"untouched": True}, "subject": {"subject": "L-7"}, "clock": {"clock": "assign"},
    "running": {"clock_state": ClockState.RUNNING}, "overdue": {"clock_state": ClockState.OVERDUE},
    "met": {"clock": "first_touch", "clock_state": ClockState.MET}, "breached": {"clock_state": ClockState.BREACHED},
    "dodged": {"clock_state": ClockState.DODGED}, "waived": {"clock": "reply", "clock_state": ClockState.WAIVED},
    "both": {"owner": "rep7", "clock_state": ClockState.OVERDUE},
}  # fmt: skip


async def test_every_query_goes_by_index(engine: AsyncEngine) -> None:
    await fill(engine, 20_000, NOW)
    asked = {
        name: queries.list_query(LeadFilter(**wanted), now=NOW, after=LEAD, limit=51) for name, wanted in LISTS.items()
    }
    asked |= {
        "lead": queries.lead_query(LEAD), "clocks": queries.clocks_query(LEAD), "state": queries.state_query(LEAD),
        "hand_offs": queries.hand_offs_query(LEAD), "journal": queries.read_query(LEAD, 3),
        "page": timelines.page_query(LEAD, 0, 51), "lines": timelines.keyed_query(LEAD, ["fact:1"]),
        "corrections": timelines.corrections_query(LEAD),
    }  # fmt: skip

    plans = {name: await plan(engine, query) for name, query in asked.items()}

    assert {name: told for name, told in plans.items() if "Seq Scan" in told} == {}
