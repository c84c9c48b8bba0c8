"""What a step answers beside the journal: who is in a team, how burdened somebody is, whom an actor manages."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import update

from leads.lifecycle import Phase
from storage.tables import clocks, journal, people
from tests.builders import at, captured, fact, raised, touched
from tests.storage.step_desk import ALL_WINS, StepDesk, opened_desk

ASKED = ("feedback_asked", "feedback_spared")


@pytest_asyncio.fixture
async def desk(database_url: str) -> AsyncIterator[StepDesk]:
    async with opened_desk(database_url, ALL_WINS) as opened:
        yield opened


async def worked(desk: StepDesk, subject: str, owner: str = "ana") -> UUID:
    """A lead that this person works on."""
    given = fact("lead.assigned", at(1), owner=owner, id_=f"{subject} given")
    reached = touched(at(2), by=owner, id_=f"{subject} touched")
    return await desk.told(captured(at(0), id_=f"{subject} captured"), given, reached, subject=subject)


async def won(desk: StepDesk, subject: str, minutes: float, owner: str = "ana") -> UUID:
    """The same, won then; the playbook asks about every win, and nobody more than once a day."""
    await worked(desk, subject, owner)
    return await desk.told(fact("lead.won", at(minutes), id_=f"{subject} won"), subject=subject)


async def settled(desk: StepDesk, lead_id: UUID) -> list[tuple[str, str, int]]:
    """Who was asked or spared, and the burden that decided it."""
    rows = [row for row in await desk.rows(journal, lead_id) if row.type in ASKED]
    return [(row.type, row.data["owner"], row.data["asked_of_late"]) for row in rows]


async def test_nobody_is_asked_more_often_in_24_hours_than_the_playbook_says(desk: StepDesk) -> None:
    day = 24 * 60
    first = await won(desk, "a", 10)
    second = await won(desk, "b", 11)
    another = await won(desk, "c", 12, owner="ben")
    next_day = await won(desk, "d", 10 + day)  # the first is 24 hours ago

    assert await settled(desk, first) == [("feedback_asked", "ana", 0)]
    assert await settled(desk, second) == [("feedback_spared", "ana", 1)]
    assert await settled(desk, another) == [("feedback_asked", "ben", 0)]
    assert await settled(desk, next_day) == [("feedback_asked", "ana", 0)]


async def test_of_leads_that_end_at_once_only_one_asks(desk: StepDesk) -> None:
    leads = [await worked(desk, subject) for subject in "abcdef"]
    for subject in "abcdef":
        await desk.mail(fact("lead.won", at(10), id_=f"{subject} won"), subject=subject)

    await asyncio.gather(*(desk.step(lead_id, at(10)) for lead_id in leads))

    asked = [line for lead_id in leads for line in await settled(desk, lead_id)]
    assert sorted(name for name, _, _ in asked) == ["feedback_asked", *["feedback_spared"] * 5]


async def test_two_hand_offs_of_one_person_that_end_in_one_step_count_both(desk: StepDesk) -> None:
    lead_id = await worked(desk, "a")
    for minute in (3, 5):
        to_carl = fact("lead.assigned", at(minute), owner="carl", team="closers")
        await desk.mail(to_carl, fact("lead.returned", at(minute + 1), by="carl", reason="no_fit"), subject="a")

    await desk.step(lead_id, at(7))

    assert await settled(desk, lead_id) == [("feedback_asked", "carl", 0), ("feedback_spared", "carl", 1)]


async def test_steps_that_ask_for_a_team_and_then_for_a_burden_do_not_stop_each_other(desk: StepDesk) -> None:
    leads = [await worked(desk, subject) for subject in "abcdef"]
    for subject in "abcdef":
        events: list[tuple[str, dict[str, Any]]] = [
            ("lead.assigned", {"owner": "carl", "team": "closers"}),
            ("lead.returned", {"by": "carl", "reason": "no_fit"}),  # asked about
            ("lead.rejected", {"by": "ana", "reason": "wrong_territory"}),  # to somebody else of the team
        ]
        mail = [fact(name, at(5 + n), id_=f"{subject} {n}", **data) for n, (name, data) in enumerate(events)]
        await desk.mail(*mail, subject=subject)

    await asyncio.gather(*(desk.step(lead_id, at(12)) for lead_id in leads))

    routed = [row.data["candidates"] for lead_id in leads for row in await desk.rows(journal, lead_id)
              if row.type == "assigned"]  # fmt: skip
    assert [len(candidates) for candidates in routed] == [3] * 6  # all of the team were weighed, for each lead
    asked = [line for lead_id in leads for line in await settled(desk, lead_id)]
    assert sorted(name for name, _, _ in asked) == ["feedback_asked", *["feedback_spared"] * 5]


async def test_an_edit_of_the_roster_holds_no_question_up(desk: StepDesk) -> None:
    lead_id = await worked(desk, "a")
    await desk.mail(fact("lead.won", at(10)), subject="a")
    async with desk.engine.begin() as editor:
        await editor.execute(update(people).where(people.c.person_id == "ana").values(name="Ana"))
        async with asyncio.timeout(3):
            await desk.step(lead_id, at(10))

    assert await settled(desk, lead_id) == [("feedback_asked", "ana", 0)]


async def test_an_owner_who_is_not_in_the_roster_is_asked_as_well(desk: StepDesk) -> None:
    assert await settled(desk, await won(desk, "a", 10, owner="zoe")) == [("feedback_asked", "zoe", 0)]
    assert await settled(desk, await won(desk, "b", 11, owner="zoe")) == [("feedback_spared", "zoe", 1)]


async def test_an_ended_lead_whose_question_waits_is_looked_at_again(desk: StepDesk) -> None:
    lead_id = await worked(desk, "a")
    await desk.mail(fact("lead.won", at(10)), subject="a")

    taken = await desk.step(lead_id, at(10))

    [clock] = [row for row in await desk.rows(clocks, lead_id) if row.clock == "feedback"]
    assert (taken.phase, taken.stage, taken.wake_at) == (Phase.CLOSE_LOOP, "won", clock.due_at)


@pytest.mark.parametrize(
    ("actor", "answer"),
    [
        ("mira", "granted"),
        ("ben", "refused"),
        ("ana", "refused"),  # nobody waives a promise of their own
    ],
)
async def test_a_manager_may_what_others_may_not(desk: StepDesk, actor: str, answer: str) -> None:
    lead_id = await desk.told(captured(at(0)), raised(at(0)))

    given = await desk.give(lead_id, at(5), actor, command="waive", clock="first_touch", reason="outage")

    assert given["answer"] == answer


async def test_who_manages_only_people_who_have_left_manages_nobody(desk: StepDesk) -> None:
    async with desk.engine.begin() as connection:
        await connection.execute(update(people).where(people.c.person_id != "carl").values(is_active=False))
        await connection.execute(update(people).where(people.c.person_id == "ana").values(manager="otto"))
    lead_id = await desk.told(captured(at(0)), raised(at(0)))  # into the queue: nobody is left in sales
    waive = {"command": "waive", "clock": "assign", "reason": "outage"}

    answers = [(await desk.give(lead_id, at(5), actor, **waive))["answer"] for actor in ("otto", "mira")]

    assert answers == ["refused", "granted"]
