"""Actions in the step's transaction: issued once, listed while undone, taken back only unheard."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.decisions import NoticeIssued
from leads.entries import Entry, Kind
from storage.actions import NewAction, issue, undone, withdraw
from storage.engine import create_engine
from storage.tables import actions
from tests.builders import MONDAY, captured

LEAD = UUID("01900000-0000-7000-8000-000000000001")


@pytest_asyncio.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


def warning(key: str = "notice_issued:1", **changes: Any) -> NewAction:
    action = NewAction(
        lead_id=LEAD, key=key, template="warning", to=("owner:ana",), about="first_touch:a", issued_at=MONDAY
    )
    return replace(action, **changes)


async def states(engine: AsyncEngine) -> dict[str, str]:
    async with engine.connect() as connection:
        rows = await connection.execute(select(actions.c.key, actions.c.state))
        return {row.key: row.state for row in rows}


async def set_row(engine: AsyncEngine, key: str, **values: Any) -> None:
    async with engine.begin() as connection:
        await connection.execute(update(actions).where(actions.c.key == key).values(**values))


async def test_a_step_that_runs_twice_issues_once(engine: AsyncEngine) -> None:
    for _ in range(2):
        async with engine.begin() as connection:
            await issue(connection, LEAD, [warning(), warning("notice_issued:2", issued_at=MONDAY + timedelta(1))])

    async with engine.begin() as connection:
        found = await undone(connection, LEAD)
    assert [action.key for action in found] == ["notice_issued:1", "notice_issued:2"]
    assert found[0].action_id == warning().action_id


async def test_the_same_key_of_another_lead_is_another_action(engine: AsyncEngine) -> None:
    other = uuid4()
    async with engine.begin() as connection:
        await issue(connection, LEAD, [warning()])
        await issue(connection, other, [warning(lead_id=other)])
        assert len(await undone(connection, LEAD)) == len(await undone(connection, other)) == 1
    assert warning().action_id != warning(lead_id=other).action_id


async def test_nothing_issued_and_nothing_withdrawn_asks_the_database_nothing(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await issue(connection, LEAD, [])
        await withdraw(connection, LEAD, [])
        assert await undone(connection, LEAD) == []


@pytest.mark.parametrize(
    ("state", "told", "is_listed", "is_withdrawable"),
    [
        ("pending", None, True, True),
        ("pending", ["ana"], True, False),  # put off half way: somebody has heard
        ("claimed", None, True, False),  # perhaps under way this very moment
        ("done", None, False, False),
        ("withdrawn", None, False, False),
        ("parked", None, False, False),
    ],
)
async def test_only_what_nobody_heard_is_taken_back(
    engine: AsyncEngine, state: str, told: list[str] | None, *, is_listed: bool, is_withdrawable: bool
) -> None:
    async with engine.begin() as connection:
        await issue(connection, LEAD, [warning()])
    await set_row(engine, warning().key, state=state, payload=warning().payload | ({"told": told} if told else {}))

    async with engine.begin() as connection:
        found = await undone(connection, LEAD)
        await withdraw(connection, LEAD, [warning().key])

    assert [action.is_withdrawable for action in found] == ([is_withdrawable] if is_listed else [])
    assert await states(engine) == {warning().key: "withdrawn" if is_withdrawable else state}


async def test_a_sender_waits_for_the_step_that_may_withdraw(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await issue(connection, LEAD, [warning()])

    async with engine.begin() as step:
        await undone(step, LEAD)
        sender = asyncio.create_task(set_row(engine, warning().key, state="claimed"))
        done, _ = await asyncio.wait({sender}, timeout=0.2)
        assert not done
    await sender


def test_a_decision_names_its_action() -> None:
    decision = Entry(
        kind=Kind.DECISION,
        type="notice_issued",
        effective_at=MONDAY,
        source="leadloop",
        id="notice_issued:1",
        data=NoticeIssued(
            saw=1, revision=1, template="breach", to=("owner:ana",), about="first_touch:a", rung="due", owner="ana"
        ),
        recorded_at=MONDAY,
    )

    action = NewAction.of(LEAD, decision)

    assert (action.key, action.template, action.issued_at) == ("notice_issued:1", "breach", MONDAY)
    assert action.payload == {"to": ["owner:ana"], "about": "first_touch:a", "owner": "ana", "rung": "due"}
    assert action.action_id == NewAction.of(LEAD, decision).action_id


def test_other_decisions_ask_nobody_to_act() -> None:
    with pytest.raises(TypeError, match=r"lead\.captured"):
        NewAction.of(LEAD, captured())
