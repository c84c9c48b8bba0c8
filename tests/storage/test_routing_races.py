"""Leads given out at the same time, by steps that really run side by side: no turn twice, nobody above a limit."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest_asyncio
import yaml
from sqlalchemy import insert, select, update

from storage import tables
from storage.playbooks import publish
from storage.tables import absences, hand_offs, people, team_members, turns
from tests.builders import at, captured, fact, raised
from tests.storage.step_desk import WITHOUT_LAG, StepDesk, opened_desk

HERD = 24
SOON = at(1)
AT_ONCE = asyncio.Semaphore(7)
"""One connection of the pool is for the playbook."""


@pytest_asyncio.fixture
async def desk(database_url: str) -> AsyncIterator[StepDesk]:
    async with opened_desk(database_url) as opened:
        yield opened


async def publish_routing(desk: StepDesk, **routing: Any) -> None:
    """In force from the beginning of the test on, with the rest of the section as the playbook has it."""
    document = yaml.safe_load(WITHOUT_LAG)
    document["routing"] |= routing
    async with desk.engine.begin() as connection:
        await publish(connection, yaml.safe_dump(document), author="test", comment="routing", now=at(days=-1))


def ruled(campaign: str, **to: str) -> dict[str, Any]:
    return {"name": campaign, "when": {"field": "campaign", "op": "eq", "value": campaign}, **to}


async def of_roster(desk: StepDesk, person: str, **fields: Any) -> None:
    async with desk.engine.begin() as connection:
        await connection.execute(update(people).where(people.c.person_id == person).values(**fields))


async def weigh(desk: StepDesk, **weights: int) -> None:
    async with desk.engine.begin() as connection:
        for person, weight in weights.items():
            of = team_members.c.person_id == person
            await connection.execute(update(team_members).where(of).values(weight=weight))


async def step_all(desk: StepDesk, leads: list[UUID], now: datetime) -> None:
    async def one(lead_id: UUID) -> None:
        async with AT_ONCE:
            await desk.step(lead_id, now)

    await asyncio.gather(*map(one, leads))


async def one_by_one(desk: StepDesk, count: int, since: datetime, first: int) -> None:
    """So many leads, a minute apart."""
    for number in range(count):
        await herd(desk, 1, since + timedelta(minutes=number), first=first + number)


async def herd(desk: StepDesk, count: int = HERD, now: datetime = SOON, first: int = 0) -> list[UUID]:
    """So many leads with a raised hand, all stepped at once."""
    leads = []
    for number in range(first, first + count):
        mail = captured(at(0), id_=f"c{number}"), raised(at(0), id_=f"r{number}")
        leads.append(await desk.mail(*mail, subject=f"lead-{number}"))
    await step_all(desk, leads, now)
    return leads


async def owners(desk: StepDesk) -> Counter[str | None]:
    async with desk.engine.connect() as connection:
        return Counter(await connection.scalars(select(hand_offs.c.owner).where(hand_offs.c.ended_at.is_(None))))


async def test_a_herd_goes_round_without_a_turn_taken_twice(desk: StepDesk) -> None:
    await herd(desk)

    assert await owners(desk) == {"ana": 8, "ben": 8, "cleo": 8}


async def test_a_herd_is_shared_by_weight(desk: StepDesk) -> None:
    await weigh(desk, ana=3, ben=2, cleo=1)

    await herd(desk)

    assert await owners(desk) == {"ana": 12, "ben": 8, "cleo": 4}


async def test_nobody_is_filled_above_what_they_may_have_open(desk: StepDesk) -> None:
    await of_roster(desk, "ana", max_open_leads=2)
    await of_roster(desk, "ben", max_open_leads=5)
    await of_roster(desk, "cleo", max_open_leads=0)

    await herd(desk)

    assert await owners(desk) == {"ana": 2, "ben": 5, None: HERD - 7}


async def test_two_teams_do_not_fill_one_person_up_at_once(desk: StepDesk) -> None:
    async with desk.engine.begin() as connection:
        await connection.execute(insert(team_members).values(team_id="closers", person_id="ana", position=5))
        for person in ("ben", "cleo", "carl"):
            await connection.execute(update(people).where(people.c.person_id == person).values(is_active=False))
    await of_roster(desk, "ana", max_open_leads=5)
    await publish_routing(desk, rules=[ruled("odd", team="closers")])
    leads = []
    for number in range(HERD):
        lead = captured(at(0), id_=f"c{number}", campaign="odd" if number % 2 else "even")
        leads.append(await desk.mail(lead, raised(at(0), id_=f"r{number}"), subject=f"lead-{number}"))

    await step_all(desk, leads, at(1))

    assert await owners(desk) == {"ana": 5, None: HERD - 5}


async def test_a_day_has_so_many_new_leads_and_midnight_begins_the_next(desk: StepDesk) -> None:
    for person in ("ana", "ben", "cleo"):
        await of_roster(desk, person, max_new_leads_per_day=2)
    await herd(desk, 8)
    assert await owners(desk) == {"ana": 2, "ben": 2, "cleo": 2, None: 2}

    async with desk.engine.connect() as connection:
        waiting = list(await connection.scalars(select(hand_offs.c.lead_id).where(hand_offs.c.owner.is_(None))))
    midnight = at(hours=15)
    wakes = [(await desk.step(lead_id, at(5))).wake_at for lead_id in waiting]
    assert max(wake for wake in wakes if wake) <= midnight
    for lead_id in waiting:
        await desk.sleep_until(lead_id, midnight, at(6))

    assert sum(count for person, count in (await owners(desk)).items() if person) == 8


async def test_untouched_leads_in_hand_are_capped_by_segment(desk: StepDesk) -> None:
    await publish_routing(desk, untouched_in_hand={"hot": 2})

    leads = await herd(desk, 8)
    assert await owners(desk) == {"ana": 2, "ben": 2, "cleo": 2, None: 2}

    [first] = {lead.lead_id for lead in await desk.rows(hand_offs, leads[0])}
    owner = (await desk.rows(hand_offs, first))[0].owner
    await desk.mail(fact("lead.touched", at(2), channel="call", by=owner, id_="t"), subject="lead-0")
    await desk.step(first, at(2))
    async with desk.engine.connect() as connection:
        waiting = list(await connection.scalars(select(hand_offs.c.lead_id).where(hand_offs.c.owner.is_(None))))
    await step_all(desk, waiting, at(3))

    assert (await owners(desk))[owner] == 3  # two untouched, one touched


async def test_who_has_room_again_wakes_who_has_waited_longest(desk: StepDesk) -> None:
    for person in ("ben", "cleo"):
        await of_roster(desk, person, is_active=False)
    await of_roster(desk, "ana", max_open_leads=1)
    [first] = await herd(desk, 1, at(1))
    [second] = await herd(desk, 1, at(2), first=1)

    await desk.mail(fact("lead.won", at(5), by="ana", id_="w"), subject="lead-0")
    await desk.step(first, at(5))

    async with desk.engine.connect() as connection:
        wake_at = await connection.scalar(select(tables.leads.c.wake_at).where(tables.leads.c.lead_id == second))
    assert wake_at == at(4)  # past: the courier's next sweep rings it
    await desk.step(second, at(5))
    assert (await owners(desk))["ana"] == 1


async def test_claims_at_once_leave_nobody_above_their_limit(desk: StepDesk) -> None:
    for person in ("ana", "ben", "cleo"):
        await of_roster(desk, person, max_open_leads=0)
    leads = await herd(desk, 6)
    await of_roster(desk, "ana", max_open_leads=2)

    answers = await asyncio.gather(*(desk.give(lead_id, at(2), "ana", command="claim") for lead_id in leads))

    # the first step after the limit was raised gives the lead out by itself: claims and turns share one limit
    assert (await owners(desk))["ana"] == 2
    refused = [answer["reason"] for answer in answers if answer["answer"] == "refused"]
    assert len(refused) >= 4
    assert "you have 2 open leads, and 2 are the most: close one first" in refused


async def test_a_claim_is_a_turn(desk: StepDesk) -> None:
    await publish_routing(desk, rules=[ruled("pool", queue="pool")])
    lead = await desk.told(captured(at(0), campaign="pool"), raised(at(0)), subject="pooled")
    assert (await desk.rows(hand_offs, lead))[0].queue == "pool"
    assert (await desk.give(lead, at(1), "ana", command="claim"))["answer"] == "granted"

    await herd(desk, 2, at(2))

    assert await owners(desk) == {"ana": 1, "ben": 1, "cleo": 1}
    assert len(await desk.rows(turns, lead)) == 1


async def test_a_lead_that_was_none_gives_the_turn_back(desk: StepDesk) -> None:
    await publish_routing(desk, turns_back="checkable")
    leads = await herd(desk, 3)
    async with desk.engine.connect() as connection:
        found = select(hand_offs.c.lead_id).where(hand_offs.c.owner == "ben")
        of_ben = (await connection.scalars(found)).one()
    place = leads.index(of_ben)
    await desk.mail(fact("lead.rejected", at(5), by="ben", reason="duplicate", id_="x"), subject=f"lead-{place}")
    await desk.step(of_ben, at(5))
    await desk.step(of_ben, at(6))  # once is enough

    await herd(desk, 1, at(7), first=10)
    assert await owners(desk) == {"ana": 1, "ben": 1, "cleo": 1}
    await herd(desk, 3, at(8), first=11)
    assert await owners(desk) == {"ana": 2, "ben": 2, "cleo": 2}


async def test_who_is_away_is_given_nothing_and_keeps_their_place(desk: StepDesk) -> None:
    row = {"source": "hr", "event_id": "1", "person_id": "ana", "starts_at": at(-60), "ends_at": at(hours=2)}
    async with desk.engine.begin() as connection:
        await connection.execute(insert(absences).values(row))
    await herd(desk, 6)
    assert await owners(desk) == {"ben": 3, "cleo": 3}

    await one_by_one(desk, 6, at(hours=3), first=6)

    assert await owners(desk) == {"ana": 2, "ben": 5, "cleo": 5}


async def test_who_was_away_catches_up_where_the_playbook_says_so(desk: StepDesk) -> None:
    await publish_routing(desk, after_absence="catch_up", most_to_catch_up=3)
    await herd(desk, 3)
    row = {"source": "hr", "event_id": "1", "person_id": "ana", "starts_at": at(10), "ends_at": at(hours=2)}
    async with desk.engine.begin() as connection:
        await connection.execute(insert(absences).values(row))
    await herd(desk, 10, at(20), first=3)
    assert await owners(desk) == {"ana": 1, "ben": 6, "cleo": 6}

    await one_by_one(desk, 4, at(hours=3), first=20)

    assert (await owners(desk))["ana"] == 5  # three that were missed, and the one whose turn it was
