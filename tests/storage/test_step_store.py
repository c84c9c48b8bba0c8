"""A step on a real database: one transaction, the same as the core in memory, and harmless when run twice."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import func, insert, text, update

from leads.fold import refold
from leads.lifecycle import Phase
from leads.stages import Stage
from leads.state import dump_state, load_state
from storage.engine import create_engine
from storage.playbooks import Shelves, ensure_default
from storage.reading import read_all
from storage.tables import actions, clocks, commands, journal, leads, timeline
from tests.builders import TO_REACH, at, captured, fact, raised, touched
from tests.storage.step_desk import StepDesk, opened_desk


@pytest_asyncio.fixture
async def desk(database_url: str) -> AsyncIterator[StepDesk]:
    async with opened_desk(database_url) as opened:
        yield opened


async def test_a_raised_hand_gets_an_owner_a_promise_and_a_notice(desk: StepDesk) -> None:
    lead_id = await desk.mail(captured(at(10), name="Ada Lovelace", email="Ada@Example.com"), raised(at(10)))

    taken = await desk.step(lead_id, at(10.1))

    assert (taken.phase, taken.stage) == (Phase.FOLLOW_UP, Stage.ASSIGNED)
    assert taken.wake_at == at(10.1 + 7.5)  # half of 15 minutes after the owner was set
    assert [action.kind for action in taken.actions] == ["notify"]
    [lead] = await desk.rows(leads, lead_id)
    assert (lead.owner, lead.team, lead.segment, lead.provisional) == ("ana", "sales", "hot", False)
    assert (lead.name, lead.email_normalised, lead.due_clock) == ("Ada Lovelace", "ada@example.com", "speed_to_lead")
    promised = {row.clock: row.subject for row in await desk.rows(clocks, lead_id)}
    assert promised == {"assign": None, "speed_to_lead": None, "first_touch": None, "stage": "captured"}
    assert [row.template for row in await desk.rows(actions, lead_id)] == ["assigned"]


async def test_a_step_run_twice_changes_nothing_and_returns_the_same_undone_actions(desk: StepDesk) -> None:
    lead_id = await desk.mail(captured(at(10)), raised(at(10)))
    first = await desk.step(lead_id, at(10.1))
    before = [await desk.rows(table, lead_id) for table in (journal, timeline, clocks, actions, leads)]

    second = await desk.step(lead_id, at(10.2))

    assert second.actions == first.actions
    assert second.wake_at == first.wake_at
    assert [await desk.rows(table, lead_id) for table in (journal, timeline, clocks, actions, leads)] == before


async def test_the_stored_state_is_the_fold_of_the_stored_journal(desk: StepDesk) -> None:
    lead_id = await desk.mail(captured(at(10)), raised(at(10)))
    now = at(10.1)
    for _ in range(6):
        taken = await desk.step(lead_id, now)
        assert taken.wake_at is not None
        now = taken.wake_at
    await desk.mail(touched(at(12)))
    await desk.step(lead_id, now)

    async with desk.engine.connect() as connection:
        entries = await read_all(connection, lead_id)
        state = load_state(await connection.scalar(text("SELECT state FROM lead_states")))
    folded, happenings = refold(str(lead_id), entries, await desk.shelves.at_least(1))
    folded.tick = state.tick
    assert folded == state
    assert dump_state(folded) == dump_state(state)  # the order of clocks and notices too: decisions go by it
    told = {row.key for row in await desk.rows(timeline, lead_id)}
    assert {happening.key for happening in happenings} <= told


async def test_a_late_touch_takes_a_breach_back_and_corrects_the_timeline(desk: StepDesk) -> None:
    lead_id = await desk.mail(captured(at(10)), raised(at(10)))
    await desk.step(lead_id, at(10.1))
    await desk.step(lead_id, at(26))
    await desk.everything_is_sent()
    await desk.step(lead_id, at(37))  # due + 10 min: given to the next
    [before] = await desk.rows(leads, lead_id)
    assert before.owner == "ben"

    await desk.mail(touched(at(12), by="ana"))
    await desk.step(lead_id, at(40))

    rows = {row.clock: row.outcome for row in await desk.rows(clocks, lead_id) if row.clock in TO_REACH}
    assert rows == {"assign": "met", "speed_to_lead": "met", "first_touch": "met"}
    kinds = [row.kind for row in await desk.rows(timeline, lead_id)]
    assert "corrected" in kinds
    assert {row.template for row in await desk.rows(actions, lead_id)} >= {"retraction", "overtaken"}
    [lead] = await desk.rows(leads, lead_id)
    assert (lead.stage, lead.owner, lead.untouched) == ("working", "ben", False)


async def test_the_first_playbook_is_published_once(database_url: str) -> None:
    engine = create_engine(database_url)
    for _ in range(2):
        async with engine.begin() as connection:
            await ensure_default(connection, at(0))
    shelf = await Shelves(engine).at_least(1)
    await engine.dispose()

    assert shelf.latest == 1
    assert shelf.in_force(at(days=-3000)).number == 1


@pytest.mark.parametrize(
    ("body", "now", "answer"),
    [
        ({"command": "accept"}, at(11), "granted"),
        ({"command": "accept"}, at(31), "expired"),  # given at 10, valid for 20 minutes here
        ({"command": "snooze", "until": at(days=1).isoformat()}, at(11), "refused"),
    ],
)
async def test_a_command_is_answered_once_and_never_late(desk: StepDesk, body: Any, now: datetime, answer: str) -> None:
    lead_id = await desk.mail(captured(at(9)), raised(at(9)))
    await desk.step(lead_id, at(9.1))
    command_id = UUID(int=7)
    async with desk.engine.begin() as connection:
        row = {"command_id": command_id, "lead_id": lead_id, "name": body["command"], "body": body, "actor": "ana"}
        row |= {"created_at": at(10), "expires_at": at(10) + timedelta(minutes=20)}
        await connection.execute(insert(commands).values(row))

    answers = [(await desk.step(lead_id, now, command_id)).answer for _ in range(2)]

    assert answers == [answer, answer]
    own = [row for row in await desk.rows(journal, lead_id) if row.type == body["command"]]
    assert len(own) == (answer == "granted")


async def test_a_lead_wakes_for_its_action_at_the_very_instant(desk: StepDesk) -> None:
    lead_id = await desk.mail(captured(at(9)), raised(at(9)))
    before = await desk.step(lead_id, at(9.1))
    assert not before.is_exact
    async with desk.engine.begin() as connection:
        await connection.execute(update(actions).values(retry_at=at(9.2)))

    after = await desk.step(lead_id, at(9.15))

    assert (after.wake_at, after.is_exact) == (at(9.2), True)


async def test_a_command_is_over_by_the_databases_clock_too(desk: StepDesk) -> None:
    """A worker that was stopped between looking at its clock and taking the step knows nothing of the time since."""
    lead_id = await desk.mail(captured(at(9)), raised(at(9)))
    await desk.step(lead_id, at(9.1))
    command_id, body = UUID(int=7), {"command": "accept"}
    row = {"command_id": command_id, "lead_id": lead_id, "name": "accept", "body": body, "actor": "ana"}
    row |= {"created_at": at(10), "expires_at": at(10) + timedelta(seconds=10)}
    async with desk.engine.begin() as connection:
        await connection.execute(insert(commands).values(row))
        await connection.execute(update(commands).values(stored_at=func.now() - timedelta(seconds=11)))

    assert (await desk.step(lead_id, at(10), command_id)).answer == "expired"


async def test_a_fact_the_core_cannot_digest_marks_the_lead_stuck_and_stays_unread(desk: StepDesk) -> None:
    lead_id = await desk.mail(captured(at(10)), fact("lead.assigned", at(10), owner="ana"))
    async with desk.engine.begin() as connection:
        await connection.execute(text("UPDATE journal SET data = '{}' WHERE type = 'lead.assigned'"))

    taken = await desk.step(lead_id, at(11))

    assert taken.stuck_code == "ValidationError"
    assert taken.wake_at == at(16)
    [lead] = await desk.rows(leads, lead_id)
    assert (lead.stage, lead.stuck_code) == ("provisional", "ValidationError")
    assert await desk.rows(timeline, lead_id) == []

    async with desk.engine.begin() as connection:
        await connection.execute(text("""UPDATE journal SET data = '{"owner": "ana"}' WHERE type = 'lead.assigned'"""))
    healed = await desk.step(lead_id, at(16))
    [lead] = await desk.rows(leads, lead_id)
    assert healed.stage is Stage.ASSIGNED
    assert lead.stuck_code is None


async def test_much_mail_is_read_in_portions_and_nothing_is_decided_before_the_last(desk: StepDesk) -> None:
    engaged = [fact("lead.engaged", at(10 + i / 100), kind="page_viewed", id_=f"e{i}") for i in range(600)]
    lead_id = await desk.mail(captured(at(10)), *engaged[:300])
    await desk.mail(*engaged[300:], raised(at(17)))

    first = await desk.step(lead_id, at(30))
    second = await desk.step(lead_id, at(30))

    assert (first.has_more, first.entries_folded) == (True, 500)
    assert (second.has_more, second.entries_folded) == (False, 102)
    assert second.stage is Stage.ASSIGNED
