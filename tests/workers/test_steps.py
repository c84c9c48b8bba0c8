"""The real store's words, as Temporal keeps them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from activities.step import ActionRef, StepResult, StoreAway
from leads.lifecycle import Phase
from leads.stages import Stage
from storage.engine import DatabaseAwayError
from storage.step_store import Taken, UnknownLeadError
from storage.turn_rows import DueAction
from workers.steps import StoredSteps

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEAD, COMMAND, ACTION = str(uuid4()), str(uuid4()), uuid4()


@dataclass
class FakeStore:
    says: Taken | Exception
    asked: tuple[UUID, datetime, UUID | None] | None = None

    async def take_step(self, lead_id: UUID, now: datetime, command_id: UUID | None = None) -> Taken:
        self.asked = (lead_id, now, command_id)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


async def test_a_step_travels_as_plain_strings_and_instants() -> None:
    store = FakeStore(
        Taken(
            Phase.FOLLOW_UP,
            Stage.ASSIGNED,
            NOW,
            actions=[DueAction(ACTION, "notify")],
            has_more=True,
            answer="granted",
            due_clock="first_touch",
            due_at=NOW,
            is_exact=True,
        )
    )
    result = await StoredSteps(store).take_step(LEAD, NOW, COMMAND)
    assert store.asked == (UUID(LEAD), NOW, UUID(COMMAND))
    assert result == StepResult(
        phase="follow_up",
        stage="assigned",
        wake_at="2026-03-02T09:00:00+00:00",
        actions=[ActionRef(str(ACTION), "notify")],
        has_more=True,
        answer="granted",
        watch="first_touch due 2026-03-02T09:00:00Z",
        is_exact=True,
    )


async def test_a_stuck_lead_is_watched_by_its_code() -> None:
    store = FakeStore(Taken(Phase.CAPTURE, Stage.CAPTURED, NOW, stuck_code="KeyError"))
    assert (await StoredSteps(store).take_step(LEAD, NOW, None)).watch == "stuck: KeyError"


async def test_a_database_away_is_a_store_away() -> None:
    with pytest.raises(StoreAway):
        await StoredSteps(FakeStore(DatabaseAwayError("away"))).take_step(LEAD, NOW, None)


async def test_a_lead_nobody_knows_has_no_life() -> None:
    result = await StoredSteps(FakeStore(UnknownLeadError("none"))).take_step(LEAD, NOW, COMMAND)
    assert (result.phase, result.wake_at, result.answer) == ("ended", None, "refused")
